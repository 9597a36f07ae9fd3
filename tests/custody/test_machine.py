"""Custody as a machine: two subjects' vials and labels go every way they can, and after each step a plain model says what must be true."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from backend.custody.models import BoxClaim, Label, LabelPrinted, Occupancy
from backend.custody.reads import container_of, print_view
from backend.ledger import Refused
from tests.custody import rig
from tests.people import by, sign
from tests.visit import SETTINGS

VIALS, POSITIONS = range(4), range(3)
SPOILT = (1, 3)  # one vial of each subject stays fit for use, so that long stories go on


class Custody(RuleBasedStateMachine):
    """Two subjects with two vials each, two boxes of which three positions are used."""

    make: Callable[[], Any]

    @initialize()
    def begin(self) -> None:
        here = self.make()
        self.ledger, boxes = here.ledger, here.told.boxes
        both = [here.told, rig.labelled(self.ledger, "S04", 2)]
        self.coi = [one.coi for one in both for _ in range(2)]
        self.vials = [vial for one in both for vial in one.containers[:2]]
        self.labels = [label for one in both for label in one.labels[:2]]
        self.positions = [positions[:3] for positions in boxes.positions]
        self.box_of = {p: n for n, found in enumerate(self.positions) for p in found}
        self.where: dict[int, str] = {}
        self.gone: set[int] = set()
        self.void: set[int] = set()

    def attempt(self, name: str, given: dict[str, Any], allowed: bool, *signed: str) -> None:
        """The act goes through exactly when the model says so."""
        try:
            self.ledger.do(name, given, by=by("TECH1"), signatures=sign(*signed) if signed else (), reason="tried")
            done = True
        except Refused:
            done = False
        assert done == allowed, (name, given, self.where)

    @rule(vial=st.sampled_from(VIALS), box=st.sampled_from((0, 1)), position=st.sampled_from(POSITIONS))
    def store(self, vial: int, box: int, position: int) -> None:
        target = self.positions[box][position]
        owners = {self.coi[v] for v, p in self.where.items() if self.box_of[p] == box}
        allowed = (
            vial not in self.gone | self.void and vial not in self.where and target not in self.where.values()
            and owners <= {self.coi[vial]}
        )  # fmt: skip
        given = {"container": [self.vials[vial]], "position": [target], "exposure_s": "30"}
        self.attempt("custody.store", given, allowed, "TECH1", "TECH2")
        if allowed:
            self.where[vial] = target

    @precondition(lambda self: self.where)
    @rule(which=st.integers(0, 3))
    def pick_from_where_it_is(self, which: int) -> None:
        vial = sorted(self.where)[which % len(self.where)]
        given = {"container": [self.vials[vial]], "position": [self.where[vial]], "exposure_s": "30"}
        self.attempt("custody.pick", given, True, "TECH1", "TECH2")
        del self.where[vial]

    @rule(vial=st.sampled_from(VIALS), box=st.sampled_from((0, 1)), position=st.sampled_from(POSITIONS))
    def pick(self, vial: int, box: int, position: int) -> None:
        target = self.positions[box][position]
        allowed = self.where.get(vial) == target
        given = {"container": [self.vials[vial]], "position": [target], "exposure_s": "30"}
        self.attempt("custody.pick", given, allowed, "TECH1", "TECH2")
        if allowed:
            del self.where[vial]

    @rule(vial=st.sampled_from(VIALS), box=st.sampled_from((0, 1)), position=st.sampled_from(POSITIONS))
    def move(self, vial: int, box: int, position: int) -> None:
        target = self.positions[box][position]
        others = {v: p for v, p in self.where.items() if v != vial}
        owners = {self.coi[v] for v, p in others.items() if self.box_of[p] == box}
        allowed = vial in self.where and vial not in self.void and target not in others.values() and owners <= {self.coi[vial]}
        given = {"container": self.vials[vial], "position": self.where.get(vial, target), "to": target, "exposure_s": "10"}
        self.attempt("custody.move", given, allowed, "TECH1", "TECH2")
        if allowed:
            self.where[vial] = target

    @rule(vial=st.sampled_from(SPOILT))
    def use_up(self, vial: int) -> None:
        allowed = vial not in self.gone and vial not in self.where
        self.attempt("rig.use_up", {"container": self.vials[vial]}, allowed)
        if allowed:
            self.gone.add(vial)

    @rule(vial=st.sampled_from(SPOILT))
    def void_label(self, vial: int) -> None:
        self.attempt("custody.void_label", {"label": self.labels[vial]}, vial not in self.void)
        self.void.add(vial)

    @invariant()
    def the_record_says_where_each_vial_is(self) -> None:
        standing = {o.container_code: o.position_code for o in rig.rows(self.ledger, Occupancy, ended_at=None)}
        assert standing == {self.vials[v]: p for v, p in self.where.items()}

    @invariant()
    def a_box_is_claimed_exactly_while_it_holds_a_vial(self) -> None:
        claims = {c.box_code: c.coi for c in rig.rows(self.ledger, BoxClaim, ended_at=None)}
        assert len(claims) == len({self.box_of[p] for p in self.where.values()})
        assert set(claims.values()) == {self.coi[v] for v in self.where}

    @invariant()
    def a_void_label_stops_and_a_live_one_does_not(self) -> None:
        with self.ledger.read() as session:
            for vial in VIALS:
                if vial in self.void:
                    with pytest.raises(Refused, match="is void"):
                        container_of(session, self.labels[vial])
                else:
                    assert container_of(session, self.labels[vial]).code == self.vials[vial]


class Labels(RuleBasedStateMachine):
    """Three labels of one subject, one of them a spare, through every act that there is for a label."""

    make: Callable[[], Any]

    @initialize()
    def begin(self) -> None:
        self.ledger = self.make().ledger
        made = rig.make(self.ledger, "S08", 2, 1)
        self.labels = made.labels
        self.spare = made.labels[2]
        self.job = rig.print_(self.ledger, self.labels)
        self.state = dict.fromkeys(self.labels, "printed")

    def attempt(self, name: str, given: dict[str, Any], allowed: bool, *signed: str) -> Any:
        try:
            made = self.ledger.do(name, given, by=by("TECH1"), signatures=sign(*signed) if signed else (), reason="tried").result
            assert allowed, (name, given, self.state)
        except Refused as no:
            assert not allowed, (name, given, self.state, str(no))
            return None
        return made

    @rule(n=st.integers(0, 2))
    def verify(self, n: int) -> None:
        label = self.labels[n]
        allowed = self.state[label] == "printed"
        self.attempt("custody.verify_label", {"print_code": self.job, "label": label}, allowed)
        self.state[label] = "verified" if allowed else self.state[label]

    @rule(n=st.integers(0, 2))
    def apply(self, n: int) -> None:
        label = self.labels[n]
        allowed = self.state[label] == "verified" and label != self.spare
        self.attempt("custody.apply_label", {"label": [label]}, allowed)
        self.state[label] = "applied" if allowed else self.state[label]

    @rule(n=st.integers(0, 2))
    def void(self, n: int) -> None:
        label = self.labels[n]
        allowed = self.state[label] in {"printed", "verified", "applied"}
        self.attempt("custody.void_label", {"label": label}, allowed)
        self.state[label] = "void" if allowed else self.state[label]

    @rule(n=st.integers(0, 2))
    def destroy(self, n: int) -> None:
        label = self.labels[n]
        allowed = self.state[label] in {"printed", "verified"}
        self.attempt("custody.destroy_label", {"label": [label]}, allowed, "TECH1", "TECH2")
        self.state[label] = "destroyed" if allowed else self.state[label]

    @rule(n=st.integers(0, 2))
    def specimen(self, n: int) -> None:
        label = self.labels[n]
        allowed = self.state[label] in {"printed", "verified"}
        self.attempt("custody.keep_specimen", {"label": label, "where": "page 31"}, allowed)
        self.state[label] = "specimen" if allowed else self.state[label]

    @rule(n=st.integers(0, 2))
    def reprint(self, n: int) -> None:
        label = self.labels[n]
        allowed = self.state[label] in {"printed", "verified", "applied"}
        fresh = self.attempt("custody.reprint_label", {"label": label}, allowed, "TECH1", "TECH2")
        if fresh:
            self.state[label] = "void"
            old = rig.rows(self.ledger, Label, code=label)[0]
            assert rig.rows(self.ledger, Label, code=fresh)[0].of_code == old.of_code

    @invariant()
    def the_sum_is_what_the_model_counts(self) -> None:
        with self.ledger.read() as session:
            seen = print_view(self.ledger, session, self.job, SETTINGS.zone)
        assert {one.code: one.state for one in seen.labels} == self.state
        assert seen.difference == sum(state in {"printed", "verified"} for state in self.state.values())

    @invariant()
    def no_container_has_two_live_labels(self) -> None:
        live = [one.of_code for one in rig.rows(self.ledger, Label, ended_at=None) if one.of_code]
        assert len(live) == len(set(live))
        assert len(rig.rows(self.ledger, LabelPrinted)) == 3


TRIES = settings(max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))


def test_custody_is_always_what_the_acts_made_of_it(at: Callable[..., Any], labelled: Any) -> None:
    class Here(Custody):
        make = staticmethod(lambda: at("custody labelled"))

    run_state_machine_as_test(Here, settings=TRIES)


def test_a_label_lives_as_it_must_and_the_sum_holds(at: Callable[..., Any], built: Any) -> None:
    class Here(Labels):
        make = staticmethod(lambda: at("custody built"))

    run_state_machine_as_test(Here, settings=TRIES)
