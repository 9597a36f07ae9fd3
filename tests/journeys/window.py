"""A browser without scripts: what a person can do is what the page offers, a link or a form with a button, filled in by name.

A name that the form does not have, or a choice that it does not offer, fails the test: nobody could have sent it.
"""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from fastapi.testclient import TestClient
from httpx2 import Response

from backend.app import application
from backend.ledger import Ledger
from tests.people import PASSWORD
from tests.visit import SETTINGS, THERE

Values = dict[str, str | list[str]]


@dataclass
class Control:
    """One field of a form as the page shows it: what it would send now, and what it could."""

    kind: str
    value: str = ""
    sent: bool = True
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """One form of a page."""

    method: str
    action: str
    keeps: str = ""
    controls: list[tuple[str, Control]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # words, name, value

    def sends(self, values: Values) -> list[tuple[str, str]]:
        """What a browser would send after these values were put in."""
        left = {name: list(value) if isinstance(value, list) else [value] for name, value in values.items()}
        found = []
        for name, control in self.controls:
            if control.kind in {"radio", "checkbox"}:
                if control.value in left[name] if name in left else control.sent:
                    found.append((name, control.value))
            elif name in left and left[name] and (control.kind != "hidden" or len(self._of(name)) == 1):
                found.append((name, left[name].pop(0)))
            elif control.sent:
                found.append((name, control.value))
        for name, rest in left.items():
            ticked = {c.value for c in self._of(name) if c.kind in {"radio", "checkbox"}}
            assert self._of(name), f"the form has no field {name}; it has {sorted({one for one, _ in self.controls})}"
            assert set(rest) <= ticked if ticked else not rest, f"{name} does not offer {rest}; it offers {sorted(ticked)}"
        return found

    def _of(self, name: str) -> list[Control]:
        return [control for one, control in self.controls if one == name]


class _Forms(HTMLParser):
    """Reads the forms out of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._said: list[str] | None = None
        self._button = ("", "")
        self._area: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("method", "get"), given.get("action", ""), given.get("data-autosave-url", ""))
            self.forms.append(self._form)
        if self._form is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            sent = "checked" in given if kind in {"radio", "checkbox"} else True
            self._form.controls.append((name, Control(kind, given.get("value", ""), sent)))
        elif tag in {"textarea", "select"} and name:
            self._area = Control(tag)
            self._form.controls.append((name, self._area))
        elif tag == "option" and self._area:
            self._area.options.append(given.get("value", ""))
            if "selected" in given:
                self._area.value = given.get("value", "")
        elif tag == "button" and given.get("type", "submit") == "submit":
            self._said, self._button = [given.get("aria-label", "")], (name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "button" and self._form is not None and self._said is not None:
            self._form.buttons.append((" ".join(" ".join(self._said).split()), *self._button))
            self._said = None
        elif tag in {"textarea", "select"}:
            self._area = None

    def handle_data(self, text: str) -> None:
        if self._said is not None:
            self._said.append(text)
        elif self._area is not None and self._area.kind == "textarea":
            self._area.value += text


class Window:
    """What one person has in front of them: an address, the answer, its forms."""

    def __init__(self, client: TestClient, person: str) -> None:
        self.client, self.person = client, person
        self.at = "/"
        self.answer: Response
        self.open("/sign-in?next=/")

    # ---- what is there ----

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def words(self) -> str:
        """What a person reads: without markup, in single spaces."""
        return " ".join(html.unescape(re.sub(r"(?s)<template.*?</template>|<[^>]+>", " ", self.answer.text)).split())

    @property
    def forms(self) -> list[Form]:
        read = _Forms()
        read.feed(self.answer.text)
        return read.forms

    def form(self, button: str) -> Form:
        """The form that has this button."""
        found = [one for one in self.forms if any(words == button for words, *_ in one.buttons)]
        assert found, f"no button “{button}” at {self.at} for {self.person}: {self.words[:3000]}"
        return found[0]

    def links(self, starts: str) -> list[str]:
        """The addresses on this page that start so, each once."""
        found = re.findall(r'href="([^"#]*)', self.answer.text)
        return list(dict.fromkeys(html.unescape(one) for one in found if one.startswith(starts)))

    def value(self, name: str) -> str:
        """What a field of any form shows, or the choice that is made."""
        return next(c.value for form in self.forms for one, c in form.controls if one == name and c.sent)

    # ---- what a person does ----

    def open(self, path: str) -> "Window":
        self._went(self.client.get(path), path)
        if self.at.startswith("/locked"):  # the story took longer than a page stays open
            self.press("Go on", {"password": PASSWORD})
        if self.at.startswith("/sign-in"):
            self.press("Sign in", {"person": self.person, "password": PASSWORD})
        return self

    def follow(self, starts: str) -> "Window":
        """The first link that starts so."""
        found = self.links(starts)
        assert found, f"no link to {starts} at {self.at} for {self.person}: {self.words[:1500]}"
        return self.open(found[0])

    def press(self, button: str, values: Values | None = None) -> "Window":
        """The form of this button is filled in and sent."""
        form = self.form(button)
        words, name, value = next(one for one in form.buttons if one[0] == button)
        del words
        sent = form.sends(values or {}) + ([(name, value)] if name else [])
        return self.send(form, sent)

    def send(self, form: Form, sent: list[tuple[str, str]]) -> "Window":
        """These pairs are sent as this form sends them."""
        many: dict[str, Any] = {}
        for name, value in sent:
            many.setdefault(name, []).append(value)
        to = urljoin(self.at, form.action or self.at)
        if form.method == "get":
            self._went(self.client.get(to, params=many), to)
        else:
            self._went(self.client.post(to, data=many, headers={"referer": THERE + self.at}), to)
        return self

    def sign(self, button: str, values: Values | None = None, second: str = "") -> "Window":
        """The same, signed with the passwords of everybody who signs here."""
        own = {"password": PASSWORD} | ({"second_person": second, "second_password": PASSWORD} if second else {})
        return self.press(button, (values or {}) | own)

    def leave(self, name: str, value: str, reason: str = "") -> Response:
        """A field that is kept by itself is left: it goes to where its form keeps, with a key of its own."""
        form = next(one for one in self.forms if one.keeps and any(name == known for known, _ in one.controls))
        told = {"name": name, "value": value, "key": f"{self.at} {name} {value} {reason}", "reason": reason}
        return self.client.post(form.keeps, data=told, headers={"referer": THERE + self.at, "accept": "application/json"})

    def scan(self, code: str, form: str = "scan") -> "Window":
        """The scanner types into the field that has the focus on every page."""
        found = next(one for one in self.forms if any(name == "code" for name, _ in one.controls))
        return self.send(found, [("how", form), ("code", code)])

    def _went(self, answer: Response, to: str) -> None:
        while answer.status_code == 303:
            to = urljoin(to, answer.headers["location"])
            answer = self.client.get(to.split("#")[0])
        parts = urlsplit(to)
        self.answer, self.at = answer, parts.path + (f"?{parts.query}" if parts.query else "")

    def did(self) -> "Window":
        """The page after something that was done: no refusal."""
        assert self.status == 200, f"{self.person} at {self.at}, {self.status}: {self.words[:1500]}"
        return self

    def refused(self, *sentences: str, status: int = 409) -> "Window":
        """The page after something that was refused, with these sentences on it."""
        assert self.status == status, f"{self.person} at {self.at}, {self.status}: {self.words[:800]}"
        for sentence in sentences:
            assert sentence in self.words, f"“{sentence}” is not said: {self.words[:1500]}"
        return self


class Ward:
    """One application, and a window for everybody who comes."""

    def __init__(self, ledger: Ledger) -> None:
        self.app = application(ledger, SETTINGS, demo=True)
        self.windows: dict[str, Window] = {}

    def __getitem__(self, person: str) -> Window:
        if person not in self.windows:
            client = TestClient(self.app, follow_redirects=False, raise_server_exceptions=False)
            self.windows[person] = Window(client, person)
        return self.windows[person]
