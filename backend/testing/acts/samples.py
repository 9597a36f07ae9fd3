"""A sample comes into an analyst's hands: received with its label on, or a vial of the bank thawed to be tested."""

from decimal import Decimal
from typing import Annotated

from pydantic import StringConstraints

from backend.access.rules import Role
from backend.batch.acts.making import take_sample_tests
from backend.batch.models import Batch, SampleTaken
from backend.batch.rules.sampling import BANK_VIAL, of_stage
from backend.custody.acts import use_up
from backend.custody.models import Container, Disposed, Exposed, LabelApplied
from backend.custody.reads import amount_of, container_of, live_label, on_its_way, usable
from backend.custody.reads.containers import occupancy_of
from backend.ledger import ContainerCode, Now, Open, act, ask, refuse
from backend.testing.models import SampleReceived
from backend.testing.reads import is_sample, may_be_received, may_be_taken
from backend.testing.rules import against_receiving, against_taking
from backend.testing.rules.against import against_sample
from backend.trial.reads import folder
from backend.trial.rules import Specification

TESTED = "tested"
Condition = Annotated[str, StringConstraints(min_length=1, max_length=200), ask("Condition", hint="Intact, or what is wrong")]
Seconds = Annotated[int, ask("Time out of the cold", unit="s", hint="Since the vial was picked, in seconds", ge=0, le=86_400)]


def sample_of(now: Now, code: str) -> Container:
    """The sample that was scanned; Refused when it is none, or on its way. One that is used up can still be tested: it is."""
    box = container_of(now.session, code)
    refuse(against_sample(box, is_sample(now.session, box.code), on_its_way(now.session, box.code)))
    return box


@act(
    "testing.receive", roles={Role.ANALYST}, title="Receive the sample", tells="{by} received the sample {sample}.", offers=("C", "L"),
    ready=may_be_received, page="/testing/{code}",
)  # fmt: skip
def receive(now: Now, sample: ContainerCode, condition: Open[Condition]) -> SampleReceived:
    """An analyst has taken over the sample as it arrived. Refused: what is no sample, is on its way, or carries no label."""
    box = sample_of(now, sample)
    label = live_label(now.session, box.code)
    labelled = bool(label and now.session.get(LabelApplied, label.code))
    refuse(against_receiving(box, labelled, now.session.get(SampleReceived, box.code)))
    return now.add(SampleReceived(container_code=box.code, condition=condition, at=now.at, by=now.by))


@act(
    "testing.take_vial", roles={Role.ANALYST}, title="Thaw this vial for its tests", offers=("C", "L"), ready=may_be_taken,
    tells="{by} thawed the vial {vial} for its tests.", page="/testing/vials/{code}",
)  # fmt: skip
def take_vial(now: Now, vial: ContainerCode, seconds: Open[Seconds]) -> SampleTaken:
    """A picked vial of the bank is a sample with the tests of a bank vial; it is used up, and its end is that it was tested."""
    box = usable(now.session, vial)
    batch = now.session.get(Batch, box.batch_code or "")
    tests: list[Specification] = of_stage(folder(now.session, batch.folder_code).specifications, BANK_VIAL) if batch else []
    refuse(against_taking(box, occupancy_of(now.session, box.code), tests))
    held = amount_of(now.session, box.code)
    taken = now.add(SampleTaken(
        container_code=box.code, batch_code=box.batch_code or "", step=box.step, passage="", tests=",".join(one.test for one in tests),
        amount_ml=held.volume_ml if held and held.volume_ml is not None else Decimal(0), at=now.at, by=now.by,
    ))  # fmt: skip
    now.add(Exposed(code=now.draw("K"), container_code=box.code, seconds=seconds, doing="thawed for tests", at=now.at, by=now.by))
    now.add(SampleReceived(container_code=box.code, condition="thawed for its tests", at=now.at, by=now.by))
    now.session.flush()  # so that its tests find the sample that they are of
    take_sample_tests(now, box.code, box.batch_code or "", tests, BANK_VIAL)
    use_up(now, box, "thawed for its tests")
    now.add(Disposed(container_code=box.code, how=TESTED, why="Thawed for the tests of the bank.", at=now.at, by=now.by))
    return taken
