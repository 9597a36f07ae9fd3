"""What may be known of the release of a bank: its record for acts, the review for people who look, and what waits for a decision."""

from backend.release.reads.review import ReviewView, reasons, review
from backend.release.reads.rows import is_released, record_of
from backend.release.reads.waiting import WaitingBank, carried_out, waiting_banks

__all__ = ["ReviewView", "WaitingBank", "carried_out", "is_released", "reasons", "record_of", "review", "waiting_banks"]
