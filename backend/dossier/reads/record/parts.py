"""What a document is made of: sections of facts, tables and sentences. Values only, so that it can be hashed before anything is drawn."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from backend.ledger.spelling import canonical, digest

Tone = Literal["", "go", "warn", "stop", "masked", "quiet", "code"]


class Part(BaseModel):
    """Base of every part; nothing of it can be changed."""

    model_config = ConfigDict(frozen=True)


class Cell(Part):
    """What stands in one place of a table: a text, what it was before with the reason, a small line below, and how it is meant."""

    text: str
    was: tuple[tuple[str, str], ...] = ()
    small: str = ""
    tone: Tone = ""


class Facts(Part):
    """Words and what belongs to them, one pair a line."""

    kind: Literal["facts"] = "facts"
    rows: tuple[tuple[str, Cell], ...]


class Table(Part):
    """A table; without a row it says `empty`, because a record says also what there is none of."""

    kind: Literal["table"] = "table"
    title: str
    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "None."


class Sentences(Part):
    """Sentences, one below the other."""

    kind: Literal["sentences"] = "sentences"
    title: str = ""
    lines: tuple[Cell, ...]


class Heading(Part):
    """A heading inside a section. A heading of the second level begins a step."""

    kind: Literal["heading"] = "heading"
    number: str
    text: str
    level: int = 1
    note: str = ""


Block = Facts | Table | Sentences | Heading


class Section(Part):
    """One chapter of the record."""

    title: str
    blocks: tuple[Block, ...]


class Content(Part):
    """Everything that one edition says of one subject, as the chain stood at its head."""

    edition: str
    trial: str
    protocol: str
    product: str
    site: str
    number: str
    coi: str
    seq: int
    head: str
    head_at: str
    zone: str
    state: str
    sections: tuple[Section, ...]

    def sha256(self, salt: str) -> str:
        """The hash of the content. The salt is secret to masked people: nobody may try two arms and see which one fits."""
        return digest(canonical({"salt": salt, "content": self.model_dump(mode="json")}))


def cell(said: "Cell | str | None") -> Cell:
    """A text as a cell; nothing is a dash."""
    return said if isinstance(said, Cell) else Cell(text=said or "–")
