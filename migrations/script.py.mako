"""${message}."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
    guards = Path(__file__).with_name(f"{revision}-guards-{op.get_bind().dialect.name}.sql")
    for statement in guards.read_text().split("\n;;\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("A record is never migrated back; restore the copy that was made before.")
