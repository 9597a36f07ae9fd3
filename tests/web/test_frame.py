"""What the frame makes of a time and of fixed words: always with a zone, in the language of whoever reads."""

import re
from datetime import UTC, datetime, timedelta, timezone
from gettext import NullTranslations
from zoneinfo import ZoneInfo

import pytest

from backend.desk.reads.words import LISTED, listed
from backend.ledger import Ledger
from backend.ledger.spelling import to_the_minute, zone_words
from backend.ledger.words import words
from backend.web.frame import clock, environment, said, spoken
from tests.people import CAST
from tests.visit import signed_in

WHEN = datetime(2026, 11, 22, 6, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "spelled"), [
    (0, "UTC+0"), (8, "UTC+8"), (-3, "UTC-3"), (-3.5, "UTC-3:30"), (5.75, "UTC+5:45"), (14, "UTC+14"), (-0.5, "UTC-0:30"),
])  # fmt: skip
def test_a_zone_is_its_distance_from_utc(hours: float, spelled: str) -> None:
    at = WHEN.astimezone(timezone(timedelta(hours=hours)))
    assert zone_words(at) == spelled
    assert to_the_minute(at).endswith(f" {spelled}")


@pytest.mark.parametrize(("zone", "text"), [
    ("Asia/Shanghai", "2026-11-22 14:06 UTC+8"), ("America/St_Johns", "2026-11-22 02:36 UTC-3:30"), ("UTC", "2026-11-22 06:06 UTC+0"),
])  # fmt: skip
def test_a_time_is_shown_in_the_zone_of_the_site_and_says_which(zone: str, text: str) -> None:
    shown = clock(ZoneInfo(zone))(WHEN)
    assert f">{text}</time>" in shown
    assert datetime.fromisoformat(shown.split('"')[1]) == WHEN
    assert environment(ZoneInfo(zone)).from_string("{{ one | moment }}").render(one=WHEN) == text


def test_a_time_that_is_not_there_is_not_shown() -> None:
    assert clock(ZoneInfo("UTC"))(None) == ""


def test_summer_has_its_own_zone() -> None:
    berlin = clock(ZoneInfo("Europe/Berlin"))
    assert "UTC+1<" in berlin(WHEN) and "UTC+2<" in berlin(WHEN - timedelta(days=120))


class Backwards(NullTranslations):
    """A language in which everything fixed is said with a mark, and one text has its parts the other way round."""

    def gettext(self, message: str) -> str:
        return "%(label)s <- %(number)s" if message == "Print %(number)s × %(label)s" else f"~{message}"


def test_fixed_words_are_said_in_the_language_of_the_request_and_everything_else_as_it_is() -> None:
    token = spoken.set(Backwards())
    try:
        assert said(words("On its way")) == "~On its way"
        assert said(words("Print %(number)s × %(label)s", number=14, label="<Vial>")) == "&lt;Vial&gt; &lt;- 14"
        assert said("Viability is 68.4 %; it must be at least 70 %.") == "Viability is 68.4 %; it must be at least 70 %."
        assert said(listed("Minor")) == "~Minor"
        assert said(listed("Flask P1-2")) == "Flask P1-2"
    finally:
        spoken.reset(token)


def test_fixed_words_are_plain_english_for_a_program() -> None:
    made = words("Print %(number)s × %(label)s", number=14, label="Vial")
    assert made == "Print 14 × Vial"
    assert words("100 %") == "100 %"
    assert {type(one) for one in LISTED} == {type(made)}


@pytest.mark.parametrize("person", sorted({who.person for who in CAST}))
def test_everybody_is_led_to_the_rooms_that_open_to_them_and_to_no_others(ledger: Ledger, person: str) -> None:
    client = signed_in(ledger, person)
    shown = re.findall(r'<nav class="nav".*?</nav>', client.get("/").text, re.DOTALL)
    links = re.findall(r'href="([^"]+)"', shown[0])
    assert links[0] == "/" and 2 <= len(links) <= 8
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)
