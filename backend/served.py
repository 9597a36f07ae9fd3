"""What a web server starts: the application over the installation that the settings name."""

from fastapi import FastAPI

from backend.app import application as over
from backend.installation import Unfit, against_serving, is_demo, opened
from backend.settings import settings


def application() -> FastAPI:
    """The application, or Unfit: the same questions as `marrowline serve` asks, for who starts it otherwise."""
    ledger = opened(settings())
    if against := against_serving(ledger, settings()):
        raise Unfit(" ".join(against))
    return over(ledger, settings(), demo=is_demo(ledger))
