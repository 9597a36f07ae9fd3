"""One thing to do and a list of such things, as everybody's first page shows them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from backend.ledger.words import Text

Pill = tuple[str, Text]


class Item(BaseModel):
    """One thing to do: whose, what, where it is done, since when."""

    model_config = ConfigDict(frozen=True)
    what: Text
    href: str
    subject: str = ""
    coi: str = ""
    note: Text = ""
    pill: Pill = ("wait", "")
    since: datetime | None = None


class Worklist(BaseModel):
    """What waits under one heading: the first fifty, and how many more there are; `href` is a page that shows them all."""

    model_config = ConfigDict(frozen=True)
    title: Text
    items: tuple[Item, ...]
    more: int
    href: str
    empty: Text
