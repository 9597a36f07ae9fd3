"""What a form sent, read once and bounded: its values, and beside them what every form carries (key, digest, reason, signatures)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from pydantic import AfterValidator
from starlette.datastructures import UploadFile

from backend.ledger import Act, Credential
from backend.web.shield import LARGEST
from labels.codes import NotACode, read

FURTHEST = 100_000
PageNumber = Annotated[int, AfterValidator(lambda wanted: min(max(wanted, 1), FURTHEST))]
"""Which page of a long list is asked for in an address; a number that is none of a page's is the nearest that is."""
PASSWORDS = frozenset({"password", "second_password", "again"})
CARRIED = frozenset({"key", "shown", "reason", "second_person", "how"}) | PASSWORDS


class Sent:
    """The values of one form, each name with one or more."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self.values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self.values[name][-1]

    def get(self, name: str, otherwise: str = "") -> str:
        return self.values.get(name, [otherwise])[-1]

    def all(self, name: str) -> list[str]:
        """Every value of a name, without the empty ones."""
        return [v for v in self.values.get(name, []) if v.strip()]

    def scanned(self, name: str) -> str:
        """The code in a field, without what people and scanners put around it; what is no code comes back as it was sent, shortened."""
        try:
            return read(self.get(name))
        except NotACode:
            return self.get(name).strip()[:40]

    def under(self, prefix: str) -> dict[str, str]:
        """The values whose names begin with `prefix`, by what follows it."""
        return {name[len(prefix) :]: v[-1] for name, v in self.values.items() if name.startswith(prefix) and v[-1].strip()}

    def given(self) -> dict[str, list[str]]:
        """What may be shown again after a refusal: everything but passwords, keys and digests."""
        return {name: v for name, v in self.values.items() if name not in PASSWORDS | {"key", "shown"}}

    def draft(self) -> dict[str, list[str]]:
        """The values as a form that is no record yet keeps them: all of them, or the one field that was just left."""
        if {"name", "value", "key"} <= self.values.keys():
            return {self["name"]: self.values["value"]}
        return self.values

    def arguments(self, act: Act, zone: ZoneInfo, extra: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of an act as this form gives them: empty fields are absent, lists are gathered, local times get the site's zone."""
        found: dict[str, Any] = {}
        for name, field in act.arguments.model_fields.items():
            if name in extra:
                continue
            many = "list" in str(field.annotation)
            if many and self.all(name):
                found[name] = [one for value in self.all(name) for one in value.splitlines() if one.strip()]
            elif "dict" in str(field.annotation) and self.get(name).strip():
                found[name] = dict(_pair(line) for line in self[name].splitlines() if line.strip())
            elif not many and self.get(name).strip():
                found[name] = zoned(self[name], zone) if "datetime" in str(field.annotation).lower() else self[name]
        return found | dict(extra)

    def signatures(self, person: str) -> tuple[Credential, ...]:
        """The passwords given for signing: the signed-in person's own, then the second signer's."""
        given = []
        if self.get("password"):
            given.append(Credential(person, self["password"]))
        if self.get("second_person") or self.get("second_password"):
            given.append(Credential(self.get("second_person").strip(), self.get("second_password")))
        return tuple(given)


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name.strip(), value.strip()


def zoned(text: str, zone: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


async def read_form(request: Request) -> Sent:
    """The form of a request, empty when nothing was sent; more than 1,000 fields are refused (the shield counts the bytes)."""
    if request.method in {"GET", "HEAD"}:
        return Sent({})
    values: dict[str, list[str]] = {}
    async with request.form(max_files=8, max_fields=1_000, max_part_size=LARGEST) as form:
        for name, value in form.multi_items():
            values.setdefault(name, []).append((await value.read()).decode("utf-8", "replace") if isinstance(value, UploadFile) else value)
    sent = Sent(values)
    request.state.sent = sent
    return sent


Form = Annotated[Sent, Depends(read_form)]
