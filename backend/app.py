"""The table of contents: the rooms of Marrowline in the order of the flow, and the one application that serves them."""

from importlib import import_module
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from backend.access.reads import open_alerts
from backend.access.rules import READS_RECORD, SEES_SUBJECTS, Role
from backend.ledger import Ledger
from backend.settings import Settings
from backend.web import refusals
from backend.web.frame import Speaking, environment, translations
from backend.web.frame import say as _
from backend.web.me import Me
from backend.web.shield import Shield

BESIDE = ("access", "trial", "masking", "custody", "supplies", "quality")
FLOW = ("subject", "collection", "batch", "testing", "release", "dose", "bedside", "dossier", "desk")
ROOMS = (*BESIDE, *FLOW)

WARD = frozenset({Role.PHYSICIAN, Role.NURSE})
REVIEWS = frozenset({Role.QA, Role.UNMASKED_QA, Role.INSPECTOR})
NAV = (
    ("Worklist", "/", frozenset(Role)),
    ("Subjects", "/subjects", SEES_SUBJECTS),
    ("Bedside", "/bedside", WARD),
    ("Batches", "/batches", REVIEWS | {Role.TECHNICIAN, Role.PREPARER}),
    ("Testing", "/testing", REVIEWS | {Role.ANALYST}),
    ("Storage", "/storage", READS_RECORD - WARD - {Role.COORDINATOR} | {Role.ADMINISTRATOR}),
    ("Labels", "/labels", READS_RECORD),
    ("History", "/history", READS_RECORD | {Role.ADMINISTRATOR}),
    ("People", "/people", frozenset(Role) - WARD - {Role.ASSESSOR, Role.COURIER, Role.ANALYST, Role.TECHNICIAN, Role.PREPARER}),
)
"""Who finds which room on top of every page: those who may open it and have work there."""


def rooms() -> None:
    """Every room's acts are in the registry and every table is known."""
    for room in ROOMS:
        for part in ("models", "acts"):
            if (Path(__file__).parent / room / f"{part}.py").exists() or (Path(__file__).parent / room / part).is_dir():
                import_module(f"backend.{room}.{part}")


def application(ledger: Ledger, settings: Settings, demo: bool = False) -> FastAPI:
    """The web application over one ledger."""
    rooms()
    app = FastAPI(title="Marrowline", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.ledger, app.state.settings, app.state.demo = ledger, settings, demo
    app.state.templates = environment(settings.zone)
    app.state.catalogue = translations(settings.language)
    app.state.nav = nav
    refusals.install(app)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "web" / "static"), name="static")
    for name in ("backend.web.pages", "backend.api", *(f"backend.{room}.pages" for room in ROOMS)):
        path = Path(__file__).parent.parent / name.replace(".", "/")
        if path.with_suffix(".py").exists() or path.is_dir():
            app.include_router(import_module(name).router)
    app.add_middleware(Speaking)
    app.add_middleware(Shield)
    return app


def nav(me: Me) -> list[tuple[str, str, bool]]:
    """The rooms that a person sees on top of every page."""
    path = me.request.url.path
    waiting = open_alerts(me.session, me.viewer.roles) if me.may("access.acknowledge") else 0
    alerts = [(_("Alerts (%(number)s)") % {"number": waiting}, "/alerts", path == "/alerts")] if waiting else []
    mine = [(_(title), href) for title, href, roles in NAV if me.viewer.roles & roles]
    return alerts + [(title, href, path == href or (href != "/" and path.startswith(href))) for title, href in mine]
