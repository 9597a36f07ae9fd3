"""The reader keeps what is written, says where it is, and refuses what could expand, hide or contradict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.trial.rules.yaml_text import LARGEST, Fault, read_text


def faults(content: bytes) -> list[str]:
    return [str(fault) for fault in read_text("a.yaml", content).faults]


def test_scalars_stay_the_text_that_was_written() -> None:
    read = read_text("a.yaml", b"a: 1.0\nb: no\nc: 1e8\nd: 2026-01-31\ne: 0x1F\nf: ~\ng: 10:30\nh:\n")
    assert read.tree == {"a": "1.0", "b": "no", "c": "1e8", "d": "2026-01-31", "e": "0x1F", "f": "~", "g": "10:30", "h": ""}


def test_lists_become_tuples_and_every_part_knows_its_line() -> None:
    read = read_text("a.yaml", b"one: x\ntwo:\n  - {three: 3}\n  - four\n")
    assert read.tree == {"one": "x", "two": ({"three": "3"}, "four")}
    assert [read.line(path) for path in [("one",), ("two", 0, "three"), ("two", 1)]] == [1, 3, 4]


def test_a_part_that_is_not_written_is_placed_at_the_nearest_that_is() -> None:
    assert read_text("a.yaml", b"one: x\ntwo:\n  - {three: 3}\n").line(("two", 0, "four", "five")) == 3


TOO_DEEP = "[" * 30 + "]" * 30


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: &x 1\nb: *x\n", "a.yaml:1 Anchors and aliases (& and *) are not used here; write the value where it belongs."),
        (b"a: 1\nb: *x\n", "a.yaml:2 Anchors and aliases (& and *) are not used here; write the value where it belongs."),
        (b"a: &x [1]\n", "a.yaml:1 Anchors and aliases (& and *) are not used here; write the value where it belongs."),
        (b"a: !!python/object:os.system x\n", "a.yaml:1 Tags such as tag:yaml.org,2002:python/object:os.system are not used here."),
        (b"a: 1\nb: 2\na: 3\n", "a.yaml:3 a is written twice; it is already on line 1."),
        (b"a:\n  b: 1\n  b: 1\n", "a.yaml:3 b is written twice; it is already on line 2."),
        (b"a: 1\n---\nb: 2\n", "a.yaml:2 A second document begins here; a file holds one."),
        (b"", "a.yaml:1 The file is empty."),
        (b"# only words\n", "a.yaml:1 The file is empty."),
        (b"? [a, b]\n: 1\n", "a.yaml:1 A key must be a word."),
        (b"a: 1\nb: \xff\n", "a.yaml:2 This line is not UTF-8 text."),
        (b"a: 1\nb: \x07\n", "a.yaml:2 This line holds a character that YAML does not allow."),
        (b"a: [1\nb: 2\n", "a.yaml:2 This is not YAML: did not find expected ',' or ']'."),
        (f"a: {TOO_DEEP}\n".encode(), "a.yaml:1 This is nested more than 20 levels deep."),
        (b"a: " + b"x" * LARGEST, f"a.yaml:1 The file has {LARGEST + 3} bytes; it may have at most {LARGEST}."),
    ],
)
def test_a_file_that_cannot_be_approved_says_why_and_where(content: bytes, says: str) -> None:
    read = read_text("a.yaml", content)
    found = faults(content)
    if "not YAML" in says:  # the words are the parser's own
        assert len(found) == 1
        assert found[0].startswith("a.yaml:2 This is not YAML: ")
    else:
        assert found == [says]
    assert read.tree is None


def test_all_keys_written_twice_are_told_at_once() -> None:
    assert len(faults(b"a: 1\na: 2\nb: 1\nb: 2\n")) == 2


def test_a_deep_nest_is_refused_before_it_can_exhaust_the_reader() -> None:
    assert faults(b"[" * 900_000) == ["a.yaml:1 This is nested more than 20 levels deep."]


def test_faults_are_told_in_the_order_of_file_and_line() -> None:
    assert sorted([Fault("b", 1, "x"), Fault("a", 10, "x"), Fault("a", 9, "x")]) == [
        Fault("a", 9, "x"),
        Fault("a", 10, "x"),
        Fault("b", 1, "x"),
    ]


@given(st.one_of(st.binary(max_size=300), st.text(alphabet="ab:-[]{},&*!|>'\"#%@` \n\t0~?\\", max_size=200).map(str.encode)))
def test_any_bytes_are_either_read_or_faulted(content: bytes) -> None:
    read = read_text("a.yaml", content)
    assert (read.tree is None) == bool(read.faults)
