"""What is installed: every file that the program needs goes with it, and what it imports is locked by hash."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = ("backend", "labels", "batch_templates", "migrations")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(text: str) -> set[str]:
    """The requirements of a file or a list, without extras and versions."""
    return {re.split(r"[\[=<>~! ]", line.strip())[0] for line in text.splitlines() if line.strip() and not line.startswith(("#", " ", "-"))}


def test_a_wheel_holds_every_page_style_script_text_and_trial_file(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for folder in SHIPPED:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "."]
    subprocess.run([*build, str(source)], check=True, capture_output=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    needed = {
        str(path.relative_to(ROOT)) for folder in SHIPPED for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }  # fmt: skip
    assert needed - held == set()


def test_what_the_program_imports_is_what_is_asked_for_and_locked() -> None:
    asked = names((ROOT / "requirements" / "run.in").read_text(encoding="utf-8"))
    assert asked - {"setuptools"} == names("\n".join(PROJECT["dependencies"]))


@pytest.mark.parametrize("name", ["run", "test"])
def test_the_lock_pins_everything_that_is_asked_for_by_hash_and_names_no_address(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==[^\s]+(.*?)(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    assert names((ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8")) <= {one for one, _ in pinned}
    assert [one for one, rest in pinned if "--hash=sha256:" not in rest] == []
    assert "://" not in lock
