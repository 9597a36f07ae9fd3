"""Mass balance as a machine: tubes of cells are sampled, shared out, thinned and counted in any order, and a model in fractions agrees."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backend.batch.rules import Contents, Held, Where, unbalanced
from backend.trial.rules import Folder, MasterRecord, Phase, Step
from tests.batch.rows import Told

KIND = "pool tube"
NEAR = Fraction(1, 10**25)


@dataclass
class Tube:
    """What the model says is in a tube, and what it began with was never exceeded."""

    volume: Fraction
    cells: Fraction


@dataclass
class Model:
    """Mass balance in fractions, written without a look at the rule."""

    tubes: dict[str, Tube] = field(default_factory=dict)
    sampled: Fraction = Fraction(0)
    began: Fraction = Fraction(0)
    whole: bool = True  # nothing was counted anew, and nothing came out that was not there

    def take(self, tube: Tube, volume: Fraction | None, cells: Fraction | None) -> set[str]:
        """Units in which more came out of the tube than the limits allow."""
        found = set()
        if volume is not None and volume * 100 > tube.volume * 105:
            found.add("mL")
        if cells is not None and cells * 100 > tube.cells * 115:
            found.add("viable cells")
        if (volume is not None and volume > tube.volume) or (cells is not None and cells > tube.cells):
            self.whole = False
        return found


class MassBalance(RuleBasedStateMachine):
    """One tube of cells is sampled, shared out, thinned with medium and counted again, in any order, and its tubes as well."""

    master: MasterRecord

    def __init__(self) -> None:
        super().__init__()
        self.told, self.steps, self.made = Told(self.master), list[Step](), dict[tuple[Where, str], list[str]]()
        self.model = Model({"T0": Tube(Fraction(20), Fraction(10**8))}, began=Fraction(10**8))
        self.wanted: dict[Where, set[str]] = {}
        self.contents = Contents(self.told.course(), {}, {})

    def add(self, tube: str, step: dict[str, Any], values: dict[str, str], wanted: set[str], made: tuple[str, ...] = ()) -> None:
        where = (f"AAA-{len(self.steps)}", None)
        uses = [{"kind": KIND, "number": 1, "then": "kept"} | step.pop("uses", {})]
        self.steps.append(Step.model_validate({"code": where[0], "title": "A step", "people": "performer", "uses": uses} | step))
        self.told.master = self.master.model_copy(update={"phases": (Phase(code="AAA", title="All", steps=tuple(self.steps)),)})
        self.told.scan(where, "uses", KIND, tube)
        self.told.finish(where, values)
        self.made[where, KIND] = list(made)
        self.wanted[where] = wanted
        self.contents = Contents(self.told.course(), self.made, {"T0": Held(Decimal(20), Decimal(10**8))})

    def tube(self, which: int) -> tuple[str, Tube]:
        code = sorted(self.model.tubes)[which % len(self.model.tubes)]
        return code, self.model.tubes[code]

    @rule(which=st.integers(0, 9), tenths=st.integers(1, 80))
    def sample(self, which: int, tenths: int) -> None:
        code, tube = self.tube(which)
        amount, held = Fraction(tenths, 10), tube.volume
        wanted = self.model.take(tube, amount, None)
        left = max(held - amount, Fraction(0))
        cells = tube.cells * left / held if held else Fraction(0)
        self.model.sampled += tube.cells - cells
        self.model.tubes[code] = Tube(left, cells)
        taken = {"kind": "sample tube", "of": KIND, "tests": ["sterility"], "amount": f"{Decimal(tenths) / 10} mL"}
        self.add(code, {"samples": [taken]}, {}, wanted)

    @rule(
        which=st.integers(0, 9), number=st.integers(1, 3), tenths=st.integers(1, 90), cells=st.integers(1, 6 * 10**7),
        thinned=st.booleans(),
    )  # fmt: skip
    def share_out(self, which: int, number: int, tenths: int, cells: int, thinned: bool) -> None:
        code, tube = self.tube(which)
        volume, out = Fraction(tenths, 10), Fraction(cells * number)
        wanted = self.model.take(tube, None if thinned else volume * number, out)
        left = max(tube.cells - out, Fraction(0))
        self.model.tubes[code] = Tube(tube.volume * left / tube.cells if tube.cells else Fraction(0), left)
        made = tuple(f"T{len(self.model.tubes) + n}" for n in range(number))
        self.model.tubes |= {one: Tube(volume, Fraction(cells)) for one in made}
        readings = [{"code": "volume", "ask": "Volume", "unit": "mL"}, {"code": "cells", "ask": "Cells", "unit": "cells"}]
        step = {"readings": readings, "makes": [{"kind": KIND, "number": number, "each": {"volume": "volume", "cells": "cells"}}]}
        step |= {"materials": [{"item": "culture medium"}]} if thinned else {"materials": [{"item": "cryovial 2 mL"}]}
        self.add(code, step, {"volume": str(Decimal(tenths) / 10), "cells": str(cells)}, wanted, made)

    @rule(which=st.integers(0, 9), cells=st.integers(0, 2 * 10**8))
    def count(self, which: int, cells: int) -> None:
        code, tube = self.tube(which)
        wanted = self.model.take(tube, None, Fraction(cells))
        self.model.whole = False
        self.model.tubes[code] = Tube(tube.volume, Fraction(cells))
        readings = [{"code": "cells", "ask": "Cells", "unit": "cells"}]
        self.add(code, {"readings": readings, "uses": {"each": {"cells": "cells"}}}, {"cells": str(cells)}, wanted)

    @invariant()
    def a_step_is_out_of_balance_exactly_when_the_model_says_so(self) -> None:
        course = self.told.course()
        found = {
            where: {one.unit for one in sums if list(unbalanced(course, where, [one]))} for where, sums in self.contents.sums.items()
        }  # fmt: skip
        assert found == self.wanted

    @invariant()
    def every_tube_holds_what_the_model_says_and_never_less_than_nothing(self) -> None:
        for code, tube in self.model.tubes.items():
            held = self.contents.held.get(code) or Held(Decimal(20), Decimal(10**8))
            assert held.volume is not None and held.cells is not None
            assert held.volume >= 0 and held.cells >= 0
            assert abs(Fraction(held.volume) - tube.volume) <= NEAR * 20
            assert abs(Fraction(held.cells) - tube.cells) <= NEAR * 10**8

    @invariant()
    def no_cell_is_made_or_lost_while_nothing_came_out_that_was_not_there(self) -> None:
        if self.model.whole and self.contents.held:
            cells = sum(Fraction(one.cells) for one in self.contents.held.values() if one.cells is not None)
            assert abs(cells + self.model.sampled - self.model.began) <= NEAR * 10**9


def test_in_any_order_of_steps_nothing_comes_out_unseen_that_was_not_there(folder: Folder) -> None:
    """Requirement I3."""

    class Here(MassBalance):
        master = folder.master

    tries = settings(max_examples=60, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Here, settings=tries)
