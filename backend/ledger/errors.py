"""The ways an act does not happen.

- Refused: a rule, a role, a signature, a stale page said no; it is in the ledger, and the sentences are for the person.
  - NotAllowed: the same, because of who asked.
- UnknownCode: a well-formed code that is nobody's, or nobody's business (decision P4).
- Nonsense: what came in is not a value of its kind; nothing is recorded.
- Unrecorded, NoGate: a programmer's mistake.
"""


class Refused(Exception):
    """A rule said no. `reasons` are open sentences; `sealed` holds what a masked reader must not see, in the same order (decision S6)."""

    def __init__(self, *reasons: str, sealed: tuple[str, ...] = ()) -> None:
        self.reasons = reasons
        self.sealed = sealed
        super().__init__(" ".join(reasons))


class NotAllowed(Refused):
    """The person may not do this at all."""


class UnknownCode(Exception):
    """No such code, or none that this person may see."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"There is nothing with the code {code}.")


class Nonsense(Exception):
    """What was typed is not a value of its kind. `faults` maps each field to its sentence."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__(" ".join(faults.values()))


class Unrecorded(Exception):
    """A recorded table was written where the ledger could not see it."""


class NoGate(Exception):
    """Nobody decides who may act: `access` has not filled the gate."""


def refuse(*reasons: object) -> None:
    """Raise Refused with every sentence of the given rules, or return if there is none.

    Each argument is a sentence, None, or an iterable of sentences.
    """
    said: list[str] = []
    for reason in reasons:
        if isinstance(reason, str):
            said.append(reason)
        elif reason is not None:
            said.extend(reason)  # type: ignore[arg-type]  # an iterable of sentences
    if said:
        raise Refused(*said)
