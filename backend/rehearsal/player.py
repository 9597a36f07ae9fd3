"""Plays the steps of a batch as people at the bench do: scan, read, sign, count again, print labels and put them on. Acts only.

It is written from the master record, not for one: whatever a step asks for is scanned, whatever it makes is labelled.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import select

from backend.batch.models import Batch
from backend.batch.reads import batch_of, course_of, expected, shown_step
from backend.batch.rules import Course, Where, asked, unscanned
from backend.collection.models import Collected
from backend.custody.models import Container, Label, LabelPrinted
from backend.custody.reads.labelling import waiting
from backend.ledger import Ledger, digest_of
from backend.rehearsal.cast import by, sign
from backend.rehearsal.usual import MINUTES, PAUSES, usual, usual_second
from backend.trial.rules import MasterRecord, Step

FAR = "2036-12-31"


@dataclass(frozen=True)
class Laboratory:
    """What a step can ask for: one piece of each kind of equipment, one lot of each material, and boxes with their positions."""

    equipment: Mapping[str, str]
    lots: Mapping[str, str]
    boxes: tuple[tuple[str, ...], ...] = ()  # the positions of each box, one box in each tank


def furnish(ledger: Ledger, master: MasterRecord, boxes: tuple[tuple[str, ...], ...] = (), person: str = "TECH1") -> Laboratory:
    """Every kind of equipment is registered and calibrated, and a lot of every material is received."""
    equipment: dict[str, str] = {}
    lots: dict[str, str] = {}
    for number, kind in enumerate(master.equipment, 1):
        given = {
            "kind": kind,
            "name": f"{kind} {number}",
            "serial_number": f"SN-{number:03}",
            "calibrated_until": FAR,
            "certificate": "C-1",
        }
        equipment[kind] = ledger.do("supplies.register_equipment", given, by=by(person)).result
    for item, material in master.materials.items():
        given = {
            "item": item, "maker": "Example Reagents", "lot_number": f"{len(lots) + 1:03}-26", "expires_on": FAR, "grade": material.grade,
            "storage": material.keep,
        }  # fmt: skip
        lots[item] = ledger.do("supplies.receive_lot", given, by=by(person)).result
    return Laboratory(equipment, lots, boxes)


def pass_time(ledger: Ledger, span: timedelta) -> None:
    """A clock that can be moved is moved; a real one runs by itself."""
    advance = getattr(ledger.clock, "advance", None)
    if advance is not None:
        advance(seconds=span.total_seconds())


@dataclass
class Player:
    """People at a bench: who performs, who is second, who decides, and how time passes between steps."""

    laboratory: Laboratory
    performer: str = "TECH1"
    second: str = "TECH2"
    qa: str = "QA1"
    wait: Callable[[Ledger, timedelta], None] = pass_time
    changed: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)  # (passage, step) to first values that differ
    changed_second: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def open(self, ledger: Ledger, collection: str) -> str:
        """A batch is opened from a received collection; its code."""
        code: str = ledger.do("batch.open", {"collection": collection}, by=by(self.performer)).result
        return code

    def course(self, ledger: Ledger, batch: str) -> Course:
        with ledger.read() as session:
            return course_of(session, batch_of(session, batch))

    def play_until(self, ledger: Ledger, batch: str, stop: str = "", passage: str = "") -> Where | None:
        """Every step before `stop` (in its passage) is played; the step at which it stands, None when all are done."""
        while (where := self.course(ledger, batch).next) is not None:
            if (where[0], where[1] or "") == (stop, passage) or (stop == where[0] and not passage):
                return where
            self.play_step(ledger, batch, where)
        return None

    def play_step(
        self, ledger: Ledger, batch: str, where: Where, values: Mapping[str, str] | None = None, second: Mapping[str, str] | None = None
    ) -> None:
        """One step is scanned, read, signed and, where two people check, read again and verified."""
        step, passage = where[0], where[1] or ""
        self.wait(ledger, PAUSES.get(step, MINUTES))
        first = usual(step, passage) | dict(self.changed.get((passage, step), {})) | dict(values or {})
        if self.perform(ledger, batch, where, first).checked:
            again = first | usual_second(step, passage) | dict(self.changed_second.get((passage, step), {})) | dict(second or {})
            self.verify(ledger, batch, where, again)
        self.put_labels_on(ledger, batch)

    # ---- the first person ----

    def perform(self, ledger: Ledger, batch: str, where: Where, values: Mapping[str, str]) -> Step:
        """Everything is scanned and read, and the performer signs (with the witness where the step wants one); the step."""
        step = self.course(ledger, batch).step(where)
        who = self.qa if step.role == "qa" else self.performer
        self.scan_all(ledger, batch, where, who)
        self.read(ledger, batch, where, "first", who, values, step)
        if any(makes.label_first for makes in step.makes):
            self.label_first(ledger, batch, where, step, who)
        for _ in step.stores:
            self.store(ledger, batch, where)
        self.sign(ledger, batch, where, who, step)
        return step

    def sign(self, ledger: Ledger, batch: str, where: Where, who: str, step: Step | None = None) -> None:
        """The performer signs what the step's page shows."""
        witnessed = (step or self.course(ledger, batch).step(where)).second == "witnessed"
        people = (who, self.second) if witnessed else (who,)
        ledger.do(
            "batch.perform_witnessed" if witnessed else "batch.perform", args(batch, where), by=by(who), signatures=sign(*people),
            shown=self.shown(ledger, batch, where),
        )  # fmt: skip

    def scan_all(self, ledger: Ledger, batch: str, where: Where, who: str) -> None:
        """Whatever the step asks for and is not there is scanned."""
        with ledger.read() as session:
            row = batch_of(session, batch)
            course = course_of(session, row)
            there = {kind: [one.code for one in many] for kind, many in expected(session, row, course, where).items()}
            missing = list(unscanned(course, where, there))
        step, known = course.step(where), {row.code for row in course.scanned(where)}
        if not missing:
            return
        wanted = [self.laboratory.equipment[kind] for kind in step.equipment]
        wanted += [self.laboratory.lots[use.item] for use in step.materials]
        for uses in step.uses:
            wanted += there[uses.kind] if uses.number == "all" else there[uses.kind][: uses.number]
        for code in wanted:
            if code not in known:
                self.scan(ledger, batch, where, code, who)

    def scan(self, ledger: Ledger, batch: str, where: Where, code: str, who: str = "") -> None:
        ledger.do("batch.scan", args(batch, where) | {"code": code, "how": "scan"}, by=by(who or self.performer))

    def read(
        self, ledger: Ledger, batch: str, where: Where, seat: str, who: str, values: Mapping[str, str], step: Step | None = None
    ) -> None:  # fmt: skip
        """Every value that this seat asks for is noted; a time that is not given is now."""
        step = step or self.course(ledger, batch).step(where)
        for reading in asked(step, where[1], seat):
            text = values.get(reading.code) or (self.time_of(ledger, batch, where, reading.code) if reading.kind == "time" else "")
            if text:
                self.note(ledger, batch, where, reading.code, text, who)

    def note(self, ledger: Ledger, batch: str, where: Where, name: str, value: str, who: str = "", why: str = "") -> None:
        ledger.do("batch.note", args(batch, where) | {"field": name, "value": value, "why": why}, by=by(who or self.performer))

    def time_of(self, ledger: Ledger, batch: str, where: Where, name: str) -> str:
        """A moment: the end of the collection, what the first person read, or now to the minute."""
        with ledger.read() as session:
            row = batch_of(session, batch)
            if name == "collected_at":
                return session.get_one(Collected, row.collection_code).ended_at.isoformat()
            course = course_of(session, row)
        first = course.kept(course.attempt(where, "first"))
        if name in first and course.signature(where):
            return first[name].value
        return to_the_minute(ledger.clock()).isoformat()

    # ---- labels and places ----

    def label_first(self, ledger: Ledger, batch: str, where: Where, step: Step, who: str) -> None:
        """Labels are asked for, printed, scanned back and put on before filling; then each filled one is scanned."""
        course = self.course(ledger, batch)
        values = course.values(course.attempt(where, "first"))
        number = next(makes.number for makes in step.makes if makes.label_first)
        count = int(str(values[number])) if isinstance(number, str) else number
        made = ledger.do("batch.prepare_labels", args(batch, where) | {"number": count}, by=by(who)).result
        self.put_labels_on(ledger, batch)
        for code in made:
            self.scan(ledger, batch, where, code, who)

    def put_labels_on(self, ledger: Ledger, batch: str) -> None:
        """Every label of this subject that waits is printed, scanned back, and put on its container."""
        with ledger.read() as session:
            row = session.get_one(Batch, batch)
            bundles = [one.labels for one in waiting(session) if one.coi == row.coi]
        for labels in bundles:
            job = ledger.do("custody.print_labels", {"label": list(labels)}, by=by(self.performer)).result
            for label in labels:
                ledger.do("custody.verify_label", {"print_code": job, "label": label}, by=by(self.performer))
            ledger.do("custody.apply_label", {"label": list(labels)}, by=by(self.performer))

    def store(self, ledger: Ledger, batch: str, where: Where) -> None:
        """The vials are shared out over the tanks, each into a free position of its box, by two people."""
        with ledger.read() as session:
            row = batch_of(session, batch)
            there = expected(session, row, course_of(session, row), where)
        vials = [one.code for many in there.values() for one in many]
        half = -(-len(vials) // len(self.laboratory.boxes))
        for number, positions in enumerate(self.laboratory.boxes):
            own = vials[number * half : (number + 1) * half]
            given = {"container": own, "position": list(positions[: len(own)]), "exposure_s": 90}
            ledger.do("custody.store", given, by=by(self.performer), signatures=sign(self.performer, self.second))

    # ---- the second person ----

    def verify(self, ledger: Ledger, batch: str, where: Where, values: Mapping[str, str]) -> None:
        """The second person reads everything on their own sign-in and signs; the program compares."""
        self.read(ledger, batch, where, "second", self.second, values)
        ledger.do(
            "batch.verify", args(batch, where), by=by(self.second), signatures=sign(self.second), shown=self.shown(ledger, batch, where)
        )  # fmt: skip

    def shown(self, ledger: Ledger, batch: str, where: Where) -> str:
        """The digest of what the step's page shows now."""
        with ledger.read() as session:
            return digest_of(shown_step(session, **args(batch, where)))

    def containers(self, ledger: Ledger, batch: str, kind: str) -> list[Container]:
        """The containers of a kind that this batch has made."""
        with ledger.read() as session:
            rows = select(Container).where(Container.batch_code == batch, Container.kind == kind)
            return sorted(session.exec(rows), key=lambda one: (one.at, one.code))

    def label_of(self, ledger: Ledger, container: str) -> str:
        """The printed label of a container."""
        with ledger.read() as session:
            rows = select(Label.code).join(LabelPrinted).where(Label.of_code == container)
            return str(session.exec(rows).one())


def args(batch: str, where: Where) -> dict[str, str]:
    """What every act at the bench is told."""
    return {"batch": batch, "step": where[0], "passage": where[1] or ""}


def to_the_minute(at: datetime) -> datetime:
    """People write times to the minute."""
    return at.replace(second=0, microsecond=0)
