"""Who asks: the person behind a bearer token, and the station named in a header.

A cookie opens nothing here, so no page of another site can ride on one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from backend.access import sessions
from backend.access.rules import Viewer
from backend.ledger import Caller, Ledger, NotAllowed
from backend.ledger.acts import note_unknown
from backend.settings import Settings
from backend.web.me import MustSignIn

STATION_HEADER = "X-Marrowline-Station"


class Answer(BaseModel):
    """Base of what the API answers and is asked; a field that nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Asking:
    """One person, one call."""

    session: Session
    ledger: Ledger
    settings: Settings
    viewer: Viewer
    token: str
    station: str

    @property
    def now(self) -> datetime:
        """This moment in the site's zone."""
        return self.ledger.clock().astimezone(self.settings.zone)

    @property
    def caller(self) -> Caller:
        return Caller(self.viewer.person, self.station)

    def must(self, *roles: str) -> None:
        """Refuse a view to anybody without one of these roles."""
        if not self.viewer.roles & set(roles):
            raise NotAllowed(
                f"This is for {' or '.join(sorted(roles))}; you are {' and '.join(sorted(self.viewer.roles)) or 'without a role'}."
            )

    def unknown(self, code: str) -> None:
        note_unknown(self.ledger, code, self.caller)


def asking(
    request: Request,
    authorization: Annotated[str, Header(description="Bearer, and the token that POST /session gave")] = "",
    x_marrowline_station: Annotated[str, Header(description="The token of a registered station")] = "",
) -> Iterator[Asking]:
    kind, _, token = authorization.partition(" ")
    ledger, settings = request.app.state.ledger, request.app.state.settings
    with ledger.read() as session:
        here = sessions.here(session, ledger, settings, {}, token.strip()) if kind.lower() == "bearer" and token.strip() else None
        if here is None:
            raise MustSignIn("/sign-in")
        station = sessions.station_of(session, {}, x_marrowline_station) or here.station
        yield Asking(session, ledger, settings, here.viewer, here.token, station)


Who = Annotated[Asking, Depends(asking)]
