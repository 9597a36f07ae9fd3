"""The thread as people walk it on their pages, from an enrolment to a step at the bench; each function is one station of it."""

import re
from datetime import timedelta

from sqlmodel import Session, col, select

from backend.batch.reads import batch_of, course_of, expected
from backend.batch.rules import Where, asked
from backend.custody.models import Label
from backend.ledger import Ledger
from backend.rehearsal.player import Laboratory, Player, furnish
from backend.rehearsal.usual import usual, usual_second
from backend.trial.reads import current
from tests import story
from tests.conftest import Clock
from tests.journeys.window import Values, Ward, Window
from tests.story import Somebody

DAY = "%Y-%m-%d"
MINUTE = "%Y-%m-%d %H:%M"
FINISH = {
    None: "Finish this step", "witnessed": "Finish this step together", "reread": "Hand over for the second reading",
    "recount": "Hand over for the second count",
}  # fmt: skip


def ready(ledger: Ledger) -> Laboratory:
    """The trial folder is in force and the laboratory is furnished; nobody is enrolled."""
    story.list_imported(ledger)
    with ledger.read() as session:
        master = current(session).master
    boxes = story.places_built(ledger)
    return furnish(ledger, master, tuple(tuple(one) for one in boxes.positions))


def local(ledger: Ledger, form: str = MINUTE, **later: float) -> str:
    """What the clock on the wall says, or said."""
    from tests.visit import SETTINGS

    return (ledger.clock().astimezone(SETTINGS.zone) + timedelta(**later)).strftime(form)


def wait(ledger: Ledger, **by: float) -> None:
    assert isinstance(ledger.clock, Clock)
    ledger.clock.advance(**by)


# ---- the ward ----


def enrol(ward: Ward, ledger: Ledger, who: Somebody) -> str:
    """Somebody is enrolled through the form; the CoI."""
    page = ward["COOR1"].open("/").follow("/subjects/enrol")
    given: Values = {
        "number": who.number, "full_name": who.full_name, "record_number": who.record_number, "birth_date": who.birth_date, "sex": who.sex,
        "consent_form": "ICF 1.0", "consent_protocol": "1.0", "consent_by": "subject", "consent_on": local(ledger, DAY),
    }  # fmt: skip
    given |= {f"answer.{code}": value for code, value in story.answers(ledger).items()}
    page.sign("Enrol", given).did()
    found = re.fullmatch(r"/subjects/(\w+)/screening", page.at)
    assert found, page.at
    return found[1]


def bind(ward: Ward, ledger: Ledger, coi: str, who: Somebody) -> str:
    """Serology, the reference sample, the binding and the wristband; its code."""
    nurse = ward["NURS1"].open(f"/subjects/{coi}/screening").follow(f"/subjects/{coi}/serology")
    outcomes = {f"outcome.{code}": "non-reactive" for code in ("HBsAg", "anti-HBc", "anti-HBs", "anti-HCV", "HIV", "syphilis")}
    taken: Values = {"laboratory": "Central laboratory", "sampled_on": local(ledger, DAY, days=-5)}
    nurse.sign("Record serology", taken | {"all_assays": "CLIA", "all_references": "non-reactive"} | outcomes).did()
    other = ward["NURS2"].open(f"/subjects/{coi}/screening").follow("/act/subject.take_reference")
    other.sign("Take the reference sample for STR", {"material": "blood", "tubes": "2", "taken_at": local(ledger)}, second="PHYS1").did()
    assert len(put_labels_on(other)) == 2
    coordinator = ward["COOR1"].open(f"/subjects/{coi}/screening").follow(f"/subjects/{coi}/bind")
    assert who.full_name not in coordinator.answer.text  # the subject states it; the page does not
    coordinator.sign("Bind", {"stated_name": who.full_name, "stated_birth_date": who.birth_date}, second="NURS1").did()
    band = coordinator.at.rsplit("/", 1)[-1]
    coordinator.press("Print the wristband").did()
    assert coordinator.press("Open the PDF").answer.content.startswith(b"%PDF")
    coordinator.open(f"/wristbands/{band}")
    coordinator.press("It reads", {"wristband_code": band}).did()
    return band


def order(ward: Ward, ledger: Ledger, coi: str) -> tuple[str, str]:
    """The harvest is ordered, its label printed and scanned back; the collection and the label."""
    physician = ward["PHYS1"].open(f"/subjects/{coi}/screening").follow(f"/collections/order/{coi}")
    physician.sign("Order", {"planned_at": local(ledger, hours=1)}).did()
    collection = physician.at.rsplit("/", 1)[-1]
    coordinator = ward["COOR1"].open(f"/collections/{collection}")
    coordinator.open(f"/labels?coi={coi}").press("Print").did()
    (label,) = printed(coordinator)
    coordinator.press("It reads", {"label": label}).did()
    return collection, label


def printed(window: Window) -> list[str]:
    """The labels of the print that is on the page, as their codes are written on it."""
    found = re.findall(r"Label (L[0-9A-Z-]{15})", window.answer.text)
    return list(dict.fromkeys(one.replace("-", "") for one in found))


def at_the_bedside(ledger: Ledger, wristband: str, label: str, heparin: str) -> Values:
    """What physician and nurse type at the bedside, three quarters of an hour after the order."""
    wait(ledger, minutes=45)
    return {
        "wristband": wristband, "site": "left iliac crest", "passes": "6", "started_at": local(ledger, minutes=-30),
        "ended_at": local(ledger, minutes=-5), "heparin_lot": heparin, "heparin_iu_per_ml": "40", "volume_ml": "31.5", "label": label,
    }  # fmt: skip


def bring(ward: Ward, ledger: Ledger, collection: str, label: str) -> None:
    """The bag is packed, carried and received."""
    page = f"/collections/{collection}"
    intact: Values = {"condition": "intact", "temperature_c": "20.5"}
    nurse = ward["NURS1"].open(page)
    box: Values = {"bag": label, "box": "TB-3", "seal": "8841", "logger": "LG-17", "temperature_c": "20.5"}
    nurse.press("Packed and sealed", box).did()
    nurse.press("Handed over", intact | {"container": label, "to": "Courier Kong Bo"}).did()
    courier = ward["COUR1"].open(page).press("Received", intact | {"container": label, "seal": "8841"}).did()
    wait(ledger, minutes=20)
    courier.open(page).press("Handed over", intact | {"container": label, "to": "Cell laboratory"}).did()
    wait(ledger, minutes=10)
    ward["TECH1"].open(page).press("Received", {"bag": label, "seal": "8841", "condition": "intact", "temperature_c": "19.8"}).did()


# ---- the bench ----


def address(batch: str, where: Where) -> str:
    return f"/batches/{batch}/steps/{where[0]}" + (f"/{where[1]}" if where[1] else "")


def open_step(window: Window, batch: str) -> Where:
    """The step that is next, from the batch's page; a tap on the large button."""
    window.open(f"/batches/{batch}").follow(f"/batches/{batch}/steps/")
    parts = window.at.split("?")[0].split("/")[4:]
    return parts[0], parts[1] if len(parts) > 1 else None


def scan_all(window: Window, ledger: Ledger, player: Player, batch: str, where: Where) -> None:
    """Whatever the step asks for is scanned into it, containers by the label that they wear."""
    with ledger.read() as session:
        row = batch_of(session, batch)
        course = course_of(session, row)
        there = {kind: [one.code for one in many] for kind, many in expected(session, row, course, where).items()}
        step = course.step(where)
        codes = [player.laboratory.equipment[kind] for kind in step.equipment] + [
            player.laboratory.lots[use.item] for use in step.materials
        ]
        for uses in step.uses:
            codes += [label_on(session, one) for one in there[uses.kind][: None if uses.number == "all" else uses.number]]
    for code in codes:
        window.scan(code).did()


def label_on(session: Session, container: str) -> str:
    """The label that a container wears."""
    return session.exec(select(Label.code).where(Label.of_code == container, col(Label.ended_at).is_(None))).one()


def read(window: Window, ledger: Ledger, player: Player, batch: str, where: Where, seat: str, values: dict[str, str]) -> None:
    """Every value is typed and its field left; each is kept, and said so."""
    window.open(address(batch, where))
    with ledger.read() as session:
        fields = asked(course_of(session, batch_of(session, batch)).step(where), where[1], seat)
    for one in fields:
        text = values.get(one.code) or (player.time_of(ledger, batch, where, one.code) if one.kind == "time" else "")
        if text:
            answer = window.leave(f"r-{one.code}", text)
            assert answer.status_code == 200, answer.text
            assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.json()["at"])


def do_step(ward: Ward, ledger: Ledger, player: Player, batch: str) -> Where:
    """The next step, by the first person and, where two people check, by the second on a sign-in of their own; then labels."""
    with ledger.read() as session:
        course = course_of(session, batch_of(session, batch))
    assert course.next is not None
    step = course.step(course.next)
    first = ward["QA1" if step.role == "qa" else "TECH1"]
    where = open_step(first, batch)
    assert where == course.next
    values = usual(where[0], where[1] or "")
    scan_all(first, ledger, player, batch, where)
    read(first, ledger, player, batch, where, "first", values)
    if any(makes.label_first for makes in step.makes):
        fill(first, ledger, player, batch, where, values["vials"])
    if step.stores:
        store(first, ledger, player, batch, where)
    first.open(address(batch, where))
    first.sign(FINISH[step.second], second="TECH2" if step.second == "witnessed" else "").did()
    if step.second in ("reread", "recount"):
        second = ward["TECH2"]
        assert open_step(second, batch) == where
        read(second, ledger, player, batch, where, "second", values | usual_second(where[0], where[1] or ""))
        second.open(address(batch, where))
        second.sign("Sign the second count" if step.second == "recount" else "Sign the second reading").did()
    put_labels_on(ward["TECH1"])
    wait(ledger, minutes=8)
    return where


def put_labels_on(window: Window) -> list[str]:
    """Every label that waits is printed, scanned back and put on."""
    done: list[str] = []
    while "To be printed 0" not in window.open("/labels").words:
        window.press("Print").did()
        labels = printed(window)
        for button in ("It reads", "It is on"):
            for label in labels:
                window.press(button, {"label": label}).did()
        assert "Balanced, difference 0" in window.words
        done += labels
    return done


def fill(window: Window, ledger: Ledger, player: Player, batch: str, where: Where, number: str) -> None:
    """The vials' labels are asked for, printed, scanned back and put on; then each filled vial is scanned into the step."""
    window.open(address(batch, where)).press("Ask for the labels", {"number": number}).did()
    labels = put_labels_on(window)
    assert len(labels) == int(number)
    window.open(address(batch, where))
    for label in labels:
        window.scan(label).did()


def store(window: Window, ledger: Ledger, player: Player, batch: str, where: Where) -> None:
    """The vials are scanned into two boxes, one in each tank, by two people."""
    with ledger.read() as session:
        vials = [label_on(session, one.code) for one in player.containers(ledger, batch, "cryovial")]
    half = -(-len(vials) // 2)
    for number, positions in enumerate(player.laboratory.boxes):
        own = vials[number * half : (number + 1) * half]
        window.open(address(batch, where)).follow("/storage/store")
        pairs: Values = {"container": list(own), "position": list(positions[: len(own)]), "exposure_s": "90"}
        window.sign("Store these vials", pairs, second="TECH2").did()
        assert window.at.startswith("/storage?box=")
