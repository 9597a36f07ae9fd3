"""Subjects as lists and forms: enrolment with every criterion, screening, binding, wristbands. A name only where names may be seen."""

from collections.abc import Iterable
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from backend.access.rules import Role
from backend.custody.reads.labelling import one_label_pdf, template_in
from backend.ledger import NotAllowed, Refused, refuse
from backend.subject import reads
from backend.subject.rules import SCREENS, SEXES, SIMILAR, against_screening, asked
from backend.trial.reads import current, folder_in_force_code, local_day, status
from backend.trial.rules import Criterion, against_serology
from backend.web.forms import Form, PageNumber, Sent
from backend.web.me import Signed

router = APIRouter()
CARE = (Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE)


@router.get("/subjects")
def subjects(me: Signed, words: str = "", page: PageNumber = 1) -> Response:
    """Every subject by number; names are there, and searched, only for who may see names."""
    if not me.viewer.sees_subjects:
        raise NotAllowed(f"This page is for people who work with subjects; you are {' and '.join(me.roles) or 'without a role'}.")
    lines, more = reads.subjects(me.session, me.ledger, me.viewer, words, page)
    return me.show(
        "subject/subjects.html", lines=lines, more=more, page=page, words=words, counted=reads.enrolled(me.session),
        url="/subjects" + (f"?{urlencode({'words': words})}" if words else ""), now_is=status(me.session),
        screens=bool(me.viewer.roles & SCREENS),
    )  # fmt: skip


@router.get("/subjects/enrol")
def enrol_page(me: Signed) -> Response:
    me.must(Role.COORDINATOR)
    trial = current(me.session).trial
    again = getattr(me.request.state, "again", None)
    wanted = set(asked(trial))
    return me.show(
        "subject/enrol.html", trial=trial, criteria=[c for c in trial.eligibility if c.code in wanted], now_is=status(me.session),
        similar=bool(again and (SIMILAR in again.reasons or again.given.get("similar"))), sexes=_sexes(trial.eligibility),
    )  # fmt: skip


def _sexes(criteria: Iterable[Criterion]) -> tuple[str, ...]:
    return next((c.of for c in criteria if c.code == "SEX"), SEXES)


@router.post("/subjects/enrol")
def enrol(form: Form, me: Signed) -> Response:
    name = "subject.enrol_similar" if form.get("similar") else "subject.enrol"
    receipt = me.do(name, form, answers=form.under("answer."))
    return me.go(f"/subjects/{receipt.result}/screening")


@router.get("/subjects/{coi}/screening")
def screening(me: Signed, coi: str) -> Response:
    """What is there and what is missing before marrow can be taken."""
    me.must(*SCREENS)
    trial = current(me.session).trial
    results = reads.serology_of(me.session, coi)
    return me.show(
        "subject/screening.html", subject=reads.subject_view(me.session, me.ledger, coi, me.viewer), analytes=trial.serology.analytes,
        against=list(against_screening(trial, results)), today=list(against_serology(trial, results, local_day(trial, me.now))),
        questions=[(c.code, c.ask) for c in trial.eligibility], current=reads.consent_is_current(me.session, coi, trial),
        here=f"/subjects/{coi}/screening",
    )  # fmt: skip


@router.get("/subjects/{coi}/serology")
def serology_page(me: Signed, coi: str) -> Response:
    me.must(*CARE)
    trial = current(me.session).trial
    seen = reads.subject_view(me.session, me.ledger, coi, me.viewer)
    return me.show("subject/serology.html", subject=seen, analytes=trial.serology.analytes, longest=trial.serology.age_at_harvest)


@router.post("/subjects/{coi}/serology")
def serology(form: Form, me: Signed, coi: str) -> Response:
    outcomes = form.under("outcome.")
    kept = {name: form.under(f"{name}.") for name in ("assay", "reference")}
    me.do(
        "subject.record_serology", form, subject=coi, outcomes=outcomes,
        assays={code: _of(form, kept["assay"], code, "all_assays") for code in outcomes},
        references={code: _of(form, kept["reference"], code, "all_references") for code in outcomes},
    )  # fmt: skip
    return me.go(f"/subjects/{coi}/screening")


def _of(form: Sent, given: dict[str, str], code: str, common: str) -> str:
    """What was typed for one analyte, or for all of them."""
    return given.get(code) or form.get(common).strip()


@router.get("/subjects/{coi}/bind")
def bind_page(me: Signed, coi: str) -> Response:
    """The page does not show the name: what the subject states is compared by the program."""
    me.must(*CARE)
    trial = current(me.session).trial
    against = list(against_screening(trial, reads.serology_of(me.session, coi)))
    return me.show("subject/bind.html", subject=reads.subject_view(me.session, me.ledger, coi, me.viewer), against=against)


@router.post("/subjects/{coi}/bind")
def bind(form: Form, me: Signed, coi: str) -> Response:
    receipt = me.do("subject.bind", form, subject=coi)
    return me.go(f"/wristbands/{receipt.result}")


@router.post("/wristbands/{code}/paper")
def fetch(form: Form, me: Signed, code: str) -> Response:
    me.do("subject.fetch_wristband", form, wristband_code=code)
    return me.go(f"/wristbands/{code}.pdf")


@router.get("/wristbands/{code}.pdf")
def paper(me: Signed, code: str) -> Response:
    """The wristband as it goes to paper: for who printed it, within two minutes after they asked for it. A second copy would be a second
    subject.
    """
    me.must(*CARE)
    band = reads.wristband(me.session, code)
    refuse(reads.against_paper(me.session, code, me.person, me.now))
    folder = folder_in_force_code(me.session)
    trial = current(me.session).trial
    values = reads.label_values(me.session, band.subject_code, trial)
    about = {"code": code, "trial": trial.trial, "contact": trial.contact.phone}
    return me.paper(one_label_pdf(me.ledger, template_in(me.session, folder, "wristband"), values | about), f"wristband-{code}")


@router.get("/wristbands/{code}")
def wristband_page(me: Signed, code: str) -> Response:
    """One wristband: print it, scan it back."""
    me.must(*SCREENS)
    band = reads.wristband(me.session, code)
    seen = reads.subject_view(me.session, me.ledger, band.subject_code, me.viewer)
    return me.show(
        "subject/wristband.html", subject=seen, band=next(one for one in seen.wristbands if one.code == code),
        asks=not any(reads.against_paper(me.session, code, me.person, me.now, asking=True)),
        given=not any(reads.against_paper(me.session, code, me.person, me.now)),
    )  # fmt: skip


@router.post("/wristbands/{code}")
def print_wristband(form: Form, me: Signed, code: str) -> Response:
    me.do("subject.print_wristband", form, wristband_code=code)
    return me.go(f"/wristbands/{code}")


@router.post("/wristbands/{code}/back")
def verify_wristband(form: Form, me: Signed, code: str) -> Response:
    """The code comes from the scan: another wristband that lies on the printer must not pass as this one."""
    scanned = form.scanned("wristband_code")
    if scanned != code:
        raise Refused(f"This is not the wristband that was printed: {scanned or 'nothing'} was scanned. Stop; it must not lie here.")
    me.do("subject.verify_wristband", form)
    return me.go(f"/subjects/{reads.wristband(me.session, code).subject_code}/screening")
