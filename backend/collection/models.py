"""What we keep of a marrow harvest: ordered, collected, packed, received. A re-collection is another row under the same CoI.

The bag is a container of the custody room from the moment its kit is made up, so its label can be printed and scanned back before
anybody stands at the bedside.
"""

from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.ledger import Number, Open, Recorded, When


class Collection(Recorded, table=True):
    """A harvest that a physician or coordinator ordered, and the bag of its kit."""

    says: ClassVar[dict[str, str]] = {"subject_code, ordinal": "This collection is ordered already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    subject_code: Open[str] = Field(foreign_key="subject.code", index=True)
    ordinal: Open[int]
    planned_at: Open[When]
    container_code: Open[str] = Field(unique=True, foreign_key="container.code")
    folder_code: Open[str] = Field(foreign_key="folder_proposed.code")
    because: Open[str | None] = None  # why the subject is harvested again
    at: Open[When] = Field(index=True)
    by: Open[str]
    __table_args__ = (UniqueConstraint("subject_code", "ordinal", name="uq_collection_subject_code_ordinal"),)


class Collected(Recorded, table=True):
    """Marrow was taken and its label applied at the bedside. The infusion window counts from `ended_at` (decision D2)."""

    says: ClassVar[dict[str, str]] = {"collection_code": "The marrow of this collection is in the record already."}
    collection_code: Open[str] = Field(primary_key=True, foreign_key="collection.code")
    container_code: Open[str] = Field(foreign_key="container.code")
    label_code: Open[str] = Field(foreign_key="label.code")
    wristband_code: Open[str] = Field(foreign_key="wristband.code")
    site: Open[str]
    passes: Open[int]
    heparin_lot: Open[str] = Field(foreign_key="lot.code")
    heparin_iu_per_ml: Open[Number]
    volume_ml: Open[Number]
    started_at: Open[When]
    ended_at: Open[When]
    at: Open[When]
    by: Open[str]
    witness: Open[str]


class Packed(Recorded, table=True):
    """The bag is in its transport box, sealed, with a logger."""

    says: ClassVar[dict[str, str]] = {"collection_code": "This collection is packed already."}
    collection_code: Open[str] = Field(primary_key=True, foreign_key="collection.code")
    box: Open[str]
    seal: Open[str]
    logger: Open[str]
    temperature_c: Open[Number]
    at: Open[When]
    by: Open[str]


class Received(Recorded, table=True):
    """The bag reached the laboratory: the seal as it was found, and how it travelled."""

    __tablename__ = "collection_received"
    says: ClassVar[dict[str, str]] = {"collection_code": "This collection was received already."}
    collection_code: Open[str] = Field(primary_key=True, foreign_key="collection.code")
    seal: Open[str]
    temperature_c: Open[Number]
    minutes_since_collection: Open[int]
    at: Open[When]
    by: Open[str]
