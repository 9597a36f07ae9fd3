"""Both carotid arms side by side: one story, two databases, and nothing that a masked person could read tells them apart (R2, R5)."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest

from backend.access.rules import Role, Viewer
from backend.custody.models import Container, Label
from backend.desk.reads.history import reader_for
from backend.dose.models import PrepMismatched
from backend.dose.reads import dose_view
from backend.dose.reads.correcting import shown_correction
from backend.ledger import Ledger, Refused, digest_of
from backend.ledger.reads import entries
from backend.quality.models import Deviation, DeviationDecided
from tests.conftest import At
from tests.dose import bench as rig
from tests.people import by, sign

Reach = Callable[[str, str], At]
TWINS = ("ica_low", "ica_high")
CODE = re.compile(r"\b[SCLWPETBDK][0-9A-Z]{12}\b")
SEALED = re.compile(r"~(identity|masked)\.[A-Za-z0-9+/=]+")
HEX = re.compile(r"\b[0-9a-f]{32,64}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)|datetime\([^)]*\)+|\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")


def plain(text: str) -> str:
    """A text with placeholders for what is drawn by chance: codes, ciphertext (its length kept), hashes, times."""
    text = SEALED.sub(lambda found: f"~{found[1]} {len(found[0])}", text)
    return TIME.sub("<time>", HEX.sub("<hash>", CODE.sub("<code>", text)))


def bodies(here: At) -> list[str]:
    """Every entry of the subject's chain, as it was hashed, in order."""
    with here.ledger.engine.connect() as conn:
        rows = conn.exec_driver_sql("SELECT body FROM entry ORDER BY at, chain, seq").all()
    return [plain(_sorted(orjson.loads(row[0]))) for row in rows]


def _sorted(body: dict[str, Any]) -> str:
    """The changes in no order: rows of one act are flushed by their keys, which are drawn by chance."""
    body["changes"] = sorted(plain(orjson.dumps(one).decode()) for one in body["changes"])
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()


def masked(here: At) -> list[str]:
    """Everything that a masked reader of the record is shown of the history and of the dose."""
    found = []
    for role in (Role.QA, Role.PHYSICIAN, Role.NURSE, Role.TECHNICIAN, Role.ANALYST, Role.COORDINATOR, Role.INSPECTOR):
        viewer = Viewer("SOME1", "Somebody", frozenset({role}))
        with here.ledger.read() as session:
            told = entries(session, reader_for(here.ledger, viewer), limit=300)
            found += [plain(repr(one)) for one in told if one.act.startswith(("dose.", "custody.", "testing."))]
            found.append(plain(dose_view(session, here.ledger, here.told.dose, viewer, here.ledger.clock()).model_dump_json()))
    return found


def things(here: At) -> list[str]:
    """The containers and labels of the story, by name and text."""
    boxes = [f"{one.kind} {one.name} {one.step}" for one in rig.rows(here.ledger, Container)]
    return sorted(boxes) + sorted(plain(one.values_text) + one.template for one in rig.rows(here.ledger, Label))


def slips(ledger: Ledger, here: rig.Bank) -> None:
    """Somebody misses the point, somebody draws the other arm's volume: each is refused in the same words."""
    right = rig.VOLUMES[here.arm]
    for factor in ("0.1", "10", "4", "0.25"):
        with pytest.raises(Refused):
            rig.do(ledger, "formulate", here, **(right | {"drawn_ml": f"{Decimal(right['drawn_ml']) * Decimal(factor):f}"}))


def story(here: At) -> None:
    """From a counted dose with slips, a mismatch, and a fill that is out of its limit by the same part of each, to the release."""
    bank, ledger = here.told, here.ledger
    slips(ledger, bank)
    rig.formulated(ledger, bank)
    fill = rig.FILLS[bank.arm]
    rig.do(ledger, "fill", bank, **fill)
    rig.do(ledger, "fill_again", bank, "PREP2", **(fill | {"net_g": "10.41"}))
    rig.filled(ledger, bank, net_g="9.80")
    rig.sampled(ledger, bank)
    rig.labelled(ledger, bank)
    rig.tested(ledger, bank)
    with pytest.raises(Refused):
        rig.decide(ledger, bank)
    for row in rig.rows(ledger, Deviation):
        given = {"deviation": row.code, "decision": "accept"}
        ledger.do("dose.decide_deviation", given, by=by("UQA1"), signatures=sign("UQA1"), reason="It holds enough.")
    rig.decide(ledger, bank)
    for step, values, other in (
        ("wash", rig.WASH | {"wash_ml": "42.0"}, "wash_again"), ("count", rig.FIRST, "recount"),
        ("formulate", rig.VOLUMES[bank.arm], "formulate_again"), ("fill", fill | {"net_g": "9.80"}, "fill_again"),
    ):  # fmt: skip
        corrected(ledger, bank, step, other, values)


def corrected(ledger: Ledger, bank: rig.Bank, step: str, other: str, values: dict[str, str]) -> None:
    """After the release a step is corrected, misread once more, read alike, and its hold lifted (F2)."""
    rig.do(ledger, "correct", bank, "PREP2", step=step, reason="It was misread.")
    slip = next(name for name in ("left_ml", "dilution", "suspension_ml") if name in values)
    rig.do(ledger, step, bank, **(values | {slip: f"{Decimal(values[slip]) + 1}"}))
    rig.do(ledger, other, bank, "PREP2", **values)
    for verb, who in ((step, "PREP1"), (other, "PREP2")):
        if rig.rows(ledger, PrepMismatched, step=step)[1:] and verb == step:
            decide_open(ledger)
        rig.do(ledger, verb, bank, who, **values)
    decide_open(ledger)
    with ledger.read() as session:
        shown = digest_of(shown_correction(session, dose=bank.dose))
    ledger.do("dose.lift_hold", {"dose": bank.dose}, by=by("UQA1"), signatures=sign("UQA1"), reason="It conforms.", shown=shown)


def decide_open(ledger: Ledger) -> None:
    """Every masked deviation that nobody decided is accepted."""
    done = {row.deviation_code for row in rig.rows(ledger, DeviationDecided)}
    for row in rig.rows(ledger, Deviation):
        if row.code not in done:
            given = {"deviation": row.code, "decision": "accept"}
            ledger.do("dose.decide_deviation", given, by=by("UQA1"), signatures=sign("UQA1"), reason="It was looked into.")


def test_r5_two_arms_one_story_nothing_told_apart(reach: Reach) -> None:
    """The list of the rig names its arm in the open; everything after it is compared."""
    low, high = (reach(arm, "counted") for arm in TWINS)
    for here in (low, high):
        story(here)
    assert things(low) == things(high)
    one, two = ([re.sub(r'"arm":"ica_\w+"', "", body) for body in bodies(here)] for here in (low, high))
    assert len(one) == len(two)
    assert [(a, b) for a, b in zip(one, two, strict=True) if a != b] == []
    assert [(a, b) for a, b in zip(masked(low), masked(high), strict=True) if a != b] == []


def test_the_comparison_finds_an_arm_that_is_told(reach: Reach) -> None:
    """A test of the test: unmasked people are shown what masked ones are not."""
    seen = []
    for arm in TWINS:
        here = reach(arm, "counted")
        viewer = Viewer("UQA1", "Wu Qing", frozenset({Role.UNMASKED_QA}))
        with here.ledger.read() as session:
            seen.append(plain(dose_view(session, here.ledger, here.told.dose, viewer, here.ledger.clock()).model_dump_json()))
    assert seen[0] != seen[1]
