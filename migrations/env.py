"""How a migration meets a database: one transaction for all of it, on either engine, over the tables that the rooms declare."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from backend.app import rooms
from backend.schema import spelled

rooms()


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=SQLModel.metadata, compare_type=True, render_item=spelled,
        render_as_batch=connection.dialect.name == "sqlite",
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
