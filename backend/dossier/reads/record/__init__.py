"""The record of one subject as the content of a document, in one of two editions, as the chain stood at one of its entries.

Nothing is read from the tables beside the chain: the same entries give the same content for as long as they and the keys exist.
"""

from sqlmodel import Session

from backend.dossier.models import Closed
from backend.dossier.reads.record import beginning, ending, infusions, making, testing, things
from backend.dossier.reads.record.parts import Content, Section
from backend.dossier.reads.record.scribe import Scribe
from backend.dossier.reads.rows import Then
from backend.ledger import UnknownCode
from backend.ledger.sealing import Keyring
from backend.ledger.spelling import instant, zone_words
from backend.subject.models import Subject, Withdrawn

__all__ = ["Content", "content_of"]


def content_of(session: Session, keyring: Keyring, rows: Then, edition: str) -> Content:
    """What this edition says of a subject as these entries left them; UnknownCode when the chain is no subject's."""
    subjects = rows.all(Subject)
    if not subjects:
        raise UnknownCode(rows.coi)
    s = Scribe(session, keyring, rows, edition, subjects[0].folder_code)
    last, trial = rows.chapters[-1], s.folder.trial
    head_at = instant(last.body["at"])
    state = "closed" if rows.all(Closed) else "withdrawn, not closed" if rows.all(Withdrawn) else "not closed"
    return Content(
        edition=edition, trial=trial.trial, protocol=trial.protocol_title, product=trial.product.name.en, site=trial.site,
        number=subjects[0].number, coi=rows.coi, seq=last.seq, head=last.hash, head_at=s.at(head_at),
        zone=f"{trial.time_zone} ({zone_words(head_at.astimezone(s.zone))})", state=state, sections=tuple(_sections(s)),
    )  # fmt: skip


def _sections(s: Scribe) -> list[Section]:
    return [
        beginning.subject(s), beginning.collections(s), *making.batches(s), testing.tests(s), testing.release(s),
        infusions.routes_and_orders(s), infusions.doses(s), things.containers(s), things.labels(s), things.custody(s), ending.quality(s),
        ending.account(s), ending.signatures(s), ending.refusals(s),
    ]  # fmt: skip
