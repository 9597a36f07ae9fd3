"""The real folder is without fault, says what the trial says, and is known by one fingerprint wherever its bytes are kept."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from backend.trial.rules import Folder, FolderFaults, Limit, faults, fingerprint, folder_of, read_folder
from backend.trial.rules.schema import FOLDER, schemas, write_schemas
from tests.trial.conftest import REAL


def test_the_folder_of_this_trial_has_no_fault() -> None:
    assert faults(REAL) == []


def test_a_folder_from_a_database_is_the_folder_from_disk(folder: Folder) -> None:
    again = folder_of(dict(reversed(list(folder.files.items()))))
    assert again == folder
    assert fingerprint(REAL) == fingerprint(folder.files) == folder.fingerprint
    assert re.fullmatch(r"[0-9a-f]{64}", folder.fingerprint)


@pytest.mark.parametrize("change", ["trial.yaml", "master-record.yaml", "specifications.yaml", "labels.yaml"])
def test_any_change_of_any_file_changes_the_fingerprint(folder: Folder, change: str) -> None:
    changed = folder_of({**folder.files, change: folder.files[change] + b"# a word\n"})
    assert changed.fingerprint != folder.fingerprint


def test_bytes_that_move_between_name_and_content_change_the_fingerprint() -> None:
    assert (
        len({fingerprint({"ab": b"c"}), fingerprint({"a": b"bc"}), fingerprint({"a": b"b", "c": b""}), fingerprint({"a": b"", "b": b"c"})})
        == 4
    )


def test_one_file_is_checked_alone(tmp_path: Path, folder: Folder) -> None:
    assert faults(REAL / "master-record.yaml") == []
    spoilt = tmp_path / "trial.yaml"
    spoilt.write_bytes(folder.files["trial.yaml"].replace(b"count: 3", b"count: three"))
    line = folder.files["trial.yaml"].decode().split("  count: 3")[0].count("\n") + 1
    assert faults(spoilt) == [f"trial.yaml:{line} infusions count: 'three' is not a whole number."]


def test_a_place_without_a_folder_is_told(tmp_path: Path) -> None:
    assert faults(tmp_path / "none") == [
        "none:1 There is no trial folder here; the files are trial.yaml, master-record.yaml, specifications.yaml, labels.yaml."
    ]
    assert len(faults(tmp_path)) == 4


def test_a_file_beyond_the_limit_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "trial.yaml").open("wb") as large:
        large.truncate(3_000_000_000)
    with pytest.raises(FolderFaults, match=r"trial\.yaml:1 The file has 1000001 bytes"):
        read_folder(tmp_path)


def test_the_trial_says_what_the_registry_says(folder: Folder) -> None:
    trial = folder.trial
    assert trial.trial == "NCT06997939"
    assert {name: (arm.route, arm.dose.number) for name, arm in trial.arms.items()} == {
        "ommaya": ("OMM", Decimal("2.0e7")), "ica_low": ("ICA", Decimal("2.5e6")), "ica_high": ("ICA", Decimal("1.0e7")),
    }  # fmt: skip
    assert (trial.infusions.count, trial.infusions.window.opens.number, trial.infusions.window.closes.number) == (3, 1, 6)
    assert trial.enrolment.at_most == 12
    assert (trial.bank.vials, trial.bank.fewest, trial.bank.per_vial.number, trial.bank.minimum.number) == (
        14,
        11,
        Decimal("1.5e7"),
        Decimal("1.75e8"),
    )
    assert re.fullmatch(trial.enrolment.subject_number, "S07")


def test_the_threshold_of_the_harvest_is_the_minimum_of_the_bank(folder: Folder) -> None:
    total = folder.master.step("HAR-3").reading("total")
    assert total is not None
    assert total.limits.decide == (Limit.read("< 1.75e8"),)
    assert Limit.read("< 1.75e8").high == folder.trial.bank.minimum.number


def test_no_arm_shows_when_a_trial_is_printed(folder: Folder) -> None:
    assert "ommaya" not in repr(folder.trial)
    assert "ica_low" not in repr(folder.trial)


def test_every_step_that_makes_or_stores_has_two_people(folder: Folder) -> None:
    for step in folder.master.steps():
        assert len(step.people) == 2 or not (step.makes or step.stores), step.code


def test_the_record_carries_marrow_to_vials_in_two_tanks(folder: Folder) -> None:
    made = [makes.kind for step in folder.master.steps() for makes in step.makes]
    assert made == ["cell tube", "culture flask", "pool tube", "culture flask", "harvest tube", "cryovial"]
    assert [stores.tanks for step in folder.master.steps() for stores in step.stores] == [2]


def test_schemas_are_written_as_the_models_have_them(tmp_path: Path) -> None:
    write_schemas(tmp_path / "schema")
    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "schema").iterdir()} == schemas()


def test_the_schemas_on_disk_are_those_of_the_models() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")} == schemas(), (
        "run python -m backend.trial.rules.schema"
    )
