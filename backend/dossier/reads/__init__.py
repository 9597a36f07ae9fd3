"""What may be known at the end of a subject's way: the final account, and the record as a document's content."""

from backend.dossier.reads.account import (
    AccountView,
    account_view,
    against_closing_now,
    disposing,
    dose_fates,
    fate_of,
    fates_of,
    is_at_the_end,
    shown_account,
    to_close,
    vials_of,
)
from backend.dossier.reads.prints import PrintLine, PrintView, document, may_open, prints_of
from backend.dossier.reads.rows import Live, Rows, Then, then

__all__ = [
    "AccountView", "Live", "PrintLine", "PrintView", "Rows", "Then", "account_view", "against_closing_now", "disposing", "document",
    "dose_fates", "fate_of", "fates_of", "is_at_the_end", "may_open", "prints_of", "shown_account", "then", "to_close",
    "vials_of",
]  # fmt: skip
