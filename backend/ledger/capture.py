"""What an act changed is read off the flush, so nobody can forget to say it.

Every recorded row that reaches the database is noted with its version, what it was before and what it is after; a write outside an act, a
bulk write or a deletion raises Unrecorded.
"""

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, ORMExecuteState, UOWTransaction
from sqlmodel import Session

from backend.ledger.errors import Unrecorded
from backend.ledger.models import Recorded, recorded_tables
from backend.ledger.spelling import plain


@event.listens_for(Session, "before_flush")
def _guard(session: Session, _: UOWTransaction, __: object) -> None:
    now = session.info.get("act")
    if now is not None:
        now.flushed = True
    for row in session.deleted:
        if isinstance(row, Recorded):
            raise Unrecorded(f"{type(row).__name__} deleted: recorded rows are ended, never deleted")
    for row in (*session.new, *session.dirty):
        if isinstance(row, Recorded) and (now is None or row.chain not in now.heads):
            raise Unrecorded(f"{type(row).__name__} of chain {row.chain} written outside an act that locked it")


@event.listens_for(Session, "after_flush")
def _capture(session: Session, _: UOWTransaction) -> None:
    for row in session.new:
        if isinstance(row, Recorded):
            _note(session, row, {})
    changed = (row for row in session.dirty if isinstance(row, Recorded) and session.is_modified(row))
    for row in sorted(changed, key=_place):  # the session keeps them in the order of their addresses in memory
        before = {}
        for attr in row._sa_instance_state.attrs:  # type: ignore[attr-defined]
            if attr.key != "version" and attr.history.has_changes():
                before[attr.key] = plain(attr.history.deleted[0])
        _note(session, row, before)


def _place(row: Recorded) -> tuple[str, list[str]]:
    """Where a row stands: its table and its key, so that an entry tells of the same changes in the same order."""
    mapper = type(row).__mapper__  # type: ignore[attr-defined]
    return mapper.local_table.name, [str(plain(part)) for part in mapper.primary_key_from_instance(row)]


def _note(session: Session, row: Recorded, before: dict[str, Any]) -> None:
    mapper, kept = type(row).__mapper__, row.__dict__  # type: ignore[attr-defined]
    after = {p.key: plain(kept[p.key]) for p in mapper.column_attrs if kept.get(p.key) is not None}
    key = [after[c.key] for c in mapper.primary_key]
    change = {"table": mapper.local_table.name, "key": key, "version": row.version, "before": before, "after": after}
    session.info["act"].changes.append((row.chain, change))


@event.listens_for(Session, "do_orm_execute")
def _no_bulk(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and state.bind_mapper is not None and issubclass(state.bind_mapper.class_, Recorded):
        raise Unrecorded(f"bulk write to {state.bind_mapper.class_.__name__}: load the rows and change them")


@event.listens_for(Recorded, "after_mapper_constructed", propagate=True)
def _remember(mapper: Mapper[Any], _: type) -> None:
    """Know the old value, and let UPDATE say `WHERE version = ?`: a row changed under another chain's lock fails loudly."""
    for prop in mapper.iterate_properties:
        prop.active_history = True
    mapper.version_id_col = mapper.local_table.c.version
    mapper.version_id_generator = lambda v: (v or 0) + 1


for _kind in recorded_tables().values():  # those that were mapped before anybody listened: the ledger's own
    _remember(inspect(_kind), _kind)
