"""What we keep of the trial itself: folders that were proposed and approved, and whether the trial is active.

A folder is kept as the text of its files, so the record can be read without the directory it came from.
"""

from typing import ClassVar

from sqlmodel import Field

from backend.ledger import Open, Recorded, When


class FolderProposed(Recorded, table=True):
    """A trial folder that somebody put forward, known by the fingerprint of its files."""

    __tablename__ = "folder_proposed"
    says: ClassVar[dict[str, str]] = {"fingerprint": "A folder with exactly these files was proposed already."}
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    fingerprint: Open[str] = Field(unique=True)
    trial: Open[str]
    trial_version: Open[str]
    master_record: Open[str]
    at: Open[When]
    by: Open[str]


class FolderFile(Recorded, table=True):
    """One file of a proposed folder, as text; encoded as UTF-8 it is the file again, byte for byte."""

    __tablename__ = "folder_file"
    folder_code: Open[str] = Field(primary_key=True, foreign_key="folder_proposed.code")
    name: Open[str] = Field(primary_key=True)
    text: Open[str]


class FolderApproved(Recorded, table=True):
    """Two people approved a folder; it is in force until a later one is approved."""

    __tablename__ = "folder_approved"
    says: ClassVar[dict[str, str]] = {"folder_code": "This folder is approved already."}
    folder_code: Open[str] = Field(primary_key=True, foreign_key="folder_proposed.code")
    at: Open[When] = Field(index=True)
    by: Open[str]
    witness: Open[str]


class TrialStatus(Recorded, table=True):
    """Whether the trial is active, suspended or stopped, from this moment until the next such row."""

    __tablename__ = "trial_status"
    code: Open[str] = Field(primary_key=True, foreign_key="code.code")
    status: Open[str]
    reason: Open[str]
    at: Open[When] = Field(index=True)
    by: Open[str]
