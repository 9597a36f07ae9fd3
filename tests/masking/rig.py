"""A room that does not exist, downstream of masking: it draws lines for subjects that are nothing but a code, as the dose room does.

Its acts are in the registry only while a test of masking runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import SQLModel

from backend.access.rules import Role
from backend.ledger import REGISTRY, Code, Ledger, Now, SubjectCode, act
from backend.masking.acts import draw_line
from tests.people import by


@act("rig.subject", roles={Role.PREPARER}, title="Rig", tells="", founds=True)
def subject(now: Now) -> str:
    """A CoI exists."""
    code = now.subject or ""
    now.add(Code(code=code, kind="S", chain=""))
    return code


@act("rig.draw", roles={Role.PREPARER}, title="Rig", tells="", writes={"site"})
def drawn(now: Now, coi: SubjectCode) -> None:
    """A line belongs to the subject."""
    draw_line(now)


RIG = {name: REGISTRY.pop(name) for name in [n for n in REGISTRY if n.startswith("rig.")]}


@contextmanager
def rigged() -> Iterator[None]:
    """The rig's acts can be done."""
    added = RIG.keys() - REGISTRY.keys()
    REGISTRY.update(RIG)
    try:
        yield
    finally:
        for name in added:
            REGISTRY.pop(name, None)


def a_subject(ledger: Ledger) -> str:
    """A new CoI."""
    with rigged():
        code: str = ledger.do("rig.subject", by=by("PREP1")).result
        return code


def draw(ledger: Ledger, coi: str) -> None:
    """The next line is this subject's."""
    with rigged():
        ledger.do("rig.draw", {"coi": coi}, by=by("PREP1"))


def assigned(ledger: Ledger) -> list[str]:
    """A list is imported; three subjects have the first three lines, a fourth has none. Their CoIs."""
    from tests import story

    story.list_imported(ledger)
    made = [a_subject(ledger) for _ in range(4)]
    for coi in made[:3]:
        draw(ledger, coi)
    return made


def dump(ledger: Ledger) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, but the text of the trial folder, which names the arms for everybody to read."""
    with ledger.engine.connect() as conn:
        for name in sorted(set(SQLModel.metadata.tables) - {"folder_file", "entry"}):
            for row in conn.exec_driver_sql(f'SELECT * FROM "{name}"'):
                yield from ((name, bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode()) for v in row)
        for act, body in conn.exec_driver_sql("SELECT act, body FROM entry"):
            if act != "trial.propose_folder":
                yield act, bytes(body)
