"""The templates drawn with sample context, for the tests of pages: strict, so a name that a page lacks is an error.

The filters that the program supplies have small stand-ins. All people, codes and values are invented.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

WEB = Path(__file__).parents[2] / "backend" / "web"
SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 22, 14, 6, 10, tzinfo=timezone(timedelta(hours=8)))
COI = "SK7QX9M2PD4W8"
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "path", "circle", "rect"}
PARTS = {"kit.html", "fields.html", "copies.html", "says.html", "layout.html"}
PAGES = sorted(page.name for page in (WEB / "templates").glob("*.html") if page.name not in PARTS)
ALL = [*PAGES, *sorted(page.name for page in SAMPLES.glob("*.html"))]


def at(when: datetime) -> Markup:
    return Markup('<time datetime="{}">{:%Y-%m-%d %H:%M} UTC+8</time>').format(when.isoformat(), when)


def pages() -> Environment:
    """An environment as the program makes it: strict, escaping, with the message catalogue's functions."""
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(WEB / "templates"), FileSystemLoader(SAMPLES)]),
        undefined=StrictUndefined, autoescape=True, extensions=["jinja2.ext.i18n"],
    )
    env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    env.filters |= {
        "at": at, "day": lambda d: Markup("<time>{}</time>").format(d), "quantity": lambda n, unit: f"{n}\u202f{unit}", "said": str,
        "in_words": str,
    }
    return env


def sample() -> dict[str, Any]:
    """What the program hands to a page, with words that need escaping."""
    me = SimpleNamespace(
        name="Lin Yue <&>", code="T-014", roles=["technician"], station="Tablet 3, bench BSC-2", demo=True, now=NOW, zone="UTC+8",
    )
    rooms = [("Bench", "/bench", False), ("Subjects", "/subjects", False), ("Storage", "/storage", True), ("Labels", "/labels", False)]
    frame = {
        "me": me, "demo": True, "typed": {}, "errors": {}, "flash": [], "scan_action": "/scan", "lang": "en", "idle_seconds": 600,
        "nav": rooms, "now": NOW, "day": date(2026, 11, 22), "number": Decimal,
    }
    return frame | codes() | words()


def codes() -> dict[str, Any]:
    """Codes, boxes and what they are compared with."""
    vials = {f"A{n}": ("qua", "Q", f"A{n}: vial {n}, quarantine") for n in range(1, 8)}
    kept = {
        "A1": ("out", "1", "A1: taken for infusion 1"), "A2": ("res", "3", "A2: kept", "/codes/x"),
        "A3": ("rel", "✓", "A3: free"), "A4": ("ret", "R", "A4: retention"),
    }
    return {
        "coi": COI, "label": "L7K3QX9M2PD44", "digest": "9e6593ebc5b9cf142ddf01c237955f1b" * 2, "code": "4006381333931",
        "boxes": [("Tank 1, R2, box 3", "S08", "hold", "Quarantine", vials), ("Tank 1, R4, box 2", "S04", "go", "Released", kept)],
        "compare": [
            ("This bench is locked to", "S11", COI, ""),
            ("You scanned", "S09", "SK7QX9M2PD4X7", "Flask P1-2 belongs in incubator INC-1, shelf 4"),
        ],
    }


def words() -> dict[str, Any]:
    """What the pages of the frame itself are told."""
    return {
        "statement": "I am accountable for what is done under my name.", "trial": "NCT06997939", "version": "0.1.0",
        "station": "Tablet 3, bench BSC-2", "record": "4 871 entries, verified 13:10",
        "name": "Zhou Ke", "token": "t0k3n", "least": 12, "kept": [("Volume", "6.0 mL")], "back": "/bench", "error_id": "7F3A-22",
        "reasons": ["Viability is 61.0 %; it must be at least 70 %.", "You worked on this batch, so somebody else must release it."],
        "lead": "This label belongs to another subject.",
        "todo": ["Hands off S11. Close every open S11 container.", "Put the flask in the red tray outside the cabinet.", "Wait for QA."],
    }


def told(name: str) -> dict[str, Any]:
    """What only this page is told."""
    kinds = ["code", "codes", "number", "whole", "yesno", "choice", "choices", "date", "moment", "area", "lines", "text"]
    if name == "act.html":
        doc = "One vial is in its place."
        act = SimpleNamespace(name="custody.store", title="Store a vial", doc=doc, signed="I stored it.", reason="asked")
        options = (("a", "A"), ("b", "B"))
        fields = [
            SimpleNamespace(name=f"{kind}_field", title=kind, kind=kind, required=True, unit="", hint="", options=options, default="")
            for kind in kinds
        ]
        return {
            "act": act, "fields": fields, "prefilled": {"number_field": ["6.0"]}, "ask_first": False, "given": {}, "rows": 4,
            "second": True, "displayed": [("container", ["C7K3QX9M2PD44"], 3)], "next": "/", "key": "key-4",
        }
    if name == "done.html":
        chains = [("SK7QX9M2PD4W8", 12, "9e6593ebc5b9cf142ddf01c237955f1b")]
        signed = [{"by": "T-014", "meaning": "I stored it."}]
        return {"title": "Store a vial", "at": NOW, "told": chains, "codes": [("C7K3QX9M2PD44", "/codes/x")], "signed": signed, "next": "/"}
    return {}


def shown(name: str, **other: Any) -> str:
    return pages().get_template(name).render(**(sample() | told(name) | other))


class Reader(HTMLParser):
    """Walks a page: which elements are open, which are there, and what is not well formed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if len(attrs) != len(dict(attrs)):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes {self.open[-1:]}")
        else:
            self.open.pop()

    def all(self, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for _, attrs in self.elements if attribute in attrs]
