"""A room that does not exist: it plants rows of tests, doses and the bedside, so that the end can be tried without the whole way to it.

Its act is in the registry only while a test of the dossier runs.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from backend.access.rules import Role
from backend.batch.models import Batch
from backend.ledger import REGISTRY, Declared, Ledger, Now, Open, Recorded, SubjectCode, act
from backend.ledger.models import recorded_tables
from backend.rehearsal.scripts import SCRIPTS, Script
from backend.rehearsal.treatment import Case, treat
from backend.rehearsal.usual import usual as usual_values
from backend.rehearsal.usual import usual_second as second_values
from backend.trial.reads import folder_in_force_code
from tests import story
from tests.custody import rig as custody
from tests.people import by, sign
from tests.story import Run

KINDS: dict[str, type[Recorded]] = {kind.__name__: kind for kind in recorded_tables().values()}


@act("rig.plant", roles={Role.TECHNICIAN}, title="Rig", tells="")
def plant_rows(now: Now, coi: SubjectCode, rows: Open[list[str]]) -> list[Any]:
    """Each row is there. A value that begins with $ is a code that is drawn the first time it is met."""
    drawn: dict[str, str] = {}

    def value(kind: type[Recorded], name: str, said: Any) -> Any:
        if isinstance(said, str) and said.startswith("$"):
            if said not in drawn:
                drawn[said] = now.draw("C" if said.startswith("$C") else "K")
            said = drawn[said]
        declared = next(mark for mark in kind.model_fields[name].metadata if isinstance(mark, Declared))
        return said if declared.secrecy == "open" or said is None else now.seal(said, declared)

    made = []
    for named, given in map(json.loads, rows):
        kind = KINDS[named]
        filled = {"at": now.at.isoformat(), "by": now.by} | given
        known = {name: value(kind, name, one) for name, one in filled.items() if name in kind.model_fields}
        made.append(now.add(kind.model_validate(known | {"chain": coi})))
    now.session.flush()
    return [drawn.get(name) for name in sorted(drawn)]


PLANT = REGISTRY.pop("rig.plant")


@contextmanager
def rigged() -> Iterator[None]:
    """The rig's acts can be done."""
    with ExitStack() as stack:
        stack.enter_context(custody.rigged())
        REGISTRY["rig.plant"] = PLANT
        try:
            yield
        finally:
            REGISTRY.pop("rig.plant", None)


def plant(ledger: Ledger, coi: str, *rows: tuple[str, dict[str, Any]]) -> dict[str, str]:
    """These rows are on the subject's chain; the codes that were drawn for $names, by name."""
    names = sorted({v for _, given in rows for v in given.values() if isinstance(v, str) and v.startswith("$")})
    done = ledger.do("rig.plant", {"coi": coi, "rows": [json.dumps(row, default=str) for row in rows]}, by=by("TECH3")).result
    return dict(zip(names, done, strict=True))


@dataclass
class Bank:
    """A bound subject with vials in a box, their labels on."""

    coi: str
    batch: str
    vials: list[str]
    labels: list[str]
    positions: list[str]


def bank(ledger: Ledger, count: int = 4) -> Bank:
    """The first subject is bound and has so many vials in the first box, in order from A1."""
    enrolled = story.bound(ledger)
    boxes = story.places_built(ledger)
    made = ledger.do("rig.vials", {"coi": enrolled.coi, "number": "S01", "count": str(count), "kind": "cryovial"}, by=by("TECH1")).result
    vials, labels = made["containers"], made["labels"]
    job = custody.print_(ledger, labels)
    custody.verify(ledger, job, labels)
    ledger.do("custody.apply_label", {"label": labels}, by=by("TECH1"))
    positions = boxes.positions[0][:count]
    custody.store(ledger, vials, positions)
    return Bank(enrolled.coi, made["batch"], vials, labels, positions)


def pick(ledger: Ledger, here: Bank, *numbers: int) -> list[str]:
    """The vials with these numbers (from 0) are out of their positions."""
    given = {"container": [here.vials[n] for n in numbers], "position": [here.positions[n] for n in numbers], "exposure_s": "20"}
    ledger.do("custody.pick", given, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="For the end.")
    return [here.vials[n] for n in numbers]


def dispose(ledger: Ledger, vials: list[str], how: str, detail: str = "", reason: str = "The trial is over.", who: str = "TECH1") -> Any:
    given = {"container": vials, "how": how, "detail": detail}
    return ledger.do("dossier.dispose", given, by=by(who), signatures=sign(who, "TECH2"), reason=reason)


def close(ledger: Ledger, coi: str) -> Any:
    """QA and the laboratory close the subject, having read the account as it is now."""
    from backend.dossier.reads import shown_account
    from backend.ledger import digest_of

    with ledger.read() as session:
        shown = digest_of(shown_account(session, coi))
    return ledger.do(
        "dossier.close", {"subject": coi}, by=by("QA1"), signatures=sign("QA1", "TECH1"), reason="Every infusion was given.", shown=shown
    )


def withdraw(ledger: Ledger, coi: str) -> None:
    ledger.do("subject.withdraw", {"subject": coi}, by=by("COOR1"), signatures=sign("COOR1"), reason="They wish it.")


def dose(at: datetime, batch: str, vials: list[str], infusion: int = 1, **changed: Any) -> list[tuple[str, dict[str, Any]]]:
    """The rows of one dose that was prepared from these vials: its order, its opening, its vials thawed, its syringe."""
    n = str(infusion)
    coi = changed.pop("coi")
    common = {"coi": coi, "infusion": infusion, "batch_code": batch}
    return [
        ("Order", common | {
            "code": f"$order{n}", "route": "ICA", "planned_at": at, "weight_kg": "61.5", "weighed_on": "2026-05-01",
            "temperature_c": "36.6", "infection": "no",
        } | changed.get("order", {})),
        ("Dose", common | {"code": f"$dose{n}", "order_code": f"$order{n}"} | changed.get("dose", {})),
        *[("Thawed", {
            "container_code": vial, "dose_code": f"$dose{n}", "started_at": at, "seconds": "95", "witness": "PREP2",
        }) for vial in vials],
        ("Container", {"code": f"$C{n}", "kind": "syringe", "name": f"dose {n}", "batch_code": batch}),
        ("DoseFilled", {
            "dose_code": f"$dose{n}", "container_code": f"$C{n}", "label_ml": "10.0", "expires_at": at, "second": "PREP2",
        }),
    ]  # fmt: skip


def given(at: datetime, coi: str, infusion: int = 1, **changed: Any) -> list[tuple[str, dict[str, Any]]]:
    """The rows of an infusion of that dose: it began, and unless `finished` is False it ended."""
    n = str(infusion)
    rows: list[tuple[str, dict[str, Any]]] = [("Administration", {
        "code": f"$given{n}", "dose_code": f"$dose{n}", "order_code": f"$order{n}", "coi": coi, "infusion": infusion,
        "wristband_code": "W", "access": "internal carotid catheter", "started_at": at, "second": "NURS1", "by": "PHYS1",
    } | changed.get("given", {}))]  # fmt: skip
    if changed.get("finished", True) is not False:
        rows.append(("Finished", {
            "administration_code": f"$given{n}", "ended_infusion_at": at, "given_ml": "10.0", "left_ml": "0.1", "stopped_because": "",
            "events": "none", "by": "PHYS1",
        } | changed.get("end", {})))  # fmt: skip
    return rows


def rows_of(ledger: Ledger, table: Any, /, **wanted: Any) -> list[Any]:
    with ledger.read() as session:
        return list(session.exec(select(table).filter_by(**wanted)))


def folder_of(ledger: Ledger) -> str:
    """The trial folder in force."""
    with ledger.read() as session:
        return folder_in_force_code(session)


def usual(where: tuple[str, str | None]) -> dict[str, str]:
    """What the first person usually reads in this step."""
    return dict(usual_values(where[0], where[1] or ""))


def usual_second(where: tuple[str, str | None]) -> dict[str, str]:
    """What the second person reads that differs."""
    return dict(second_values(where[0], where[1] or ""))


def batch_of(ledger: Ledger, coi: str) -> str:
    """A released batch of this subject, planted when there is none."""
    found = rows_of(ledger, Batch, coi=coi)
    if found:
        return str(found[0].code)
    made = plant(
        ledger, coi, ("Batch", {"code": "$b", "coi": coi, "collection_code": "x", "folder_code": folder_of(ledger)}),
        ("BatchDecision", {"batch_code": "$b", "decision": "released", "why": "x"}),
    )  # fmt: skip
    return made["$b"]


def lift(ledger: Ledger, code: str) -> None:
    """QA lifts a hold that somebody else placed."""
    from backend.ledger import digest_of
    from backend.quality.reads import shown_hold

    with ledger.read() as session:
        shown = digest_of(shown_hold(session, code))
    ledger.do("quality.lift_hold", {"hold_code": code}, by=by("QA1"), signatures=sign("QA1"), shown=shown, reason="Looked at.")


def whole(run: Run) -> Callable[[Ledger], Run]:
    """A frozen bank to its closed subject: a label smeared, CD34 out, a hold, a dose broken on the ward and another given, withdrawn."""

    def told(ledger: Ledger) -> Run:
        coi, reason = run.harvest.coi, "It is smeared."
        (vial, *_) = run.player.containers(ledger, run.batch, "cryovial")
        smeared = {"label": run.player.label_of(ledger, vial.code)}
        ledger.do("custody.reprint_label", smeared, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason=reason)
        run.player.put_labels_on(ledger, run.batch)
        held = {"about": run.batch, "why": "The tank was warm."}
        lift(ledger, ledger.do("quality.place_hold", held, by=by("QA2"), signatures=sign("QA2")).result)
        script = Script(SCRIPTS[0].who, 0, incidents=frozenset({"CD34 high", "broken syringe", "withdraws"}))
        ends_at = ledger.clock() + timedelta(days=365)
        for wait in treat(Case(ledger, script, coi, run.harvest.wristband, run.batch, ends_at, lambda _: None)):
            story.advance(ledger, seconds=wait.total_seconds())
        return run

    return told


def free_position(ledger: Ledger, here: Bank) -> str:
    """A position of the subject's box in which nothing stands."""
    from backend.custody.models import Place

    with ledger.read() as session:
        box = session.get_one(Place, here.positions[0]).parent_code
        rows = session.exec(select(Place.code).where(Place.parent_code == box).order_by(Place.code)).all()
    return next(one for one in rows if one not in here.positions)
