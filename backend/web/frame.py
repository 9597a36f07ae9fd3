"""The frame of every page: templates of all rooms, texts in the person's language, times, numbers and codes as people read them."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.support import Translations
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.ledger.spelling import to_the_minute
from backend.ledger.words import Words
from labels.codes import shown as grouped

BACKEND = Path(__file__).resolve().parent.parent
ROOMS = tuple(sorted(p.parent.name for p in BACKEND.glob("*/templates") if p.parent.name != "web"))


def clock(zone: ZoneInfo) -> Callable[[datetime | None], Markup]:
    """A filter that shows an instant in the site's zone: 24 hours, ISO date, zone."""

    def at(instant: datetime | None) -> Markup:
        if instant is None:
            return Markup("")
        local = instant.astimezone(zone)
        return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), to_the_minute(local))

    return at


def moment(zone: ZoneInfo) -> Callable[[datetime], str]:
    """The same as a filter that gives text alone, for a drawing, which holds no markup."""
    return lambda instant: to_the_minute(instant.astimezone(zone))


def day(value: date | None) -> Markup:
    return Markup('<time datetime="{0}">{0}</time>').format(value.isoformat()) if value else Markup("")


def quantity(value: Decimal | int | str | None, unit: str = "") -> Markup:
    """A number with its unit, joined by a narrow no-break space; long whole numbers in groups of three."""
    if value is None:
        return Markup("")
    if isinstance(value, Decimal) and unit.startswith("cells") and value == value.to_integral_value():
        value = value.to_integral_value()  # nobody counts a tenth of a cell
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    whole, _, rest = text.partition(".")
    if len(whole.lstrip("-")) > 4 and whole.lstrip("-").isdigit():
        whole = f"{int(whole):,}".replace(",", "\u202f")
    return escape(whole + ("." + rest if rest else "") + (f"\u202f{unit}" if unit else ""))


CODE = re.compile(r"\b[SCLWPETBDK][0-9A-HJKMNP-TV-Z]{12}\b")


def linked(text: str) -> Markup:
    """A sentence in which every code leads to what it is."""
    parts, end = [], 0
    for found in CODE.finditer(text):
        parts += [
            escape(text[end : found.start()]),
            Markup('<a href="/scan?code={0}"><code>{1}</code></a>').format(found[0], grouped(found[0])),
        ]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def spelled(text: str) -> str:
    """A text of a view: fixed words in the language of this request with what is filled in, anything else as it is."""
    if not isinstance(text, Words):
        return text
    given = {name: spelled(one) for name, one in text.given.items()}
    return say(text.fixed) % given if given else say(text.fixed)


def said(text: str) -> Markup:
    """The same as a filter."""
    return escape(spelled(text))


def shown(value: object) -> object:
    """Whatever a template writes: fixed words are said, wherever they come from; everything else is written as it is."""
    return said(value) if isinstance(value, Words) else value


def in_words(text: str) -> Markup:
    """A text that the registry keeps, from the catalogue as it is: a "%" in it stands for itself."""
    return escape(say(text))


@cache
def environment(zone: ZoneInfo) -> Environment:
    """All templates, compiled once: `layout.html` is the frame's own, `subject/list.html` is a room's."""
    rooms = PrefixLoader({room: FileSystemLoader(BACKEND / room / "templates") for room in ROOMS})
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(BACKEND / "web" / "templates"), rooms]),
        autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"], trim_blocks=False, finalize=shown,
    )  # fmt: skip
    env.install_gettext_callables(say, say_many, newstyle=True)  # type: ignore[attr-defined]
    filters: dict[str, Callable[..., Any]] = {
        "at": clock(zone), "moment": moment(zone), "day": day, "quantity": quantity, "grouped": grouped, "linked": linked, "said": said,
        "in_words": in_words,
    }  # fmt: skip
    env.filters.update(filters)
    return env


@cache
def translations(language: str) -> GNUTranslations | NullTranslations:
    """The message catalogue of a language; English texts are their own keys."""
    return Translations.load(BACKEND / "web" / "locale", [language])


spoken: ContextVar[GNUTranslations | NullTranslations] = ContextVar("spoken")
"""The catalogue of this request; without one, English as it is written."""
_as_written = NullTranslations()


class Speaking:
    """Wraps the application: a page is made in the language of the installation; a program is answered in English."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/api/"):
            spoken.set(scope["app"].state.catalogue)
        await self.app(scope, receive, send)


def say(text: str) -> str:
    """A text of the program in the language of this request; the argument is the English one, which the catalogue is keyed by."""
    return spoken.get(_as_written).gettext(text)


def say_many(one: str, many: str, n: int) -> str:
    return spoken.get(_as_written).ngettext(one, many, n)
