"""Wrong inputs on pages and in the API: each gets its sentence, nothing that was typed is lost, and nothing is changed."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from backend.ledger import Ledger
from labels.codes import ALPHABET, draw
from tests import story
from tests.api.test_calls import V1, caller
from tests.conftest import At
from tests.journeys import steps
from tests.journeys.walk import paths
from tests.journeys.window import Values, Ward, Window
from tests.people import PASSWORD, by, sign
from tests.story import Harvest
from tests.visit import SETTINGS

DRAWN = {kind: draw(kind) for kind in "CLWPETK"}  # well formed, and nobody's


@pytest.fixture
def here(at: Callable[..., At]) -> At:
    return at("ordered", story.ordered)


def entries(ledger: Ledger, act: str) -> int:
    with ledger.engine.connect() as conn:
        return int(conn.exec_driver_sql(f"SELECT count(DISTINCT act_id) FROM entry WHERE act = '{act}'").scalar_one())


def wrong(code: str) -> str:
    """The code with one character that is not its own."""
    other = next(c for c in ALPHABET if c != code[6])
    return code[:6] + other + code[7:]


# ---- the form at the bedside ----

AT_THE_BEDSIDE: dict[str, tuple[str, str, int, str]] = {
    "nothing where a code belongs": ("wristband", "", 422, "Wristband is missing."),
    "a wristband that is nobody's": ("wristband", DRAWN["W"], 404, f"There is nothing with the code {DRAWN['W']}."),
    "a place where the wristband belongs": ("wristband", DRAWN["P"], 422, "This is a place label; scan the wristband on the subject."),
    "a word where a code belongs": ("wristband", "S01", 422, "“S01” has 3 characters; a code has 13."),
    "letters that no code has": ("label", "L" + "O" * 12, 422, "contains O; codes are made of digits and letters without I, L, O and U."),
    "full-width letters": ("label", "Ｌ" * 13, 422, "in half-width form."),
    "another company's code": ("label", "=A9999", 422, "is an ISBT 128 code"),
    "a control character": ("site", "left\x00 iliac crest", 422, "There is a character in it that is no letter, digit or sign"),
    "a number that is none": ("volume_ml", "NaN", 422, "“NaN” is not a number written out in digits."),
    "a number without end": ("volume_ml", "Infinity", 422, "“Infinity” is not a number written out in digits."),
    "an exponent": ("volume_ml", "3e1", 422, "“3e1” is not a number written out in digits."),
    "a comma": ("volume_ml", "31,5", 422, "“31,5” is not a number written out in digits."),
    "digits of another script": ("volume_ml", "३१", 422, "is not a number written out in digits."),
    "a unit in the field": ("volume_ml", "31.5 mL", 422, "“31.5 mL” is not a number written out in digits."),
    "less than nothing": ("volume_ml", "-31.5", 422, "Volume of marrow by weight is -31.5 mL; it cannot be less than nothing."),
    "more marrow than anybody has": ("volume_ml", "31500", 422, "Volume of marrow by weight is 31500 mL; only 0 to 200 mL is possible."),
    "half a needle pass": ("passes", "5.5", 422, "must be a whole number"),
    "fewer passes than none": ("passes", "-1", 422, "Needle passes must be 1 or more."),
    "a time to come": ("ended_at", "2031-05-06 07:08", 409, "The end of the collection is 2031-05-06 07:08"),
    "an end before the start": ("ended_at", "2026-03-01 07:08", 409, "it must start before it ends"),
    "no such day": ("ended_at", "2026-02-30 10:00", 422, "must be a time such as 2026-11-22T14:06+08:00"),
    "the first day of all": ("started_at", "0001-01-01 00:00", 422, "Start of collection must be a time such as 2026-11-22T14:06+08:00."),
    "the last day of all": ("ended_at", "9999-12-31 23:59", 409, "it must not be later than now"),
}  # fmt: skip


def at_the_bedside(here: At) -> tuple[Window, Values]:
    told: Harvest = here.told  # type: ignore[assignment]
    given = steps.at_the_bedside(here.ledger, told.wristband, told.label, told.heparin)
    return Ward(here.ledger)["PHYS1"].open(f"/collections/{told.collection}"), given


def come_back(page: Window, given: Values) -> None:
    """Everything that was typed stands in its field again; passwords do not."""
    for name, value in given.items():
        assert page.value(name) == value, name
    assert page.value("password") == ""


@pytest.mark.parametrize("case", AT_THE_BEDSIDE)
def test_a_wrong_value_at_the_bedside_gets_its_sentence_and_loses_nothing(here: At, case: str) -> None:
    name, value, status, sentence = AT_THE_BEDSIDE[case]
    page, given = at_the_bedside(here)
    done = entries(here.ledger, "collection.collect")
    if name == "site":  # a choice: only somebody who writes the request by hand sends another word
        form = page.form("Record the harvest")
        sent = [(n, v) for n, v in form.sends(given | {"password": PASSWORD}) if n != name]
        page.send(form, [*sent, (name, value)]).refused(sentence, status=status)
        del given[name]
    else:
        given[name] = value
        page.sign("Record the harvest", given, second="NURS1").refused(sentence, status=status)
    come_back(page, given)
    assert entries(here.ledger, "collection.collect") == done + (status == 409)
    told: Harvest = here.told  # type: ignore[assignment]
    with here.ledger.engine.connect() as conn:
        assert conn.exec_driver_sql(f"SELECT count(*) FROM collected WHERE collection_code = '{told.collection}'").scalar() == 0


# ---- one field at the bench, one code on the scanner ----

AT_THE_BENCH = {
    "a number that is none": ("volume", "NaN", "it must be a number in mL"),
    "an exponent": ("volume", "6e0", "it must be a number in mL"),
    "less than nothing": ("volume", "-6.0", "it cannot be less than nothing"),
    "more than the tube holds": ("volume", "6000", "only 0 to 100 mL is possible"),
    "a control character": ("volume", "6\x07", "no letter, digit or sign"),
    "three squares of four": ("live", "152 148 155", "has 3 squares; it must have 4"),
    "half a cell": ("live", "152 148 155.5 145", "it must be one whole number for each square"),
    "a count with a script in it": ("live", "<script>alert(1)</script>", "it must be one whole number for each square"),
    "a field that the step has not": ("no_such", "1", "MNC-4 does not ask this person for no_such."),
}


@pytest.fixture
def bench(at: Callable[..., At]) -> At:
    return at("at MNC-4", story.batch_at("MNC-4"))


@pytest.mark.parametrize("case", AT_THE_BENCH)
def test_a_wrong_value_at_the_bench_is_said_at_once_and_not_recorded(bench: At, case: str) -> None:
    name, value, sentence = AT_THE_BENCH[case]
    run: story.Run = bench.told  # type: ignore[assignment]
    before = entries(bench.ledger, "batch.note")
    window = Ward(bench.ledger)["TECH1"].open(steps.address(run.batch, ("MNC-4", None)))
    form = next(one for one in window.forms if one.keeps)
    answer = window.client.post(form.keeps, data={"name": f"r-{name}", "value": value, "key": "k"}, headers={"accept": "application/json"})
    assert answer.status_code in {409, 422}, answer.text
    assert any(sentence in one for one in answer.json()["refused"]), answer.text
    recorded = answer.status_code == 409
    assert entries(bench.ledger, "batch.note") == before + recorded
    assert f'value="{value}"' not in window.open(window.at).answer.text


TIMED = {
    "2031-05-06 07:08": "Flasks seeded is 2031-05-06T07:08:00+08:00, which is later than now",
    "9999-12-31 23:59": "Flasks seeded is 9999-12-31T23:59:00+08:00, which is later than now",
    "0001-01-01 00:00": "which is more than a year before now",
    "half past two": "Flasks seeded is 'half past two'; it must be a date and time",
    "2026-02-30 10:00": "Flasks seeded is '2026-02-30 10:00'; it must be a date and time",
}


@pytest.mark.parametrize("typed", TIMED)
def test_a_wrong_time_at_the_bench_is_said_at_once(bench: At, typed: str) -> None:
    run: story.Run = bench.told  # type: ignore[assignment]
    run.player.play_until(bench.ledger, run.batch, "MNC-5")
    window = Ward(bench.ledger)["TECH1"].open(steps.address(run.batch, ("MNC-5", None)))
    answer = window.leave("r-seeded_at", typed)
    assert answer.status_code in {409, 422}, answer.text
    assert TIMED[typed] in answer.json()["refused"][0]


SCANNED = {
    "nobody's": (DRAWN["C"], 404, "nothing"),
    "no code": ("hello", 422, "“hello” begins with H"),
    "one wrong character": ("", 422, "do not match its check character"),
    "an ISBT 128 code": ("=A9999XYZ", 422, "scan the square Marrowline code"),
    "a script": ("<script>alert(1)</script>", 422, "begins with <"),
    "too short a code": ("C7K3", 422, "has 4 characters; a code has 13"),
}


@pytest.mark.parametrize("case", SCANNED)
@pytest.mark.parametrize("where", ["/", "the bench"])
def test_a_wrong_scan_is_answered_in_words(bench: At, case: str, where: str) -> None:
    code, status, sentence = SCANNED[case]
    run: story.Run = bench.told  # type: ignore[assignment]
    tube = run.player.containers(bench.ledger, run.batch, "cell tube")[0].code
    code = wrong(tube) if case == "one wrong character" else code
    window = Ward(bench.ledger)["TECH1"].open("/" if where == "/" else steps.address(run.batch, ("MNC-4", None)))
    said = window.scan(code, "typed").refused(status=status)
    assert sentence.lower() in said.words.lower(), said.words[:900]
    assert "<script>alert" not in said.answer.text


def test_every_single_wrong_character_and_every_swap_in_a_typed_code_is_found(bench: At) -> None:
    """The scan field answers each as no code, never as somebody else's container."""
    run: story.Run = bench.told  # type: ignore[assignment]
    code = run.player.containers(bench.ledger, run.batch, "cell tube")[0].code
    singles = {code[:at] + other + code[at + 1 :] for at, other in itertools.product(range(1, 13), "0Z")} - {code}
    swaps = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(12)} - {code}
    window = Ward(bench.ledger)["TECH1"]
    for typed in sorted(singles | swaps):
        window.scan(typed, "typed").refused(status=422)


def test_a_void_label_stops_whoever_scans_it_wherever(bench: At) -> None:
    run: story.Run = bench.told  # type: ignore[assignment]
    ledger, tube = bench.ledger, run.player.containers(bench.ledger, run.batch, "cell tube")[0].code
    old = run.player.label_of(ledger, tube)
    ledger.do("custody.reprint_label", {"label": old}, by=by("TECH1"), signatures=sign("TECH1", "TECH2"), reason="It is smeared.")
    window = Ward(ledger)["TECH1"]
    window.scan(old).did()
    assert "STOP" in window.words
    assert "void" in window.words
    window.open(steps.address(run.batch, ("MNC-4", None))).scan(old).refused("void")
    call = {"args": {"container": [old], "to": "Incubator", "condition": "intact", "temperature_c": "37", "seal": "none", "logger": "none"}}
    answer = caller(ledger, "TECH1").post(f"{V1}/acts/custody.hand_over", json=call)
    assert answer.status_code == 409
    assert any("void" in one for one in answer.json()["refused"])


# ---- who may say what is in a name ----


def test_a_script_in_a_name_is_shown_as_it_was_typed_and_runs_nowhere(ledger: Ledger) -> None:
    story.list_imported(ledger)
    who = story.Somebody("S01", "<script>alert('name')</script>", "<img src=x onerror=alert(1)>", "1969-04-12", "female")
    coi, ward = steps.enrol(Ward(ledger), ledger, who), Ward(ledger)
    for person, path in itertools.product(
        ("COOR1", "PHYS1", "TECH1", "QA1"), (f"/subjects/{coi}", f"/subjects/{coi}/screening", "/subjects", "/history")
    ):
        said = ward[person].open(path).answer.text
        assert "<script>alert" not in said, f"{person} {path}"
        assert "<img src=x" not in said, f"{person} {path}"
    assert "<script>alert('name')</script>" in ward["COOR1"].open(f"/subjects/{coi}/screening").words


ENROLLING = {
    "a control character in the name": ("full_name", "Gao\x1bLihua", 422, "no letter, digit or sign"),
    "a birth date to come": ("birth_date", "2031-04-12", 409, "the age must be 18 to 65 years, and it is not"),
    "no such birth date": ("birth_date", "1969-02-30", 422, "must be a date such as 2026-11-22"),
    "the last day of all": ("birth_date", "9999-12-31", 409, "the age must be 18 to 65 years, and it is not"),
    "the first day of all": ("birth_date", "0001-01-01", 422, "must be a date such as"),
    "consent to come": ("consent_on", "2031-01-01", 409, "it must have been given by now"),
    "a score in words": ("answer.NIHSS", "eight", 409, "“NIHSS score at screening” is answered 'eight'; it must be a whole number."),
    "a score below nothing": ("answer.NIHSS", "-8", 409, "“NIHSS score at screening” is answered '-8'; it must be a whole number."),
    "a name without end": ("full_name", "x" * 5_000, 422, "Full name: It has 5000 characters; at most 4000 can be kept."),
}


@pytest.mark.parametrize("case", ENROLLING)
def test_a_wrong_answer_at_enrolment_gets_its_sentence_and_loses_nothing(at: Callable[..., At], case: str) -> None:
    here = at("list imported", story.list_imported)
    name, value, status, sentence = ENROLLING[case]
    window = Ward(here.ledger)["COOR1"].open("/subjects/enrol")
    who = story.PEOPLE[0]
    given: Values = {
        "number": who.number, "full_name": who.full_name, "record_number": who.record_number, "birth_date": who.birth_date, "sex": who.sex,
        "consent_form": "ICF 1.0", "consent_protocol": "1.0", "consent_by": "subject", "consent_on": steps.local(here.ledger, steps.DAY),
    }  # fmt: skip
    given |= {f"answer.{code}": text for code, text in story.answers(here.ledger).items()} | {name: value}
    window.sign("Enrol", given).refused(sentence, status=status)
    come_back(window, given)


# ---- twice, too late, too large ----


def test_a_double_click_at_the_bedside_is_one_harvest(here: At) -> None:
    """The same form twice: one entry, and both clicks lead to the page that shows what is true now."""
    page, given = at_the_bedside(here)
    form = page.form("Record the harvest")
    sent = form.sends(given | {"password": PASSWORD, "second_person": "NURS1", "second_password": PASSWORD})
    done = entries(here.ledger, "collection.collect")
    page.send(form, sent).did()
    page.send(form, sent).did()
    assert entries(here.ledger, "collection.collect") == done + 1
    other = [(name, "32.5" if name == "volume_ml" else value) for name, value in sent]
    page.send(form, other).refused("This form was already used for something else. Open it again.")


def test_a_page_that_grew_stale_is_not_signed_and_shows_what_is_true_now(bench: At) -> None:
    """Two tabs: what is signed in one was changed in the other."""
    run: story.Run = bench.told  # type: ignore[assignment]
    where, ledger = ("MNC-4", None), bench.ledger
    run.player.scan_all(ledger, run.batch, where, "TECH1")
    run.player.read(ledger, run.batch, where, "first", "TECH1", steps.usual("MNC-4", ""))
    window = Ward(ledger)["TECH1"].open(steps.address(run.batch, where))
    form = window.form("Hand over for the second count")
    run.player.note(ledger, run.batch, where, "volume", "8.2", why="The pipette was read again.")
    stale = [(name, value) for name, value in form.sends({"password": PASSWORD}) if name != "r-volume"]
    window.send(form, stale).refused("The record changed while you were reading it.")
    assert window.value("r-volume") == "8.2"
    window.sign("Hand over for the second count").did()


@pytest.mark.parametrize("pause", [{"minutes": SETTINGS.idle_minutes + 1}, {"hours": SETTINGS.session_hours + 1}])
def test_a_form_that_meets_a_closed_door_is_given_back_behind_it(here: At, pause: dict[str, int]) -> None:
    page, given = at_the_bedside(here)
    path, done = page.at, entries(here.ledger, "collection.collect")
    here.clock.advance(**pause)
    page.sign("Record the harvest", given, second="NURS1")
    assert page.at.startswith(("/locked?next=", "/sign-in?next="))
    assert entries(here.ledger, "collection.collect") == done
    if page.at.startswith("/locked"):
        page.press("Go on", {"password": PASSWORD})
    else:
        page.press("Sign in", {"person": "PHYS1", "password": PASSWORD})
    assert page.at == path
    assert "What you typed before is here again." in page.words
    come_back(page, given)
    if "minutes" in pause:
        page.sign("Record the harvest", second="NURS1").did()
        assert entries(here.ledger, "collection.collect") == done + 1


def test_a_form_of_ten_megabytes_is_refused_in_words(here: At) -> None:
    page, given = at_the_bedside(here)
    page.sign("Record the harvest", given | {"passes": "6" * 10_000_000}, second="NURS1")
    page.refused("This form is larger than 2 MB; nothing in it was kept. Go back and send less.", status=413)


SECONDS = {
    "the first again": ("PHYS1", PASSWORD, "The second signature must be another person's."),
    "a wrong password": ("NURS1", "not my password", "The password of Shen Yi is not right. Nothing was signed."),
    "no nurse": ("TECH1", PASSWORD, "The second signature is for nurse; that person is technician."),
    "nobody": ("NOBODY", PASSWORD, "NOBODY has no signing key yet; it is made when a person sets their password."),
    "no second at all": ("", "", "1 of 2 signatures are there; each needs its person and password."),
}


@pytest.mark.parametrize("case", SECONDS)
def test_a_second_person_who_is_none_is_refused_and_the_form_is_kept(here: At, case: str) -> None:
    second, password, sentence = SECONDS[case]
    page, given = at_the_bedside(here)
    page.press("Record the harvest", given | {"password": PASSWORD, "second_person": second, "second_password": password}).refused()
    assert sentence in page.words, page.words[:900]
    come_back(page, given)


# ---- programs ----

CALLS: dict[str, tuple[dict[str, Any] | bytes, int, str]] = {
    "a float": ({"volume_ml": 31.5}, 422, "A number is written as text here, so that it keeps its digits."),
    "a number that JSON has not": (b'{"args": {"volume_ml": NaN}}', 422, "A number is written as text here"),
    "a number without end": (b'{"args": {"volume_ml": 1e999}}', 422, "A number is written as text here"),
    "an exponent": ({"volume_ml": "3e1"}, 422, "“3e1” is not a number written out in digits."),
    "less than nothing": ({"volume_ml": "-31.5"}, 422, "Volume of marrow by weight is -31.5 mL; it cannot be less than nothing."),
    "a wristband that is nobody's": ({"wristband": DRAWN["W"]}, 404, f"There is nothing with the code {DRAWN['W']}."),
    "a place where the wristband belongs": ({"wristband": DRAWN["P"]}, 422, "This is a place label"),
    "a control character": ({"site": "left\x00"}, 422, "no letter, digit or sign"),
    "a time to come": ({"ended_at": "2031-05-06T07:08:00+08:00"}, 409, "it must not be later than now"),
    "a time without its zone": ({"ended_at": "2026-03-02T09:08:00"}, 422, "needs its time zone"),
    "a field that nobody asked for": ({"arm": "ommaya"}, 422, "is not asked for here"),
    "a list where a word belongs": ({"site": ["left iliac crest"]}, 422, "must be text"),
    "an object where a code belongs": ({"label": {"code": "L"}}, 422, "Label must be text."),
}


@pytest.mark.parametrize("case", CALLS)
def test_a_wrong_call_gets_the_same_sentence_as_the_page(here: At, case: str) -> None:
    changed, status, sentence = CALLS[case]
    told: Harvest = here.told  # type: ignore[assignment]
    ledger, given = here.ledger, story.bedside(here.ledger, told)
    client, done = caller(ledger, "PHYS1"), entries(here.ledger, "collection.collect")
    signatures = [{"person": one, "password": PASSWORD} for one in ("PHYS1", "NURS1")]
    body = changed if isinstance(changed, bytes) else orjson.dumps({"args": given | changed, "signatures": signatures})
    answer = client.post(f"{V1}/acts/collection.collect", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert any(sentence in one for one in answer.json()["refused"]), answer.text
    assert entries(ledger, "collection.collect") == done + (status == 409)
    right = client.post(f"{V1}/acts/collection.collect", json={"args": given, "signatures": signatures})
    assert right.status_code == 200, right.text


# ---- whatever stands in an address ----

HOSTILE: tuple[dict[str, str], ...] = (
    {"page": "9" * 30}, {"page": "-1"}, {"until": "9999-12-31"}, {"since": "0001-01-01"}, {"code": "\x00"}, {"words": "%'; --"},
    {"after": "x" * 3_000}, {"collection": "１２"}, {"container": "=A9999"}, {"under": "-1"}, {"box": "9" * 30},
    {"next": "//elsewhere.example"},
)  # fmt: skip
SCRIPT = "<script>alert(1)</script>"


def test_no_address_is_answered_with_a_fault_of_ours(bench: At) -> None:
    run: story.Run = bench.told  # type: ignore[assignment]
    ward, program = Ward(bench.ledger), caller(bench.ledger, "QA1")
    pages = ward["QA1"].client
    known = {"code": run.batch, "coi": run.harvest.coi, "step": "MNC-4", "name": "quality.decide"}
    scripts = dict.fromkeys({name for query in HOSTILE for name in query}, SCRIPT)
    for path in sorted(set(paths()) - {"/api/v1/health"}):  # a record without migrations is not healthy
        right = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], run.batch), path)
        asked = [(right, query) for query in (*HOSTILE, scripts)] + [
            (re.sub(r"\{\w+\}", bad, path), {}) for bad in ("9" * 30, "%00", SCRIPT)
        ]
        for to, query in asked:
            answer = (program if path.startswith("/api/") else pages).get(to, params=query)
            assert answer.status_code < 500, f"{to} {query}"
            if not path.startswith("/api/"):
                assert SCRIPT not in answer.text, to
                assert re.match(r"/(?!/)", answer.headers.get("location", "/")), to
