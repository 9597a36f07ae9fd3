"""What a person is answered when the database has spoken: the first answer to a form that came twice, and the sentence of a UNIQUE."""

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backend.ledger import chains
from backend.ledger.errors import NotAllowed, Refused
from backend.ledger.models import recorded_tables
from backend.ledger.now import Receipt
from backend.ledger.spelling import instant


def answer_of(conn: Connection, act_id: str) -> Receipt:
    """The receipt of an act that is in the record; if it was refused, the refusal again."""
    m = chains.mark(conn)
    rows = conn.exec_driver_sql(f"SELECT chain, seq, hash, body FROM entry WHERE act_id = {m}", (act_id,)).all()
    body = orjson.loads(rows[0][3])
    if body["refused"]:
        raise (NotAllowed if body["barred"] else Refused)(*body["refused"])
    return Receipt(act_id, instant(body["at"]), tuple(sorted((r[0], r[1], r[2]) for r in rows)), body["result"])


def sentence_of(error: IntegrityError) -> str:
    """The words that a table declares for its UNIQUE. Any other constraint is our bug and is raised."""
    diag = getattr(error.orig, "diag", None)
    message = str(error.orig)
    for table, kind in recorded_tables().items():
        for columns, words in kind.says.items():
            names = columns.split(", ")
            lite = "UNIQUE constraint failed: " + ", ".join(f"{table}.{c}" for c in names)
            fits = {f"{table}_{'_'.join(names)}_key", f"{table}_pkey", f"uq_{table}_{'_'.join(names)}"}
            if message == lite or (diag and diag.sqlstate == "23505" and diag.table_name == table and diag.constraint_name in fits):
                return words
    raise error
