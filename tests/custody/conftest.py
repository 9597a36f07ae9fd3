"""Stages of custody: a trial folder is in force, two tanks stand, and the rig's acts can be done."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.ledger import Ledger
from tests import story
from tests.custody import rig


@pytest.fixture(autouse=True)
def _rigged() -> Iterator[None]:
    with rig.rigged():
        yield


def _built(ledger: Ledger) -> story.Boxes:
    story.folder_approved(ledger)
    return story.places_built(ledger)


@pytest.fixture
def built(at: Callable[..., Any]) -> Any:
    """Two tanks with a box each; `told` says where."""
    return at("custody built", _built)


@pytest.fixture
def labelled(at: Callable[..., Any]) -> Any:
    """Three labelled vials of subject S08, one spare label, and the boxes."""

    def tell(ledger: Ledger) -> rig.Vials:
        boxes = _built(ledger)
        made = rig.labelled(ledger, "S08", 3, 1)
        return rig.Vials(made.coi, made.containers, made.labels, made.print, boxes)

    return at("custody labelled", tell)
