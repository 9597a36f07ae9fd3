"""What a site can set: all of it is in the README, and what cannot work is said when the program starts."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.custody.reads import one_label_pdf
from backend.custody.reads.labelling import template_in
from backend.ledger import Refused
from backend.settings import Settings, settings
from backend.trial.reads import folder_in_force_code
from labels.codes import draw
from tests import story
from tests.conftest import At
from tests.labels.paper import HAN, installed, texts

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture
def han(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MARROWLINE_LABEL_FONT", str(installed(HAN)))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_every_setting_is_in_the_readme() -> None:
    text = README.read_text()
    named = set(re.findall(r"`(?:MARROWLINE)?_([A-Z_]+)`", text)) | set(re.findall(r"MARROWLINE_([A-Z_]+)=", text))
    assert {name.upper() for name in Settings.model_fields} - named == set()


@pytest.mark.parametrize(("path", "sentence"), [("/nowhere/song.ttf", "there is no such file"), (__file__, "cannot be embedded")])
def test_a_font_that_cannot_be_used_is_said_at_the_start(path: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Settings(label_font=path, _env_file=None)  # type: ignore[call-arg]


def _plate(here: At, name: str) -> bytes:
    with here.ledger.read() as session:
        template = template_in(session, folder_in_force_code(session), "place")
    return one_label_pdf(here.ledger, template, {"code": draw("P"), "place_name": name, "place_path": "Site"})


def test_a_chinese_name_is_refused_without_a_font(at: Callable[..., At]) -> None:
    with pytest.raises(Refused, match="is not in the font; a font that has it must be configured"):
        _plate(at("folder approved", story.folder_approved), "液氮罐")


def test_a_chinese_name_is_drawn_with_the_font_that_is_set(at: Callable[..., At], han: None) -> None:
    assert "液氮罐" in texts(_plate(at("folder approved", story.folder_approved), "液氮罐"))[0]
