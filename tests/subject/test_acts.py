"""A subject's way into the trial: enrolled, screened, bound; and everything that stops it on the way."""

from collections.abc import Callable
from datetime import date, timedelta

import orjson
import pytest
from sqlmodel import select

from backend.access.reads import viewer_of
from backend.custody.reads import live_label
from backend.ledger import Ledger, Nonsense, NotAllowed, Refused, UnknownCode, offered
from backend.quality.reads import open_deviations, open_holds
from backend.subject.acts.screening import LATE
from backend.subject.models import Bound, Consent, EligibilityAnswer, ReferenceSample, Serology, Subject, Withdrawn
from backend.subject.reads import live_wristband, serology_of, subject_view, subjects
from tests import story
from tests.conftest import At
from tests.people import by, sign
from tests.story import PEOPLE, Enrolled, Somebody


@pytest.fixture
def ready(at: Callable[..., At]) -> Ledger:
    """The folder is in force and the list sealed; nobody is enrolled."""
    return at("list_imported", story.list_imported).ledger


@pytest.fixture
def enrolled(at: Callable[..., At]) -> tuple[Ledger, str]:
    here = at("enrolled", story.enrolled)
    assert isinstance(here.told, Enrolled)
    return here.ledger, here.told.coi


@pytest.fixture
def bound(at: Callable[..., At]) -> tuple[Ledger, Enrolled]:
    here = at("bound", story.bound)
    assert isinstance(here.told, Enrolled)
    return here.ledger, here.told


def _enrol(ledger: Ledger, given: dict[str, object], person: str = "COOR1") -> str:
    coi: str = ledger.do("subject.enrol", given, by=by(person), signatures=sign(person)).result
    return coi


# ---- enrolment ----


def test_an_enrolled_subject_has_a_coi_and_is_sealed(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    with ledger.read() as session:
        row = session.exec(select(Subject)).one()
        answers = {a.criterion: a.answer for a in session.exec(select(EligibilityAnswer))}
        consent = session.exec(select(Consent)).one()
        seen = subject_view(session, ledger, coi, viewer_of(session, "COOR1", ledger.clock()))
    assert coi == row.code
    assert coi.startswith("S")
    assert row.full_name.startswith("~identity.")
    assert seen.named is not None
    assert (seen.named.full_name, seen.named.record_number, seen.named.birth_date, seen.named.sex) == (
        "Gao Lihua", "MRN-204417", "1969-04-12", "female",
    )  # fmt: skip
    assert answers["NIHSS"] == "8"
    assert not answers.keys() & {"AGE", "SEX"}
    assert (consent.form, consent.given_by) == ("ICF 1.0", "subject")


def test_no_name_and_no_record_number_stands_in_the_record(enrolled: tuple[Ledger, str]) -> None:
    ledger, _ = enrolled
    with pytest.raises(Refused):
        _enrol(ledger, story.enrolling(ledger, PEOPLE[1], NIHSS="2"))
    with ledger.engine.connect() as conn:
        bodies = b"".join(bytes(row[0]) for row in conn.exec_driver_sql("SELECT body FROM entry"))
    for who in PEOPLE[:2]:
        for word in (who.full_name, who.record_number, who.birth_date):
            assert word.encode() not in bodies


def test_a_refused_enrolment_is_an_entry_of_the_site_and_leaves_no_subject(ready: Ledger) -> None:
    """Decision S5."""
    with pytest.raises(Refused, match="must be 5 to 12"):
        _enrol(ready, story.enrolling(ready, NIHSS="2"))
    with ready.engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT chain, body FROM entry WHERE act = 'subject.enrol'").all()
        chains = {row[0] for row in conn.exec_driver_sql("SELECT chain FROM head")}
    assert [row[0] for row in rows] == ["site"]
    body = orjson.loads(bytes(rows[0][1]))
    assert body["refused"] == ["The NIHSS score is 2; it must be 5 to 12."]
    assert body["inputs"]["full_name"].startswith("~identity.")
    assert chains == {"access", "site", "supplies"}


def test_every_failing_criterion_is_named_at_once(ready: Ledger) -> None:
    wrong = story.enrolling(ready, PEOPLE[0], NIHSS="13", MRS="2", HIV="reactive", PRESSURE="yes", SYSTOLIC="180", CONSENT="no")
    wrong |= {"birth_date": "1960-01-01", "consent_form": "ICF 0.9", "number": "7"}
    with pytest.raises(Refused) as no:
        _enrol(ready, wrong)
    said = " ".join(no.value.reasons)
    for words in (
        "The NIHSS score is 13; it must be 5 to 12.", "The mRS score is 2; it must be 3 to 5.", "HIV serology is reactive",
        "raises intracranial pressure", "180 mmHg despite treatment", "no informed consent in writing",
        "the age must be 18 to 65 years, and it is not.",
        "the form in force is ICF 1.0", "“7” is no subject number",
    ):  # fmt: skip
        assert words in said
    assert len(no.value.reasons) == 9


def test_a_missing_answer_is_a_reason(ready: Ledger) -> None:
    given = story.enrolling(ready)
    del given["answers"]["MENTAL"]
    with pytest.raises(Refused, match="has no answer; every criterion must be answered"):
        _enrol(ready, given)


def test_the_day_is_the_sites_own(ready: Ledger, at: Callable[..., At]) -> None:
    """Eighteen in Nantong is eighteen, while it is still yesterday in UTC (decision D2)."""
    story.advance(ready, hours=16)  # 17:00 UTC on 2026-03-02 is 01:00 on 2026-03-03 there
    given = story.enrolling(ready) | {"birth_date": "2008-03-03"}
    assert _enrol(ready, given).startswith("S")


def test_a_subject_number_is_given_once(enrolled: tuple[Ledger, str]) -> None:
    ledger, _ = enrolled
    with pytest.raises(Refused, match="This subject number is taken"):
        _enrol(ledger, story.enrolling(ledger, Somebody("S01", "Ma Jianguo", "MRN-198850", "1964-11-30", "male")))


def test_the_same_record_number_is_refused_whatever_anybody_signs(enrolled: tuple[Ledger, str]) -> None:
    ledger, _ = enrolled
    given = story.enrolling(ledger, Somebody("S02", "Ma Jianguo", "mrn 204417", "1964-11-30", "male"))
    with pytest.raises(Refused, match="Somebody with this record number is enrolled already"):
        _enrol(ledger, given)
    with pytest.raises(Refused, match="Somebody with this record number is enrolled already"):
        ledger.do(
            "subject.enrol_similar", given | {"third_identifier": "ID 1"}, by=by("COOR1"), signatures=sign("COOR1", "COOR2"), reason="O"
        )  # fmt: skip


TWIN = Somebody("S02", "LIHUA  Gao", "MRN-777001", "1969-04-12", "female")


def test_somebody_similar_needs_the_second_person_and_names_nobody(enrolled: tuple[Ledger, str]) -> None:
    """Decision S7."""
    ledger, _ = enrolled
    with pytest.raises(Refused) as no:
        _enrol(ledger, story.enrolling(ledger, TWIN))
    assert len(no.value.reasons) == 1
    assert "a second person must sign it, with a third identifier and a reason" in no.value.reasons[0]
    assert "Gao" not in no.value.reasons[0]
    given = story.enrolling(ledger, TWIN) | {"third_identifier": "Identity card 320602"}
    with pytest.raises(Refused, match="1 of 2 signatures"):
        ledger.do("subject.enrol_similar", given, by=by("COOR1"), signatures=sign("COOR1"), reason="Two people.")
    with pytest.raises(Refused, match="A reason is needed"):
        ledger.do("subject.enrol_similar", given, by=by("COOR1"), signatures=sign("COOR1", "COOR2"))
    reason = "Two people: the identity cards differ."
    coi = ledger.do("subject.enrol_similar", given, by=by("COOR1"), signatures=sign("COOR1", "COOR2"), reason=reason).result
    with ledger.read() as session:
        row = session.get_one(Subject, coi)
        assert row.third_identifier is not None
        assert ledger.keyring.open(session, coi, row.third_identifier) == "Identity card 320602"


def test_the_thirteenth_enrolment_is_refused(ready: Ledger) -> None:
    """Decision D3."""
    for n in range(1, 13):
        _enrol(ready, story.enrolling(ready, Somebody(f"S{n:02}", "Abcdefghijklm"[n - 1] * 8, f"MRN-{n}", f"19{60 + n}-05-01", "male")))
    with pytest.raises(Refused, match="12 subjects are enrolled; the trial has at most 12"):
        _enrol(ready, story.enrolling(ready, Somebody("S13", "Zhu Last", "MRN-13", "1980-05-01", "male")))


def test_nobody_is_enrolled_while_the_trial_is_suspended(ready: Ledger) -> None:
    ready.do("trial.set_status", {"status_is": "suspended", "why": "Ethics."}, by=by("QA1"), signatures=sign("QA1"))
    with pytest.raises(Refused, match="The trial is suspended"):
        _enrol(ready, story.enrolling(ready))


@pytest.mark.parametrize("person", ["TECH1", "QA1", "PHYS1", "RAND1", "ADM1"])
def test_nobody_enrols_but_a_coordinator(ready: Ledger, person: str) -> None:
    with pytest.raises(NotAllowed):
        _enrol(ready, story.enrolling(ready), person)


def test_what_is_no_date_is_nonsense_and_nothing_is_recorded(ready: Ledger) -> None:
    with pytest.raises(Nonsense) as no:
        _enrol(ready, story.enrolling(ready) | {"birth_date": "1969-02-30", "full_name": ""})
    assert set(no.value.faults) == {"birth_date", "full_name"}
    with ready.engine.connect() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM entry WHERE act = 'subject.enrol'").scalar() == 0


# ---- what a viewer sees ----


@pytest.mark.parametrize(
    ("person", "named"), [("COOR1", True), ("PHYS1", True), ("NURS1", True), ("TECH1", False), ("QA1", False), ("ASSE1", False)]
)
def test_a_name_is_only_for_those_who_may_see_names(enrolled: tuple[Ledger, str], person: str, named: bool) -> None:
    ledger, coi = enrolled
    with ledger.read() as session:
        viewer = viewer_of(session, person, ledger.clock())
        view = subject_view(session, ledger, coi, viewer)
        lines, more = subjects(session, ledger, viewer)
    assert (view.named is not None) == named
    assert [(line.number, line.named is not None) for line in lines] == [("S01", named)]
    assert not more


def test_who_sees_no_names_finds_nobody_by_name(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    with ledger.read() as session:
        wanted = {("COOR1", "lihua"): 1, ("COOR1", "S01"): 1, ("COOR1", coi): 1, ("COOR1", "nobody"): 0, ("TECH1", "lihua"): 0}
        for (person, text), count in (wanted | {("TECH1", "s01"): 1}).items():
            lines, _ = subjects(session, ledger, viewer_of(session, person, ledger.clock()), text)
            assert len(lines) == count, (person, text)


@pytest.mark.parametrize("person", ["RAND1", "ADM1"])
def test_who_sees_no_subjects_finds_an_unknown_code(enrolled: tuple[Ledger, str], person: str) -> None:
    """Decision P4."""
    ledger, coi = enrolled
    with ledger.read() as session, pytest.raises(UnknownCode):
        subject_view(session, ledger, coi, viewer_of(session, person, ledger.clock()))


# ---- consent and serology ----


def test_consent_again_must_be_to_the_versions_in_force(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    given = {"subject": coi, "form": "ICF 1.0", "protocol": "1.0", "given_by": "legal guardian", "given_on": "2026-03-02"}
    ledger.do("subject.record_consent", given, by=by("COOR1"), signatures=sign("COOR1"))
    with pytest.raises(Refused, match=r"the form in force is ICF 1\.0"):
        ledger.do("subject.record_consent", given | {"form": "ICF 2.0"}, by=by("COOR1"), signatures=sign("COOR1"))
    with ledger.read() as session:
        view = subject_view(session, ledger, coi, viewer_of(session, "QA1", ledger.clock()))
    assert view.consent_by == "legal guardian"


def _serology(ledger: Ledger, coi: str, **outcomes: str) -> None:
    ledger.do("subject.record_serology", story.serology(ledger, coi, **outcomes), by=by("NURS1"), signatures=sign("NURS1"))


def test_each_analyte_is_a_row_and_a_second_result_supersedes_the_first(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    _serology(ledger, coi, HIV="reactive")
    _serology(ledger, coi)
    with ledger.read() as session:
        rows = session.exec(select(Serology)).all()
        view = subject_view(session, ledger, coi, viewer_of(session, "QA1", ledger.clock()))
        assert serology_of(session, coi)["HIV"].outcome == "non-reactive"
    assert len(rows) == 12
    assert sorted((line.outcome, line.latest) for line in view.serology if line.analyte == "HIV") == [
        ("non-reactive", True),
        ("reactive", False),
    ]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"outcomes": {}}, "at least one analyte must have one"),
        ({"outcomes": {"HIV": "maybe"}}, "HIV is “maybe”; it must be one of"),
        ({"assays": {"HIV": "CLIA"}}, "HBsAg has a result and no assay"),
        ({"references": {}}, "HIV has a result and no laboratory reference"),
        ({"sampled_on": "2026-03-09"}, "it must have been taken by now"),
    ],
)
def test_results_that_are_none_are_refused(enrolled: tuple[Ledger, str], changed: dict[str, object], words: str) -> None:
    ledger, coi = enrolled
    with pytest.raises(Refused, match=words):
        ledger.do("subject.record_serology", story.serology(ledger, coi) | changed, by=by("NURS1"), signatures=sign("NURS1"))


def test_a_reactive_result_after_the_binding_holds_everything_of_the_subject(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    _serology(ledger, first.coi, HIV="reactive", anti_HBs="reactive")
    with ledger.read() as session:
        assert [one.why for one in open_holds(session, [first.coi])] == [LATE]
        assert [(one.grade, one.sentence) for one in open_deviations(session, first.coi)] == [("major", LATE)]
    with pytest.raises(Refused, match="on hold"):
        planned = (ledger.clock() + timedelta(days=1)).isoformat()
        ledger.do("collection.order", {"subject": first.coi, "planned_at": planned}, by=by("PHYS1"), signatures=sign("PHYS1"))


def test_a_result_that_speaks_against_nothing_holds_nothing(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    _serology(ledger, first.coi, anti_HBs="reactive")  # an antibody after a vaccination
    with ledger.read() as session:
        assert open_holds(session, [first.coi]) == []


# ---- binding and wristbands ----


def test_two_people_bind_the_subject_and_a_wristband_is_issued(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    with ledger.read() as session:
        row = session.exec(select(Bound)).one()
        band = live_wristband(session, first.coi)
    assert (row.subject_code, row.by, row.witness) == (first.coi, "COOR1", "NURS1")
    assert band is not None
    assert band.code == first.wristband
    with ledger.engine.connect() as conn:
        body, signatures = conn.exec_driver_sql("SELECT body, signatures FROM entry WHERE act = 'subject.bind'").one()
    assert [s["by"] for s in orjson.loads(bytes(body))["signed"]] == ["COOR1", "NURS1"]
    assert len(bytes(signatures)) == 128
    assert b"Gao" not in bytes(body)


def _bind(ledger: Ledger, coi: str, **changed: str) -> None:
    ledger.do("subject.bind", story.stated(coi, PEOPLE[0]) | changed, by=by("COOR1"), signatures=sign("COOR1", "NURS1"))


def test_nobody_is_bound_without_serology_or_with_a_reactive_one(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    with pytest.raises(Refused) as no:
        _bind(ledger, coi)
    assert len(no.value.reasons) == 6
    _serology(ledger, coi, syphilis="reactive")
    with pytest.raises(Refused, match="syphilis is reactive; it must be non-reactive"):
        _bind(ledger, coi)


def test_who_states_another_name_or_birth_date_is_not_bound(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    _serology(ledger, coi)
    with pytest.raises(Refused) as no:
        _bind(ledger, coi, stated_name="Ma Jianguo", stated_birth_date="1964-11-30")
    assert len(no.value.reasons) == 2
    assert not any("Gao" in said or "1969" in said for said in no.value.reasons)
    _bind(ledger, coi, stated_name="gao lihua")


def test_one_person_alone_binds_nobody(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    _serology(ledger, coi)
    with pytest.raises(Refused, match="1 of 2 signatures"):
        ledger.do("subject.bind", story.stated(coi, PEOPLE[0]), by=by("COOR1"), signatures=sign("COOR1"))


def test_a_subject_is_bound_once(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    with pytest.raises(Refused, match="bound to their chain of identity already"):
        _bind(ledger, first.coi)


def test_nobody_is_bound_on_an_old_consent(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    _serology(ledger, coi)
    later = dict(story.folder_files())
    later["trial.yaml"] = later["trial.yaml"].replace(b"form: ICF 1.0", b"form: ICF 1.1").replace(b'version: "1.0"', b'version: "1.1"')
    code = ledger.do("trial.propose_folder", {"files": later}, by=by("TECH3"), signatures=sign("TECH3")).result
    story.approve(ledger, code)
    with pytest.raises(Refused, match="latest consent is not to the form and protocol in force"):
        _bind(ledger, coi)


def test_a_reissue_voids_the_old_wristband_at_once(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    told = story.stated(first.coi, first.who)
    new = ledger.do("subject.reissue_wristband", told, by=by("NURS1"), signatures=sign("NURS1", "NURS2"), reason="Torn off.").result
    with ledger.read() as session:
        view = subject_view(session, ledger, first.coi, viewer_of(session, "NURS1", ledger.clock()))
    assert {band.code: band.ended_at is None for band in view.wristbands} == {first.wristband: False, new: True}
    with pytest.raises(Refused, match="This wristband is void"):
        ledger.do("subject.print_wristband", {"wristband_code": first.wristband}, by=by("NURS1"))
    ledger.do("subject.print_wristband", {"wristband_code": new}, by=by("NURS1"))


def test_a_reissue_needs_a_reason_and_the_subject_who_states_who_they_are(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    told = story.stated(first.coi, first.who)
    with pytest.raises(Refused, match="A reason is needed"):
        ledger.do("subject.reissue_wristband", told, by=by("NURS1"), signatures=sign("NURS1", "NURS2"))
    with pytest.raises(Refused, match="not the name in the record"):
        ledger.do(
            "subject.reissue_wristband", told | {"stated_name": "Ma Jianguo"}, by=by("NURS1"), signatures=sign("NURS1", "NURS2"), reason="T"
        )  # fmt: skip


def test_an_unbound_subject_gets_no_wristband_by_reissue(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    with pytest.raises(Refused, match="two people must bind them first"):
        ledger.do(
            "subject.reissue_wristband", story.stated(coi, PEOPLE[0]), by=by("NURS1"), signatures=sign("NURS1", "NURS2"), reason="Lost."
        )  # fmt: skip


def test_a_wristband_is_printed_before_it_is_scanned_back_and_once(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    with pytest.raises(Refused, match="scanned back already"):
        ledger.do("subject.verify_wristband", {"wristband_code": first.wristband}, by=by("NURS1"))
    told = story.stated(first.coi, first.who)
    new = ledger.do("subject.reissue_wristband", told, by=by("NURS1"), signatures=sign("NURS1", "NURS2"), reason="Torn off.").result
    with pytest.raises(Refused, match="was never printed"):
        ledger.do("subject.verify_wristband", {"wristband_code": new}, by=by("NURS1"))
    with pytest.raises(Refused, match="This wristband is void"):
        ledger.do("subject.verify_wristband", {"wristband_code": first.wristband}, by=by("NURS1"))


def test_a_wristband_is_printed_once(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    with pytest.raises(Refused, match="printed already"):
        ledger.do("subject.print_wristband", {"wristband_code": first.wristband}, by=by("COOR1"))


# ---- reference sample, withdrawal ----


def test_the_reference_sample_is_two_labelled_tubes(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    with ledger.read() as session:
        tubes = session.exec(select(ReferenceSample)).all()
        labels = [live_label(session, tube.container_code) for tube in tubes]
    assert [(tube.material, tube.subject_code) for tube in tubes] == [("blood", first.coi)] * 2
    assert all(label is not None and "subject_number=S01" in label.values_text for label in labels)


def test_a_sample_is_not_taken_tomorrow(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    tubes = {"subject": coi, "material": "blood", "tubes": 2, "taken_at": (ledger.clock() + timedelta(days=1)).isoformat()}
    with pytest.raises(Refused, match="it must have been taken by now"):
        ledger.do("subject.take_reference", tubes, by=by("NURS1"), signatures=sign("NURS1", "PHYS1"))


def test_nothing_more_is_taken_from_who_withdrew(bound: tuple[Ledger, Enrolled]) -> None:
    ledger, first = bound
    ledger.do("subject.withdraw", {"subject": first.coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="Moved to another city.")
    with ledger.read() as session:
        assert session.exec(select(Withdrawn)).one().subject_code == first.coi
    with ledger.engine.connect() as conn:
        body = bytes(conn.exec_driver_sql("SELECT body FROM entry WHERE act = 'subject.withdraw'").scalar() or b"")
    assert b"another city" not in body
    for name, given, people in (
        ("subject.withdraw", {"subject": first.coi}, ("COOR1",)),
        ("subject.record_serology", story.serology(ledger, first.coi), ("NURS1",)),
        ("subject.reissue_wristband", story.stated(first.coi, first.who), ("NURS1", "NURS2")),
        ("collection.order", {"subject": first.coi, "planned_at": (ledger.clock() + timedelta(days=1)).isoformat()}, ("PHYS1",)),
    ):
        with pytest.raises(Refused, match="withdrawn"):
            ledger.do(name, given, by=by(people[0]), signatures=sign(*people), reason="Again.")


def test_consent_given_tomorrow_is_refused(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    given = {"subject": coi, "form": "ICF 1.0", "protocol": "1.0", "given_by": "subject", "given_on": date(2026, 3, 9).isoformat()}
    with pytest.raises(Refused, match="must have been given by now"):
        ledger.do("subject.record_consent", given, by=by("COOR1"), signatures=sign("COOR1"))


def test_what_can_be_done_next_with_a_subject_is_offered(enrolled: tuple[Ledger, str]) -> None:
    ledger, coi = enrolled
    care = frozenset({"coordinator", "physician", "nurse"})

    def next_of(code: str) -> set[str]:
        with ledger.read() as session:
            return {one.name.split(".")[1] for one in offered(session, code, code[0], care) if one.room == "subject"}

    first = {"correct_answer", "record_consent", "record_serology", "take_reference", "withdraw"}
    assert next_of(coi) == first | {"bind"}
    _serology(ledger, coi)
    band = ledger.do("subject.bind", story.stated(coi, PEOPLE[0]), by=by("COOR1"), signatures=sign("COOR1", "NURS1")).result
    assert next_of(coi) == first | {"reissue_wristband"}
    assert next_of(band) == {"print_wristband"}
    ledger.do("subject.print_wristband", {"wristband_code": band}, by=by("COOR1"))
    assert next_of(band) == {"verify_wristband"}
    ledger.do("subject.verify_wristband", {"wristband_code": band}, by=by("COOR1"))
    assert next_of(band) == set()
    ledger.do("subject.withdraw", {"subject": coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="Their wish.")
    assert next_of(coi) == set()


@pytest.mark.parametrize(("person", "screens"), [("QA1", True), ("TECH1", True), ("ASSE1", False), ("COUR1", False), ("PREP1", False)])
def test_answers_and_serology_are_only_for_those_who_screen(bound: tuple[Ledger, Enrolled], person: str, screens: bool) -> None:
    ledger, first = bound
    with ledger.read() as session:
        view = subject_view(session, ledger, first.coi, viewer_of(session, person, ledger.clock()))
    assert view.number == "S01"
    assert {bool(part) for part in (view.answers, view.serology, view.reference_samples, view.wristbands, view.consent_form)} == {screens}
