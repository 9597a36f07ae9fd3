"""The second half of the thread on one record: a bank is tested and released, one infusion is over, the next dose begun."""

from dataclasses import dataclass

from backend.ledger import Ledger
from backend.rehearsal import bank, doses
from tests import story
from tests.people import by, sign
from tests.release.acting import deviate


@dataclass(frozen=True)
class Treated:
    """The subject, the batch, the dose that stands thawed on the bench, and the sample of the first one whose sterility nobody has read."""

    coi: str
    batch: str
    dose: str
    sample: str


def treated(ledger: Ledger) -> Treated:
    """From the marrow to the second dose; a vial is picked, a role waits, a document is printed, so that every page has something on it."""
    run = story.frozen(ledger)
    coi, batch = run.harvest.coi, run.batch
    story.advance(ledger, days=35)
    bank.type_reference(ledger, coi)
    bank.test_bank(ledger, batch)
    bank.release(ledger, batch)
    doses.open_route(ledger, coi)
    first = doses.prepare(ledger, doses.order(ledger, coi, 1))
    doses.bring(ledger, first)
    given = doses.give(ledger, first, run.harvest.wristband)
    story.advance(ledger, minutes=20)
    doses.finish(ledger, given, str(doses.label_ml(ledger, first)), "0.0")
    story.advance(ledger, days=3)
    doses.clear(ledger, coi, 1)
    story.advance(ledger, days=27)
    ledger.do("dossier.print_record", {"subject": coi, "edition": "masked"}, by=by("QA1"))
    who = {"person": "NEW2", "name": "Somebody New"}
    ledger.do("access.add_person", who, by=by("ADM1"))
    ledger.do("access.grant", {"person": "NEW2", "role": "technician"}, by=by("ADM1"))
    dose, _ = doses.thaw(ledger, doses.order(ledger, coi, 2))
    ledger.do("quality.place_hold", {"about": batch, "why": "A question."}, by=by("QA1"), signatures=sign("QA1"))
    deviate(ledger, batch)
    with ledger.read() as session:
        (growing,) = [one.container_code for one in bank.wait_for(session, batch, first.dose) if one.test == "sterility"]
    return Treated(coi, batch, dose, growing)
