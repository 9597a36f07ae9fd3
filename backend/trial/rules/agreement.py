"""stub"""
from collections.abc import Iterator
from typing import Any
def disagreements(trial: Any, master: Any, specifications: Any, labels: Any) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    yield from ()
