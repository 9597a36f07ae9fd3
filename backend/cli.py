"""The command line: what an administrator of the machine does.

Thin: each command says what it did, and exits 0, with 1 for a finding, with 2 for wrong use.
"""

import os
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from sqlalchemy import make_url

from backend.installation import Unfit, against_serving, holds_another, migrated, opened
from backend.ledger import SYSTEM, Caller, Ledger, Nonsense, Refused
from backend.settings import Settings, settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Marrowline: from marrow to bedside.")
person = typer.Typer(no_args_is_help=True, help="The first administrator.")
template = typer.Typer(no_args_is_help=True, help="Trial folders.")
labels = typer.Typer(no_args_is_help=True, help="Labels.")
app.add_typer(person, name="person")
app.add_typer(template, name="template")
app.add_typer(labels, name="labels")

FINDING, WRONG_USE = 1, 2


def _no(*sentences: str, code: int = FINDING) -> NoReturn:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(code)


def _opened() -> Ledger:
    try:
        return opened(settings())
    except Unfit as unfit:
        _no(str(unfit))


@app.command()
def migrate() -> None:
    """Bring the schema up to date; an SQLite file is copied first. A new record is founded, and its site key made."""
    try:
        ledger, copy = migrated(settings())
    except Unfit as unfit:
        _no(str(unfit))
    from backend import schema

    if copy:
        typer.echo(f"The file as it was before: {copy}")
    typer.echo(
        f"The database has schema {schema.number_of(ledger.engine)}. The site key is in {settings().keys_dir}; keep a copy of it elsewhere."
    )


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "", port: Annotated[int, typer.Option(help="Port.")] = 0,
) -> None:  # fmt: skip
    """The web application. It migrates nothing and refuses a database or keys that do not fit."""
    _serve(host, port)


def _serve(host: str, port: int) -> None:
    chosen = settings()
    ledger = _opened()
    if against := against_serving(ledger, chosen):
        _no(*against)
    ledger.engine.dispose()
    host, port = host or chosen.host, port or chosen.port
    typer.echo(f"http://{host}:{port}")
    uvicorn.run(
        "backend.served:application", factory=True, host=host, port=port, workers=chosen.workers, log_level="warning", server_header=False,
    )  # fmt: skip


@person.command("add")
def person_add(
    code: str, name: str, role: Annotated[list[str], typer.Option(help="administrator; every other role is given in the program")],
) -> None:  # fmt: skip
    """The first administrator, and the link with which they set their password. Everybody else is added by them, in the program."""
    from backend.access import sessions

    if role != ["administrator"]:
        _no("The first person is an administrator; the others get their roles in the program, where QA countersigns them.", code=WRONG_USE)
    ledger = _opened()
    try:
        ledger.do("access.begin", {"person": code, "name": name, "roles": role}, by=Caller(SYSTEM))
        token = sessions.issue_link(ledger, code, Caller(SYSTEM))
    except (Refused, Nonsense) as no:
        _no(*(no.reasons if isinstance(no, Refused) else no.faults.values()), code=FINDING if isinstance(no, Refused) else WRONG_USE)
    typer.echo(f"{name} ({code}) is administrator. This link works once, within 72 hours:")
    typer.echo(f"http://{settings().host}:{settings().port}/set-password?token={token}")


@app.command()
def verify() -> None:
    """Prove the ledger, or name what is wrong, one sentence for each fault."""
    from rich.progress import Progress

    from backend.ledger.verify import verify as faults_of

    ledger = _opened()
    with ledger.engine.connect() as conn:
        entries = conn.exec_driver_sql("SELECT coalesce(sum(seq), 0), count(*) FROM head").one()
    with Progress(transient=True) as progress:
        task = progress.add_task("Verifying", total=int(entries[0]))
        found = list(faults_of(ledger.engine, progress=lambda n: progress.advance(task, n)))
    if found:
        _no(*found, f"{len(found)} faults in {entries[0]} entries.")
    typer.echo(f"The record verifies: {entries[0]} entries on {entries[1]} chains, nothing altered, nothing missing.")


@template.command("check")
def template_check(file: Path) -> None:
    """Everything that is wrong with a trial folder, or one file of it, with file and line."""
    from backend.trial.rules import faults

    if not file.exists():
        _no(f"There is nothing at {file}.", code=WRONG_USE)
    if found := faults(file):
        _no(*found)
    typer.echo(f"{file} can be used.")


@labels.command("preview")
def labels_preview(name: Annotated[str, typer.Argument(metavar="TEMPLATE")], file: Path) -> None:
    """One label of the trial with sample values, as a PDF."""
    from backend.trial.rules import FolderFaults, read_folder
    from labels.sheet import preview

    try:
        folder = read_folder(settings().templates_dir / settings().trial)
    except FolderFaults as faulty:
        _no(*map(str, faulty.faults))
    found = {one.code: one for one in folder.labels.labels}
    if name not in found:
        _no(f"There is no label {name}; there are {', '.join(sorted(found))}.", code=WRONG_USE)
    file.write_bytes(preview(found[name]))
    typer.echo(f"{file} shows {name} with sample values.")


@app.command()
def demo(port: int = 0, serve: Annotated[bool, typer.Option(help="Serve it afterwards.")] = True) -> None:
    """A demonstration record, played through the acts, then served. It never touches a record that is none."""
    chosen = _of_demo(settings())
    told = _rehearsal("demo")
    ledger = _emptied(chosen, told.story_clock())
    told.play_into(ledger, chosen, typer.echo)
    ledger.engine.dispose()
    if serve:
        _as_environment(chosen)
        settings.cache_clear()
        _serve("", port)


def _of_demo(chosen: Settings) -> Settings:
    """`demo.db` and `demo-keys` unless the settings name others (decision M1)."""
    unnamed = Settings.model_fields
    changed: dict[str, Any] = {"argon_time": 1, "argon_memory_kib": 8}
    if chosen.database_url == unnamed["database_url"].default:
        changed["database_url"] = "sqlite:///demo.db"
    if chosen.keys_dir == unnamed["keys_dir"].default:
        changed["keys_dir"] = Path("demo-keys")
    return chosen.model_copy(update=changed)


def _as_environment(chosen: Settings) -> None:
    for name in ("database_url", "keys_dir", "argon_time", "argon_memory_kib"):
        os.environ[f"MARROWLINE_{name.upper()}"] = str(getattr(chosen, name))


def _emptied(chosen: Settings, clock: Callable[[], datetime]) -> Ledger:
    """A fresh record marked demo. An SQLite demonstration of before is thrown away; anything else that has entries is refused."""
    try:
        if holds_another(chosen):
            _no(f"{make_url(chosen.database_url).render_as_string()} holds a record that is no demonstration; it stays as it is.")
        ledger, _ = migrated(chosen, demo=True, clock=clock)
        with ledger.engine.connect() as conn:
            used = conn.exec_driver_sql("SELECT max(seq) FROM head").scalar_one() > 1
        if not used:
            return ledger
        if ledger.engine.dialect.name != "sqlite" or not ledger.engine.url.database:
            _no("This database has a demonstration already; give an empty one.")
        ledger.engine.dispose()
        for end in ("", "-wal", "-shm"):
            Path(ledger.engine.url.database + end).unlink(missing_ok=True)
        return migrated(chosen, demo=True, clock=clock)[0]
    except Unfit as unfit:
        _no(str(unfit))


@app.command()
def simulate(subjects: int = 12, seed: int = 7) -> None:
    """The trial on a simulated clock, as far as it is built: each subject's outcome, the account of vials and labels, verify's answer."""
    if _rehearsal("simulation").run(subjects=subjects, seed=seed, say=typer.echo):
        raise typer.Exit(FINDING)


@app.command()
def bench(
    scale: int = 1, quick: Annotated[bool, typer.Option(help="Only see that everything runs; such numbers mean nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Numbers for a program.")] = False,
) -> None:  # fmt: skip
    """The benchmarks, as ratios within one run."""
    _rehearsal("bench").run(scale=scale, quick=quick, as_json=json, say=typer.echo)


def _rehearsal(name: str) -> Any:
    try:
        return import_module(f"backend.rehearsal.{name}")
    except ModuleNotFoundError as missing:
        if missing.name != f"backend.rehearsal.{name}":
            raise
        _no(f"This version has no {name}.", code=WRONG_USE)


def main() -> None:
    os.umask(0o077)  # what is made here is for its owner alone
    app()
