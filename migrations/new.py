"""Draws up the next migration: `make migration SAYS="Say what changes"`. It starts from a file that has every migration so far.

With `AGAIN=1` the newest one is drawn up anew instead: for one that no database has seen yet.
"""

import sys
import tempfile
from pathlib import Path

from backend import schema
from backend.app import rooms
from backend.db import connect


def main(message: str, again: bool) -> None:
    rooms()
    versions = schema.MIGRATIONS / "versions"
    if again:
        newest = max(versions.glob("0*_*.py"))
        message = message or newest.stem.partition("_")[2].replace("_", " ").capitalize()
        for old in versions.glob(f"{newest.stem[:4]}*"):
            old.unlink()
    number = f"{len(list(versions.glob('0*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/so-far.db")
        if number != "0001":
            schema.migrate(engine)
        for path in schema.draw_up(engine, number, message or "The tables"):
            sys.stdout.write(f"{path.relative_to(Path.cwd())}\n")
        engine.dispose()


if __name__ == "__main__":
    main(" ".join(one for one in sys.argv[1:] if one != "--again"), "--again" in sys.argv)
