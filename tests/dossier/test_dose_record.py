"""What the record says of tests, doses and infusions, with every way in which they can go."""

from typing import Any

import pytest

from backend.dossier.reads.record.parts import Content
from backend.ledger import Ledger
from tests.conftest import At
from tests.dossier import rig
from tests.dossier.reading import content
from tests.people import by
from tests.visit import signed_in, words

Row = tuple[str, dict[str, Any]]


def section(made: Content, title: str) -> str:
    """Everything that one section says, old values and small lines too."""
    return next(one for one in made.sections if one.title == title).model_dump_json()


def first_dose(at: Any, coi: str, vials: list[str]) -> list[Row]:
    """Counted twice because it did not match, released, checked with a stop and without, given, stopped, cleared."""
    read = {"dose_code": "$dose1", "step": "count", "field": "viable_cells"}
    return [
        ("Batch", {"code": "$b", "coi": coi, "collection_code": "x", "folder_code": "x"}),
        ("BatchDecision", {"batch_code": "$b", "decision": "released", "why": "Everything conforms.", "by": "QA1"}),
        *rig.dose(at, "$b", vials, coi=coi),
        ("DoseVial", {"code": "$v", "dose_code": "$dose1", "container_code": vials[0], "by": "PREP1"}),
        ("PrepReading", read | {"seat": "first", "number": 1, "value": "111111"}),
        ("PrepReading", read | {"seat": "first", "number": 2, "value": "222222"}),
        ("PrepMismatched", {"code": "$m", "dose_code": "$dose1", "step": "count"}),
        ("PrepMatched", {"code": "$pm", "dose_code": "$dose1", "step": "count", "number": 2, "first": "PREP1", "second": "PREP2",
                         "worked": "total=222222"}),
        ("DoseDecision", {"dose_code": "$dose1", "decision": "released", "why": "It has 222222 cells.", "by": "UQA1"}),
        ("Checked", {"code": "$k1", "coi": coi, "wristband": "W-scan", "dose": "L-scan", "order_code": "x", "access": "Ommaya reservoir",
                     "stops": "This is another subject's dose.\nThe wristband is void."}),
        ("Checked", {"code": "$k2", "coi": coi, "wristband": "W-scan", "dose": "L-scan", "order_code": "x", "access": "catheter",
                     "stops": ""}),
        ("Confirmed", {"code": "$c", "coi": coi, "dose_code": "$dose1", "order_code": "$order1", "wristband_code": "W",
                       "access": "catheter"}),
        *rig.given(at, coi, end={"given_ml": "6.5", "left_ml": "3.5", "stopped_because": "headache", "events": "headache, grade 1"}),
        ("Cleared", {"code": "$clear", "coi": coi, "infusion": 1, "found": "Neurologically unchanged."}),
    ]  # fmt: skip


def second_dose(at: Any, coi: str) -> list[Row]:
    """Begun at the bedside, and nothing went in: annulled, and disposed of."""
    over = {"ended_at": at, "ended_by": "PREP1", "ended_why": "The syringe broke."}
    return [
        *rig.dose(at, "$b", [], 2, coi=coi, order=over, dose=over),
        *rig.given(at, coi, 2, finished=False, given={"annulled_at": at, "annulled_by": "PHYS1", "annulled_witness": "NURS1"}),
        ("NothingGiven", {"administration_code": "$given2", "left_ml": "9.9", "loss": "0.1 mL on the floor.", "witness": "NURS1"}),
    ]  # fmt: skip


def cultures(coi: str) -> list[Row]:
    """A culture of the bank that grew, and was corrected: the first result was another tube's."""
    first = {"container_code": "$Ct", "test": "sterility", "unit": "", "method": "USP <71>", "limit": "no growth"}
    return [
        ("Container", {"code": "$Ct", "kind": "sample tube", "name": "sample sterility"}),
        ("SampleTaken", {"container_code": "$Ct", "batch_code": "$b", "step": "HAR-5", "passage": "", "tests": "",
                         "amount_ml": "2.0"}),
        ("SampleTest", {"container_code": "$Ct", "test": "sterility", "batch_code": "$b", "stage": "harvest", "title": "Sterility",
                        "method": "USP <71>", "kind": "choice", "unit": "", "options": "no growth\ngrowth", "limit": "no growth",
                        "override": "never", "censored": "", "due_at": "2026-03-16T01:00:00Z"}),
        ("SampleReceived", {"container_code": "$Ct", "condition": "cold and whole", "by": "ANA1"}),
        ("Result", first | {"code": "$r1", "number": 1, "kind": "first", "value": "growth", "verdict": "out", "by": "ANA1", "why": "",
                            "sentence": "Sterility is growth; it must be no growth."}),
        ("Deviation", {"code": "$d", "about": "$b", "grade": "critical", "sentence": "Sterility is growth; it must be no growth."}),
        ("ResultDeviation", {"result_code": "$r1", "deviation_code": "$d"}),
        ("Result", first | {"code": "$r2", "number": 2, "kind": "correction", "value": "no growth", "verdict": "in", "sentence": "",
                            "why": "Another tube was read.", "by": "ANA1"}),
        ("ResultReviewed", {"result_code": "$r2", "by": "ANA2"}),
        ("Unmasked", {"coi": coi, "by": "PHYS1", "reason": "seizure", "told": "the high carotid arm"}),
        ("DeviationDescribed", {"code": "$dd", "deviation_code": "$d", "cause": "Tube mixed up.", "impact": "None.",
                                "action": "Read again."}),
        ("DeviationDecided", {"deviation_code": "$d", "accepted": True, "why": "The right tube shows no growth.", "by": "QA1"}),
        ("Hold", {"code": "$h", "about": "$b", "why": "Sterility.", "ended_at": "2026-03-02T02:00:00Z", "ended_by": "QA1",
                  "ended_why": "Corrected."}),
        ("HoldSeen", {"hold_code": "$h", "by": "TECH1"}),
    ]  # fmt: skip


@pytest.fixture
def told(banked: At) -> tuple[Ledger, str]:
    ledger, here = banked.ledger, banked.told
    assert isinstance(here, rig.Bank)
    vials, at = rig.pick(ledger, here, 0), ledger.clock()
    rows = [*first_dose(at, here.coi, vials), *second_dose(at, here.coi), *cultures(here.coi)]
    folder = rig.folder_of(ledger)
    rows = [(kind, given | {"folder_code": folder} if kind == "Batch" else given) for kind, given in rows]
    rig.plant(ledger, here.coi, *rows)
    return ledger, here.coi


def test_a_dose_is_told_from_its_vials_to_what_went_in(told: tuple[Ledger, str]) -> None:
    said = section(content(*told, "masked"), "Doses and infusions")
    for sentence in (
        "The two readings of count did not match.", "Conforms to its assigned specification",
        "This is another subject's dose. The wristband is void.",
        "STOP", "GIVE", "6.5 mL went in, 3.5 mL are left", "stopped: headache", "headache, grade 1", "partly administered",
        "Neurologically unchanged.", "9.9 mL are left. 0.1 mL on the floor.", "Annulled", "The syringe broke.", "destroyed",
    ):  # fmt: skip
        assert sentence in said, sentence
    assert "111111" not in said and "222222" not in said
    full = section(content(*told, "full"), "Doses and infusions")
    assert '"text":"222222","was":[["111111","read again' in full and "It has 222222 cells." in full


MATCHED = {"dose_code": "$dose1", "step": "count", "first": "PREP1", "second": "PREP2"}
CORRECTED: tuple[Row, ...] = (
    ("PrepMatched", MATCHED | {"code": "$m1", "number": 1, "worked": "total=111111", "ended_at": "2026-03-02T02:00:00Z",
                               "ended_by": "PREP2"}),
    ("PrepCorrected", {"code": "$pc", "dose_code": "$dose1", "step": "count", "matched_code": "$m1", "why": "It was 333333.",
                       "by": "PREP2"}),
    ("Hold", {"code": "$ch", "about": "$dose1", "why": "A reading was corrected.", "cause": "dose.correct",
              "ended_at": "2026-03-02T03:00:00Z", "ended_by": "UQA1", "ended_why": "The reason is masked."}),
)  # fmt: skip
AGAIN: tuple[Row, ...] = (
    ("PrepMatched", MATCHED | {"code": "$m2", "number": 2, "worked": "total=222222"}),
    ("DoseHoldLifted", {"hold_code": "$ch", "dose_code": "$dose1", "why": "222222 conform."}),
)


def corrected(banked: At, *more: Row, readings: int = 2) -> tuple[Ledger, str]:
    ledger, here = banked.ledger, banked.told
    assert isinstance(here, rig.Bank)
    read = {"dose_code": "$dose1", "step": "count", "field": "viable_cells", "seat": "first"}
    kept = [("PrepReading", read | {"number": n, "value": str(n) * 6}) for n in range(1, readings + 1)]
    batch = {"code": "$b", "coi": here.coi, "collection_code": "x", "folder_code": rig.folder_of(ledger)}
    rig.plant(ledger, here.coi, ("Batch", batch), *rig.dose(ledger.clock(), "$b", [], coi=here.coi), *kept, *CORRECTED, *more)
    return ledger, here.coi


def test_f2_a_corrected_reading_is_superseded_in_the_full_edition_and_the_correction_is_in_both(banked: At) -> None:
    told = corrected(banked, *AGAIN)
    full, masked = (section(content(*told, edition), "Doses and infusions") for edition in ("full", "masked"))
    assert '"text":"222222","was":[["111111","superseded by a correction (' in full
    assert "Viable cells after the wash: 222222 cells" in full
    assert "; superseded, 2026-03-02" in full and "It was 333333." in full and "222222 conform." in full
    for said in ("Corrections of the preparation", "Holds of corrections that were lifted", "superseded by a correction"):
        assert said in full and said in masked, said
    assert not any(value in masked for value in ("111111", "222222", "333333"))


def test_w3_f2_what_is_being_read_again_is_covered_in_the_full_edition_too(banked: At) -> None:
    said = section(content(*corrected(banked), "full"), "Doses and infusions")
    assert '"text":"covered until two people have read the same","was":[["111111","superseded by a correction (' in said
    assert "222222" not in said and "333333" not in said


def test_f2_a_reading_that_nobody_has_read_again_is_said_to_be_superseded(banked: At) -> None:
    said = section(content(*corrected(banked, readings=1), "full"), "Doses and infusions")
    assert '"text":"to be read again","was":[["111111","superseded by a correction (' in said


def test_every_result_stays_and_the_newest_counts(told: tuple[Ledger, str]) -> None:
    said = section(content(*told, "masked"), "Samples, tests and results")
    for sentence in (
        "cold and whole", "first result, superseded.", "correction result. Another tube was read.", "not reviewed", "Ai Xin, ",
        "out of limits: Sterility is growth; it must be no growth.", "in limits", "no growth",
    ):  # fmt: skip
        assert sentence in said, sentence
    decided = section(content(*told, "masked"), "Release of the bank")
    assert "released" in decided and "Everything conforms." in decided
    wrong = section(content(*told, "masked"), "Deviations and holds")
    assert "Cause: Tube mixed up. Impact: None. Action: Read again." in wrong and "accepted: The right tube shows no growth." in wrong
    assert "Corrected." in wrong and "Lin Yue" in wrong


def test_an_emergency_unmasking_is_told_without_what_was_told(told: tuple[Ledger, str]) -> None:
    assert "seizure" in section(content(*told, "masked"), "The subject")
    assert "the high carotid arm" not in section(content(*told, "masked"), "The subject")
    assert "the high carotid arm" in section(content(*told, "full"), "The subject")


def test_a_scanned_vial_offers_its_disposition_until_it_has_one(banked: At) -> None:
    ledger, here = banked.ledger, banked.told
    assert isinstance(here, rig.Bank)
    hands = signed_in(ledger, "TECH1")
    assert "Record a disposition" in words(hands.get(f"/scan?code={here.labels[0]}"))
    rig.dispose(ledger, here.vials[:1], "retained")
    assert "Record a disposition" not in words(hands.get(f"/scan?code={here.labels[0]}"))
    ledger.do("custody.void_label", {"label": here.labels[1]}, by=by("TECH1"), reason="Smeared.")
    assert "Record a disposition" not in words(hands.get(f"/scan?code={here.labels[1]}"))
    assert hands.get(f"/dispose?container={here.labels[1]}").status_code == 200
