"""Reading the record aloud: entries as people may see them, newest first.

What is told here comes from the hashed bodies, never from the tables beside them. Sealed values are opened only where the reader may see
them, and the values of an entry that its act declares covered are shown to nobody but the person who entered them (decision W3).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from backend.ledger import chains
from backend.ledger.chains import COMMON
from backend.ledger.errors import Nonsense
from backend.ledger.registry import FORESEEN, REGISTRY, Act, titles
from backend.ledger.sealing import Keyring, purpose_of
from backend.ledger.spelling import instant, stamp, to_the_minute
from backend.ledger.words import words
from labels.codes import NotACode, read

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
SEALED, ERASED, ALTERED, COVERED = words("sealed"), words("erased"), words("altered"), words("covered")
REFUSED = words("{by} was refused: {title}.")


@dataclass(frozen=True)
class Reader:
    """Who reads: their staff number, which sealed values they may see, and how people are named to them.

    names: the printed names of staff numbers. subjects: whether they may read the chains of subjects at all. say: how the fixed texts
    are said to them (sentences, titles, why a value is not shown). zone: in which they read the times in a sentence.
    """

    person: str
    keyring: Keyring
    may_open: Callable[[str], bool]
    names: Callable[[Session, Iterable[str]], Mapping[str, str]] = lambda _, __: {}
    subjects: bool = True
    say: Callable[[str], str] = str
    zone: tzinfo = UTC


class View(BaseModel):
    """Base of what is told; nothing of it can be changed."""

    model_config = ConfigDict(frozen=True)


class Signature(View):
    """Who signed, under which name, and what it means. The time is the entry's."""

    by: str
    name: str
    meaning: str


class Change(View):
    """One row as the entry tells of it."""

    table: str
    key: tuple[str, ...]
    version: int
    before: dict[str, Any]
    after: dict[str, Any]


class Told(View):
    """One entry as its reader may see it. `inputs` maps each argument's title to its value; `cursor` is where the next page begins."""

    chain: str
    seq: int
    hash: str
    cursor: str
    act: str
    act_id: str
    title: str
    sentence: str
    at: datetime
    occurred_at: datetime | None
    by: str
    name: str
    station: str
    subject: str | None
    reason: str
    inputs: dict[str, Any]
    result: Any
    refused: tuple[str, ...]
    barred: bool
    signed: tuple[Signature, ...]
    parts: dict[str, int]
    relies: dict[str, int]
    changes: tuple[Change, ...]
    covered: bool


def entries(
    session: Session, reader: Reader, *, chain: str | None = None, act: str | None = None, by: str | None = None,
    since: datetime | None = None, until: datetime | None = None, code: str | None = None, act_id: str | None = None,
    after: str | None = None, limit: int = 25,
) -> list[Told]:  # fmt: skip
    """The entries that fit, newest first, from `since` on and before `until`, at most `limit` of them.

    `act` is one act or, as "batch.", a room's. `code` finds every entry in which that code occurs. `after` is the cursor of the last one
    already shown; one that is none raises Nonsense.
    """
    where, values = _where(session, reader, chain, act, by, since, until, code, act_id, after)
    m = chains.mark(session.connection())
    query = f"SELECT chain, seq, hash, body FROM entry{where} ORDER BY at DESC, chain DESC, seq DESC LIMIT {m}"
    rows = session.connection().exec_driver_sql(query, (*values, limit)).all()
    bodies = [(row[2], orjson.loads(row[3])) for row in rows]
    people = {body["by"] for _, body in bodies} | {one["by"] for _, body in bodies for one in body["signed"]}
    names = reader.names(session, sorted(people)) if people else {}
    reader.keyring.fetch(session, {body["keys"] for _, body in bodies if body["keys"]})
    closed = frozenset(one.seals for one in REGISTRY.values() if one.seals)
    for foresee in FORESEEN:
        foresee(session, [body for _, body in bodies])
    return [_Telling(session, reader, body, names, closed).told(hash_) for hash_, body in bodies]


def readable(chain: str, subjects: bool) -> bool:
    """Whether a chain is for somebody who may read those of subjects, or may not: how long one is tells of what was done."""
    return subjects or chain in COMMON


def _where(
    session: Session, reader: Reader, chain: str | None, act: str | None, by: str | None, since: datetime | None, until: datetime | None,
    code: str | None, act_id: str | None, after: str | None,
) -> tuple[str, tuple[Any, ...]]:  # fmt: skip
    conn = session.connection()
    m = chains.mark(conn)
    asked: list[tuple[str, Any]] = []
    for column, value in (("chain", chain), ("by", by), ("act_id", act_id), ("act", None if act and act.endswith(".") else act)):
        if value:
            asked.append((f'"{column}" = {m}', value))
    if act and act.endswith("."):
        asked.append((f"act >= {m}", act))
        asked.append((f"act < {m}", act[:-1] + "/"))  # "/" follows "." in every ordering by code point
    if since:
        asked.append((f"at >= {m}", stamp(since)))
    if until:
        asked.append((f"at < {m}", stamp(until)))
    if code:
        asked.extend(_mentions(session, code))
    sql, values = [one for one, _ in asked], [value for _, value in asked]
    if not reader.subjects:
        sql.append(f"chain IN ({', '.join([m] * len(COMMON))})")
        values.extend(sorted(COMMON))
    if after:
        sql.append(f"(at, chain, seq) < ({m}, {m}, {m})")
        values.extend(_cursor(after))
    return (" WHERE " + " AND ".join(sql) if sql else ""), tuple(values)


def _mentions(session: Session, code: str) -> Iterable[tuple[str, Any]]:
    """Entries whose body holds this code; those of a subject's code are looked for on that subject's chain alone."""
    conn = session.connection()
    m = chains.mark(conn)
    with suppress(NotACode):  # a staff number, for one
        code = read(code)
    row = conn.exec_driver_sql(f"SELECT chain FROM code WHERE code = {m}", (code,)).one_or_none()
    if row is not None and row[0] not in COMMON:
        yield f"chain = {m}", row[0]
    found = "instr(body, {}) > 0" if conn.dialect.name == "sqlite" else "position({} in body) > 0"
    yield found.format(m), orjson.dumps(code)


def refusals(session: Session, since: Mapping[str, datetime]) -> dict[str, list[dict[str, Any]]]:
    """By chain, the bodies of its acts that were refused since an instant, in order: for rules, which look for what they are about."""
    conn = session.connection()
    m = chains.mark(conn)
    found = f"instr(body, {m}) > 0" if conn.dialect.name == "sqlite" else f"position({m} in body) > 0"
    told: dict[str, list[dict[str, Any]]] = {chain: [] for chain in since}
    if not since:
        return told
    query = f"SELECT chain, body FROM entry WHERE ({' OR '.join([f'chain = {m} AND at >= {m}'] * len(since))}) AND {found} ORDER BY seq"
    asked = [value for chain, at in since.items() for value in (chain, stamp(at))]
    for chain, body in conn.exec_driver_sql(query, (*asked, b'"refused":["')):
        told[chain].append(orjson.loads(body))
    return told


def _cursor(after: str) -> tuple[str, str, int]:
    at, _, rest = after.partition(",")
    chain, _, seq = rest.partition(",")
    if not seq.isdigit():
        raise Nonsense({"after": f"“{after[:60]}” is no place in the history; it begins again without it."})
    return at, chain, int(seq)


class _Telling:
    """One body, told to one reader. What is sealed under the keys of `closed`, which are no subject's, is read aloud to nobody."""

    def __init__(self, session: Session, reader: Reader, body: dict[str, Any], names: Mapping[str, str], closed: frozenset[str]) -> None:
        self.session, self.reader, self.body, self.names, self.closed = session, reader, body, names, closed
        self.act: Act | None = REGISTRY.get(body["act"])  # an act of an earlier version may be gone; its entries stay
        hidden = self.act.covers if self.act else None
        self.covered = bool(hidden and reader.person != body["by"] and hidden(session, body, reader.person))

    def told(self, hash_: str) -> Told:
        body, covered = self.body, self.covered
        inputs = {name: self._input(name, value) for name, value in body["inputs"].items()}
        called = titles(self.act.arguments) if self.act else {}
        return Told(
            chain=body["chain"], seq=body["seq"], hash=hash_, cursor=f"{body['at']},{body['chain']},{body['seq']}", act=body["act"],
            act_id=body["act_id"], title=self.reader.say(self.act.title) if self.act else body["act"], sentence=self._sentence(inputs),
            at=instant(body["at"]), occurred_at=instant(body["occurred_at"]) if "occurred_at" in body else None, by=body["by"],
            name=self._name(body["by"]), station=body["station"], subject=body["subject"],
            reason=self.reader.say(COVERED) if covered and body["reason"] else self._open(body["reason"], body["keys"]),
            inputs={self.reader.say(called.get(name, name)): value for name, value in inputs.items()},
            result=None if covered else body["result"], refused=self._refused(), barred=body["barred"],
            signed=tuple(Signature(by=s["by"], name=self._name(s["by"]), meaning=self.reader.say(s["meaning"])) for s in body["signed"]),
            parts=body["parts"], relies={chain: tip[0] for chain, tip in body["relies"].items()},
            changes=() if covered else tuple(self._change(change) for change in body["changes"]), covered=covered,
        )  # fmt: skip

    def _name(self, person: str) -> str:
        return self.names.get(person, person)

    def _input(self, name: str, value: Any) -> Any:
        """A covered entry keeps its codes, which say what it is about, and loses its values."""
        if self.covered and name not in (self.act.codes if self.act else {}):
            return self.reader.say(COVERED)
        return self._open(value, self.body["keys"])

    def _sentence(self, inputs: dict[str, Any]) -> str:
        if self.act is None:
            return f"{self._name(self.body['by'])}: {self.body['act']}."
        said = {name: _worded(value, self.reader.zone) for name, value in inputs.items()}
        said |= {"by": self._name(self.body["by"]), "subject": self.body["subject"] or ""}
        if self.body["refused"]:
            return self.reader.say(REFUSED).format_map(said | {"title": self.reader.say(self.act.title)})
        return self.reader.say(self.act.tells).format_map(_Gaps(said))

    def _refused(self) -> tuple[str, ...]:
        """Every reason; where a reason has a sealed wording, that one for those who may see it."""
        said: list[str] = self.body["refused"]
        if self.covered and said:
            return (self.reader.say(COVERED),)
        opened = [self._open(sealed, self.body["keys"]) for sealed in self.body.get("sealed", [])]
        return (*said, *(one for one in opened if one != self.reader.say(SEALED)))

    def _change(self, change: dict[str, Any]) -> Change:
        scope = self.body["keys"] if self.body["chain"] in COMMON else self.body["chain"]
        before, after = (self._open(change[side], scope) for side in ("before", "after"))
        key = tuple(str(part) for part in change["key"])
        return Change(table=change["table"], key=key, version=change["version"], before=before, after=after)

    def _open(self, value: Any, scope: str) -> Any:
        """A value with everything sealed in it opened, or said to be sealed, erased or altered."""
        if isinstance(value, dict):
            return {name: self._open(one, scope) for name, one in value.items()}
        if isinstance(value, list):
            return [self._open(one, scope) for one in value]
        purpose = purpose_of(value)
        if purpose is None:
            return value
        if not self.reader.may_open(purpose) or scope in self.closed:
            return self.reader.say(SEALED)
        try:
            text = self.reader.keyring.open(self.session, scope, value)
        except ValueError:
            return self.reader.say(ALTERED)
        if text is None:
            return self.reader.say(ERASED)
        return self.reader.say(SEALED) if purpose_of(text) else text  # sealed once more: the arm, which the history reads aloud to nobody


class _Gaps(dict[str, str]):
    """A sentence may name an argument that an earlier version of the act did not have."""

    def __missing__(self, name: str) -> str:
        return "–"


def _worded(value: Any, zone: tzinfo) -> str:
    if isinstance(value, list):
        return ", ".join(_worded(one, zone) for one in value)
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return to_the_minute(instant(value).astimezone(zone))
    return "–" if value is None else str(value)
