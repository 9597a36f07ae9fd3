"""Draws up the next migration: `make migration SAYS="Say what changes"`. It starts from a file that has every migration so far."""

import sys
import tempfile
from pathlib import Path

from backend import schema
from backend.app import rooms
from backend.db import connect


def main(message: str) -> None:
    rooms()
    versions = schema.MIGRATIONS / "versions"
    number = f"{len(list(versions.glob('0*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/so-far.db")
        if number != "0001":
            schema.migrate(engine)
        for path in schema.draw_up(engine, number, message):
            sys.stdout.write(f"{path.relative_to(Path.cwd())}\n")
        engine.dispose()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "The tables")
