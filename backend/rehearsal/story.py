"""The story of the trial so far: each subject's part is played on one clock, in the order in which things happen.

A part is a generator: it does what is due and yields how long it waits. So twelve subjects live beside each other as they would.
"""

import heapq
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, event

from backend.batch.rules import Where
from backend.ledger import Ledger, Refused, UnknownCode, digest_of
from backend.quality.reads import shown_deviation
from backend.rehearsal import ward
from backend.rehearsal.cast import by, hire, sign
from backend.rehearsal.clock import StoryClock
from backend.rehearsal.player import Laboratory, Player, furnish
from backend.rehearsal.scripts import OLD_MAN, Script
from backend.rehearsal.treatment import Case, leave, treat
from backend.rehearsal.usual import MINUTES, PAUSES, usual
from backend.settings import Settings
from backend.trial.reads import current

COUNTED = ("live",)
Say = Callable[[str], None]


@dataclass
class Stage:
    """Where the story is played: the record, its clock, the dice, and what the laboratory owns."""

    ledger: Ledger
    clock: StoryClock
    rng: Random
    ends_at: datetime
    say: Say = print
    laboratory: Laboratory = field(default_factory=lambda: Laboratory({}, {}, ()))
    boxes: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    heparin: str = ""
    foreign: str = ""  # a container of somebody else, once there is one
    refused: list[str] = field(default_factory=list)


def hurry(engine: Engine) -> None:
    """A record that is played can be played again: SQLite need not wait for the disk after each act."""
    if engine.dialect.name == "sqlite":
        engine.dispose()

        @event.listens_for(engine, "connect")
        def _no_wait(raw: Any, _: object) -> None:
            raw.execute("PRAGMA synchronous=OFF")


def trial_files(settings: Settings) -> dict[str, bytes]:
    """The files of the trial folder that this installation runs."""
    folder = settings.templates_dir / settings.trial
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))}


def set_up(stage: Stage, files: dict[str, bytes], boxes: int) -> None:
    """People, an approved trial folder, the sealed list, places, lots and equipment are there."""
    ledger = stage.ledger
    hire(ledger)
    ward.approve_folder(ledger, ward.propose_folder(ledger, files))
    ward.import_list(ledger, stage.rng)
    stage.boxes = ward.build_places(ledger, boxes)
    with ledger.read() as session:
        master = current(session).master
    stage.laboratory = furnish(ledger, master)
    stage.heparin = ward.receive_heparin(ledger)


def play(stage: Stage, scripts: Iterable[Script], begins_at: datetime) -> None:
    """Every part is played to where it stops; time is then where the story ends."""
    due: list[tuple[datetime, int, Iterator[timedelta]]] = []
    for n, script in enumerate(scripts):
        heapq.heappush(due, (begins_at + timedelta(days=script.days), n, part(stage, script, stage.boxes[n])))
    while due:
        at, n, one = heapq.heappop(due)
        stage.clock.reach(at)
        wait = next(one, None)
        if wait is not None:
            heapq.heappush(due, (stage.clock.at + wait, n, one))


def refuse_the_old_man(stage: Stage) -> None:
    """A man of 66 is asked and refused by name of the criterion; that is in the record too."""
    man = replace(OLD_MAN, birth_date=f"{stage.clock.at.year - 66}-01-15")
    _refused(stage, lambda: ward.enrol(stage.ledger, man))
    stage.say(f"{OLD_MAN.number}: screening refused. {stage.refused[-1]}")


def _refused(stage: Stage, attempt: Callable[[], object]) -> None:
    """Something that Marrowline must prevent is tried; if it is not prevented, the story is wrong."""
    try:
        attempt()
    except (Refused, UnknownCode) as no:
        stage.refused.append(str(no))
        return
    raise AssertionError("what must be refused was done")


def part(stage: Stage, script: Script, boxes: tuple[tuple[str, ...], tuple[str, ...]]) -> Iterator[timedelta]:
    """One subject from enrolment to the last disposition, or to where the script stops."""
    ledger, who = stage.ledger, script.who
    if "similar" in script.incidents:
        _refused(stage, lambda: ward.enrol(ledger, who))
        coi = ward.enrol_similar(ledger, who)
    else:
        coi = ward.enrol(ledger, who)
    if script.until == "enrolled":
        stage.say(f"{who.number}: enrolled, waits for serology and binding.")
        return
    yield timedelta(days=1, hours=2)
    ward.screen(ledger, coi)
    yield timedelta(hours=3)
    band = ward.bind(ledger, coi, who)
    if script.until == "bound":
        stage.say(f"{who.number}: bound, waits for its harvest to be ordered.")
        return
    yield timedelta(days=2)
    if script.ends_now is not None and script.until != "ordered":
        yield stage.ends_at - script.ends_now - stage.clock.at
    kit = ward.order(ledger, coi)
    if script.until == "ordered":
        stage.say(f"{who.number}: harvest ordered, the kit is on the ward.")
        return
    yield timedelta(minutes=45)
    if "short marrow" in script.incidents:
        ward.collect(ledger, kit, band, stage.heparin, "6.0")
        stage.say(f"{who.number}: 6 mL of marrow is too short; it is collected again under the same chain of identity.")
        yield timedelta(days=4)
        kit = ward.order(ledger, coi, "The first marrow had 6 mL; at least 10 mL are needed.")
        yield timedelta(minutes=45)
    ward.collect(ledger, kit, band, stage.heparin, f"{stage.rng.randint(260, 360) / 10:.1f}")
    yield timedelta(minutes=10)
    ward.pack(ledger, kit)
    yield timedelta(minutes=40)
    ward.bring(ledger, kit)
    yield timedelta(minutes=12)
    ward.receive(ledger, kit)
    batch = yield from manufacture(stage, script, kit, boxes)
    case = Case(ledger, script, coi, band, batch, stage.ends_at, stage.say)
    if batch:
        yield from treat(case)
    elif "fails" in script.incidents:
        yield from leave(case, "No bank can be made of the subject's cells.")


def manufacture(
    stage: Stage, script: Script, kit: ward.Kit, boxes: tuple[tuple[str, ...], ...]
) -> Generator[timedelta, None, str]:  # fmt: skip
    """The batch, step by step, with what the script lets go wrong; its code when a bank was frozen."""
    ledger, number = stage.ledger, script.who.number
    player = Player(
        replace(stage.laboratory, boxes=boxes), wait=lambda _, __: None, changed=dict(script.first), changed_second=dict(script.second)
    )
    batch = player.open(ledger, kit.collection)
    while (where := player.course(ledger, batch).next) is not None:
        if where[0] == script.until:
            stage.say(f"{number}: {where[0]} is next{', in passage ' + where[1] if where[1] else ''}.")
            return ""
        yield PAUSES.get(where[0], MINUTES)
        _one_step(stage, script, player, batch, where)
        if not _decide(stage, player, batch, accept="fails" not in script.incidents):
            why = "Fewer viable cells than a bank needs."
            ledger.do("batch.reject", {"batch": batch}, by=by("QA2"), signatures=sign("QA2"), reason=why)
            stage.say(f"{number}: batch rejected by QA, too few viable cells.")
            return ""
    stage.say(f"{number}: frozen, {len(player.containers(ledger, batch, 'cryovial'))} vials in two tanks.")
    return batch


def _one_step(stage: Stage, script: Script, player: Player, batch: str, where: Where) -> None:
    ledger, incidents = stage.ledger, script.incidents
    if where[0] == "MNC-2" and "foreign container" in incidents and stage.foreign:
        _refused(stage, lambda: player.scan(ledger, batch, where, stage.foreign))
    if where[0] == "REC-1" and "second reading differs" in incidents:
        first = usual("REC-1", "")
        player.perform(ledger, batch, where, first)
        player.verify(ledger, batch, where, first | {"coldest": "15.8"})
    player.play_step(ledger, batch, where, _counted(stage, player, where))
    if where[0] == "MNC-3":
        tube = player.containers(ledger, batch, "cell tube")[0].code
        if "smeared label" in incidents:
            _reprint(stage, player, batch, tube)
        stage.foreign = tube


def _counted(stage: Stage, player: Player, where: Where) -> dict[str, str]:
    """Counts differ a little from one subject to the next, unless the script says what was counted."""
    step, passage = where[0], where[1] or ""
    if (passage, step) in player.changed:
        return {}
    found = {}
    for name, text in usual(step, passage).items():
        if name in COUNTED:
            found[name] = " ".join(str(int(square) + stage.rng.randint(-2, 2)) for square in text.split())
    return found


def _reprint(stage: Stage, player: Player, batch: str, container: str) -> None:
    """A smeared label is replaced by two people; the old one is void at once."""
    old = player.label_of(stage.ledger, container)
    why = "The symbol is smeared and does not read."
    stage.ledger.do("custody.reprint_label", {"label": old}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason=why)
    player.put_labels_on(stage.ledger, batch)
    _refused(stage, lambda: stage.ledger.do("custody.hand_over", _carry(old), by=by("TECH1")))


def _carry(label: str) -> dict[str, object]:
    return {"container": [label], "to": "Incubator", "condition": "intact", "temperature_c": "20", "seal": "none", "logger": "none"}


def _decide(stage: Stage, player: Player, batch: str, *, accept: bool) -> bool:
    """QA decides every deviation that the step waits for; whether the batch may go on."""
    ledger = stage.ledger
    waiting = player.course(ledger, batch).waiting()
    for one in waiting:
        told = {
            "deviation": one.deviation_code, "cause": "The cells of this subject; the counts were repeated by two people.",
            "impact": "On this batch only.", "action": "Nothing was changed. The next count is watched.",
        }  # fmt: skip
        ledger.do("quality.describe", told, by=by("TECH3"))
        given = {"deviation": one.deviation_code, "decision": "accept" if accept else "reject"}
        why = "The value is plausible, and later limits protect the bank." if accept else "A bank needs more viable cells."
        with ledger.read() as session:
            shown = digest_of(shown_deviation(session, deviation=one.deviation_code))
        ledger.do("quality.decide", given, by=by("QA2"), signatures=sign("QA2"), reason=why, shown=shown)
    return accept or not waiting
