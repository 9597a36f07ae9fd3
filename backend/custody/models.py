"""What we keep of things that hold cells: where they come from, what is in them, how they are labelled, where they are.

Everything about a container names its CoI as well (`chain`), and the database compares the two: cells of two subjects cannot be mixed,
and a fact about one subject's vial cannot stand in the record of another.
"""

from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from backend.ledger import Number, Open, Recorded, When, one_open

ENDS = ("ended_at", "ended_by")


def of_one_subject(column: str) -> ForeignKeyConstraint:
    """The container named in `column` is of the same CoI as the row."""
    return ForeignKeyConstraint([column, "chain"], ["container.code", "container.chain"])


class Container(Recorded, table=True):
    """Anything that holds cells: a bag, a flask, a vial. Its code is its own for life (decision C3)."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    kind: Open[str]
    name: Open[str]
    batch_code: Open[str | None] = Field(default=None, foreign_key="code.code", index=True)
    step: Open[str] = ""
    passage: Open[int | None] = None
    at: Open[When]
    by: Open[str]
    __table_args__: Any = (UniqueConstraint("code", "chain"),)


class ContainerParent(Recorded, table=True):
    """Cells went from the parent into the child. Both are of one CoI, by constraint."""

    __tablename__ = "container_parent"
    child: Open[str] = Field(primary_key=True)
    parent: Open[str] = Field(primary_key=True, index=True)
    __table_args__: Any = (of_one_subject("child"), of_one_subject("parent"))


class Amount(Recorded, table=True):
    """How much is in a container since `at`; the newest counts, the others stay."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    container_code: Open[str] = Field(index=True)
    volume_ml: Open[Number | None] = None
    cells: Open[Number | None] = None
    at: Open[When]
    by: Open[str]
    __table_args__: Any = (of_one_subject("container_code"),)


class UsedUp(Recorded, table=True):
    """Nothing is in the container any more; nothing more can be done with it."""

    __tablename__ = "used_up"
    says: ClassVar[dict[str, str]] = {"container_code": "This container has been used up already."}
    container_code: Open[str] = Field(primary_key=True)
    why: Open[str]
    at: Open[When]
    by: Open[str]
    __table_args__: Any = (of_one_subject("container_code"),)


class Label(Recorded, table=True):
    """One printed label with its own code. `of_code` is its container; empty for a spare, which belongs to none.

    `values_text` has one field a line, as `name=value`. A label ends as void, destroyed or specimen, and says why.
    """

    ends: ClassVar[tuple[str, ...]] = (*ENDS, "ended_how", "ended_why")
    says: ClassVar[dict[str, str]] = {"of_code": "This container has a label already; a reprint replaces it."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    of_code: Open[str | None] = Field(default=None, index=True)
    batch_code: Open[str | None] = Field(default=None, foreign_key="code.code", index=True)
    template: Open[str]
    folder: Open[str]
    values_text: Open[str]
    replaces: Open[str | None] = Field(default=None, foreign_key="label.code")
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    ended_how: Open[str | None] = None
    ended_why: Open[str | None] = None
    __table_args__: Any = (of_one_subject("of_code"), one_open("label", "of_code"))


class Print(Recorded, table=True):
    """One print job: its labels go to paper once."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    sheet: Open[str]
    at: Open[When]
    by: Open[str]


class PaperFetched(Recorded, table=True):
    """The paper of a print job or a wristband was given out, once, to who printed it."""

    __tablename__ = "paper_fetched"
    says: ClassVar[dict[str, str]] = {"of_code": "The paper was given out already; it is given out once."}
    of_code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    at: Open[When]
    by: Open[str]


class LabelPrinted(Recorded, table=True):
    """A label went to paper in one print job."""

    __tablename__ = "label_printed"
    says: ClassVar[dict[str, str]] = {"label_code": "This label has been printed already; a reprint gets a new code."}
    label_code: Open[str] = Field(primary_key=True, foreign_key="label.code")
    print_code: Open[str] = Field(foreign_key="print.code", index=True)
    place_on_sheet: Open[int]
    at: Open[When]
    by: Open[str]


class LabelVerified(Recorded, table=True):
    """A printed label was scanned back and reads as it should."""

    __tablename__ = "label_verified"
    says: ClassVar[dict[str, str]] = {"label_code": "This label has been scanned back already."}
    label_code: Open[str] = Field(primary_key=True, foreign_key="label.code")
    at: Open[When]
    by: Open[str]


class LabelApplied(Recorded, table=True):
    """A label is on its container."""

    __tablename__ = "label_applied"
    says: ClassVar[dict[str, str]] = {"label_code": "This label is on its container already."}
    label_code: Open[str] = Field(primary_key=True, foreign_key="label.code")
    at: Open[When]
    by: Open[str]


class Place(Recorded, table=True):
    """Somewhere a container can be: site, building, room, tank, rack, box, position; `path` is where, from the site down."""

    says: ClassVar[dict[str, str]] = {"parent_code, name": "There is a place of this name here already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    parent_code: Open[str | None] = Field(default=None, foreign_key="place.code", index=True)
    kind: Open[str]
    name: Open[str]
    path: Open[str]
    zone: Open[str] = ""
    at: Open[When]
    by: Open[str]
    __table_args__: Any = (UniqueConstraint("parent_code", "name"),)


class PlacePrinted(Recorded, table=True):
    """A plate of a place, or the label of a box, went to paper: who, when, how many times by then, and why. Its code is the place's own.

    `paper` is plate or box; template, folder and `values_text` say what stood on it.
    """

    __tablename__ = "place_printed"
    says: ClassVar[dict[str, str]] = {"place_code, paper, number": "Somebody else printed this at the same moment."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    place_code: Open[str] = Field(foreign_key="place.code", index=True)
    paper: Open[str]
    number: Open[int]
    why: Open[str]
    template: Open[str]
    folder: Open[str]
    values_text: Open[str]
    at: Open[When]
    by: Open[str]
    __table_args__: Any = (UniqueConstraint("place_code", "paper", "number"),)


class PlaceVerified(Recorded, table=True):
    """A print of a plate or of a box's label was scanned back and reads as it should."""

    __tablename__ = "place_verified"
    says: ClassVar[dict[str, str]] = {"print_code": "This print has been scanned back already."}
    print_code: Open[str] = Field(primary_key=True, foreign_key="place_printed.code")
    at: Open[When]
    by: Open[str]


class Occupancy(Recorded, table=True):
    """A container is at a place until the row ends. `position_code` repeats the place when it holds one container only (decision T1)."""

    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {
        "position_code": "Another container is in this position.",
        "container_code": "This container is somewhere else already.",
    }
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    container_code: Open[str] = Field(index=True)
    place_code: Open[str] = Field(foreign_key="place.code", index=True)
    position_code: Open[str | None] = Field(default=None, foreign_key="place.code")
    at: Open[When]
    by: Open[str]
    witness: Open[str | None] = None
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__: Any = (
        of_one_subject("container_code"), one_open("occupancy", "position_code"), one_open("occupancy", "container_code"),
    )  # fmt: skip


class BoxClaim(Recorded, table=True):
    """A box belongs to one CoI from its first vial until its last one leaves (decision T1)."""

    __tablename__ = "box_claim"
    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"box_code": "This box holds another subject's vials; one box holds one subject."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    box_code: Open[str] = Field(foreign_key="place.code", index=True)
    coi: Open[str] = Field(index=True)
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__: Any = (one_open("box_claim", "box_code"),)


class Exposed(Recorded, table=True):
    """A vial was warmer than its storage for so many seconds; they add up over its life."""

    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    container_code: Open[str] = Field(index=True)
    seconds: Open[int]
    doing: Open[str]
    at: Open[When]
    by: Open[str]
    __table_args__: Any = (of_one_subject("container_code"),)


class HandedOver(Recorded, table=True):
    """Somebody gave a container into somebody's hands; open until it is received. `consignment` is common to what went together."""

    __tablename__ = "handed_over"
    ends: ClassVar[tuple[str, ...]] = ENDS
    says: ClassVar[dict[str, str]] = {"container_code": "This container is on its way already; it must be received first."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    consignment: Open[str] = Field(foreign_key="code.code", index=True)
    container_code: Open[str] = Field(index=True)
    to: Open[str]
    condition: Open[str]
    temperature_c: Open[Number]
    seal: Open[str]
    logger: Open[str]
    within_minutes: Open[int]
    at: Open[When]
    by: Open[str]
    ended_at: Open[When | None] = None
    ended_by: Open[str | None] = None
    __table_args__: Any = (of_one_subject("container_code"), one_open("handed_over", "container_code"))


class Received(Recorded, table=True):
    """Somebody took over what was handed over, and says how it arrived."""

    says: ClassVar[dict[str, str]] = {"handed_over_code": "This has been received already."}
    handed_over_code: Open[str] = Field(primary_key=True, foreign_key="handed_over.code")
    container_code: Open[str] = Field(index=True)
    condition: Open[str]
    temperature_c: Open[Number]
    seal: Open[str]
    at: Open[When]
    by: Open[str]
    __table_args__: Any = (of_one_subject("container_code"),)


class Disposed(Recorded, table=True):
    """What became of a vial or a dose in the end, once: administered, tested, retained, destroyed, returned, lost, transferred (C8)."""

    says: ClassVar[dict[str, str]] = {"container_code": "This has a disposition already; each vial and dose has exactly one."}
    container_code: Open[str] = Field(primary_key=True)
    how: Open[str]
    why: Open[str]
    detail: Open[str] = ""  # how it was destroyed, or where it went
    at: Open[When]
    by: Open[str]
    witness: Open[str | None] = None
    __table_args__: Any = (of_one_subject("container_code"),)
