"""The command line: `incident`. Exit status 0; 1 a fault was found; 2 wrong use."""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from incident import clock, config

if TYPE_CHECKING:
    from flask import Flask

    from incident.web.instance import Instance

CLI = "cli"
"""The actor of what is done on the command line."""

ROLES = ("administrator", "coordinator", "responder", "department", "reader", "source")


def _settings() -> config.Settings:
    """Read the settings, or end with every fault and its hint."""
    try:
        return config.read()
    except config.SettingsError as error:
        for fault in error.faults:
            click.echo(f"{fault.name}: {fault.what}\n  hint: {fault.hint}", err=True)
        sys.exit(1)


def _app(settings: config.Settings | None = None) -> "Flask":
    """Make the application, without doors, on a database that stands at the newest migration."""
    from incident.app import create_core, migrate

    app = create_core(settings or _settings(), has_clock=True)
    migrate(app)
    return app


def _instance(app: "Flask") -> "Instance":
    instance: Instance = app.extensions["incident"]
    return instance


def _told(deed: Callable[[], Any]) -> Any:
    """Do a deed; a broken rule becomes a line on the error output and exit status 2."""
    from incident.core.faults import RuleError
    from incident.core.words import say

    try:
        return deed()
    except RuleError as error:
        for fault in error.all:
            place = f"{fault.pointer}: " if fault.pointer else ""
            click.echo(f"error: {place}{say(fault.code, fault.arguments)}", err=True)
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="incident")
def main() -> None:
    """Record security incidents, run playbooks on them, reach the departments responsible."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Number of web workers.")
@click.option("--demo", is_flag=True, help="Load the demonstration when the home is empty; nothing leaves the machine.")
def serve(host: str, port: int, workers: int, demo: bool) -> None:
    """Serve pages and API, with the clock beside them (migrates the database first)."""
    from dataclasses import replace

    from incident.app import create_app, listening, migrate, tools_of
    from incident.jobs.serve import Served, Supervisor

    settings = _settings()
    if not settings.has_public_url:
        settings = replace(settings, public_url=f"http://{_shown(host)}:{port}")
    app = create_app(settings, has_clock=True)
    migrate(app)
    with app.app_context():
        if demo:
            _load_demonstration(app, is_quiet=True)
        _greet(app, settings)
        _let_go()
    served = Served(host, port, workers)
    sys.exit(Supervisor(app, tools_of(app), served, listening(settings)).run())


def _shown(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _greet(app: "Flask", settings: config.Settings) -> None:
    """Say where the program is, and how to get in."""
    from incident.actions import people as deeds
    from incident.store import instance, people

    click.echo(f"Incident is at {settings.public_url}")
    if instance.instance_setting("is_demonstration"):
        click.echo("This is a demonstration: nothing leaves the machine. Sign in as")
        for role, url in _demonstration_links(settings):
            click.echo(f"  {role:<14} {url}")
    elif not people.has_administrator():
        token = deeds.make_link("setup", None, deeds.SETUP_FOR, CLI, clock.now())
        click.echo(f"Set up the first administrator (once, within 7 days): {settings.public_url}/setup/{token}")


def _let_go() -> None:
    """Leave no connection open across the fork."""
    from incident.store.database import db

    db.session.remove()
    db.engine.dispose()


@main.command()
def work() -> None:
    """Run the clock and the deliveries alone, beside other processes that serve."""
    from incident.app import listening, tools_of
    from incident.jobs.serve import run_clock

    settings = _settings()
    app = _app(settings)
    with app.app_context():
        _let_go()
    sys.exit(run_clock(app, tools_of(app), listening(settings)))


@main.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Load the demonstration into an empty home; nothing will ever leave it."""
    if context.invoked_subcommand is None:
        app = _app()
        with app.app_context():
            _load_demonstration(app, is_quiet=False)


@demo.command("links")
def demo_links() -> None:
    """Print a line `ROLE URL` for each role of the demonstration."""
    settings = _settings()
    app = _app(settings)
    with app.app_context():
        for role, url in _demonstration_links(settings):
            click.echo(f"{role} {url}")


def _load_demonstration(app: "Flask", *, is_quiet: bool) -> None:
    from incident import data
    from incident.actions import demonstration

    here = _instance(app)
    if is_quiet and not demonstration.is_empty():
        return
    if is_quiet:
        click.echo("Loading the demonstration ...")
    documents = [_load_playbook(path)[1] for path in _shipped_playbooks()]
    _told(
        lambda: demonstration.load_demonstration(
            data.demonstration(), documents, here.post, here.settings.zone, clock.now()
        )
    )
    if not is_quiet:
        click.echo("The demonstration is loaded. `incident serve` shows it, `incident demo links` lets you in.")


def _demonstration_links(settings: config.Settings) -> list[tuple[str, str]]:
    from incident.actions import people as deeds
    from incident.store import people

    links = []
    for person in people.first_of_each_role():
        token = deeds.make_link("demonstration", person.id, deeds.DEMONSTRATION_FOR, CLI, clock.now())
        links.append((person.role, f"{settings.public_url}/sign-in/link/{token}"))
    return links


@main.group()
def token() -> None:
    """Tokens with which programs come in."""


@token.command("create")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it may do.")
@click.option("--department", help="Code of the department, for the role department.")
def token_create(name: str, role: str, department: str | None) -> None:
    """Make a token and print it, once, on the last line."""
    from incident.actions import people

    app = _app()
    with app.app_context():
        made = _told(lambda: people.make_token(name, role, department, CLI, clock.now()))
    click.echo(f"Token {made.row.name!r} of role {made.row.role}; keep it, it is shown only now:", err=True)
    click.echo(made.secret)


@main.group()
def person() -> None:
    """People who sign in."""


@person.command("add")
@click.option("--login", required=True, help="What they type to sign in.")
@click.option("--name", required=True, help="Their name.")
@click.option("--role", required=True, type=click.Choice(ROLES[:-1]), help="What they may do.")
@click.option("--department", help="Code of their department.")
@click.option("--language", type=click.Choice(["en", "zh_Hans_CN"]), default="en", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def person_add(login: str, name: str, role: str, department: str | None, language: str, password_stdin: bool) -> None:
    """Add a person; asks for the password."""
    from incident.actions import people

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    app = _app()
    with app.app_context():
        _told(lambda: people.add_person(login, name, role, department, password, language, CLI, clock.now()))
    click.echo(f"{name} can sign in as {login!r}.")


@main.group()
def playbook() -> None:
    """CACAO 2.0 playbooks."""


@playbook.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def playbook_lint(files: tuple[Path, ...]) -> None:
    """Check playbooks (JSON or YAML, or folders of them) and name every fault with its place."""
    from incident.core.cacao import check

    errors = 0
    for path in _playbook_files(files):
        faults, document = _load_playbook(path)
        faults = faults or check(document)
        for fault in faults:
            _print_fault(path, fault)
        found = sum(fault.is_error for fault in faults)
        errors += found
        click.echo(f"{path}: {found} errors, {len(faults) - found} warnings")
    sys.exit(1 if errors else 0)


@playbook.command("add")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--shipped", is_flag=True, help="Add the playbooks that come with the program.")
def playbook_add(files: tuple[Path, ...], shipped: bool) -> None:
    """Add playbooks (JSON or YAML, or folders of them)."""
    from incident.actions import playbooks
    from incident.actions.library import PlaybookFaults

    paths = [*_playbook_files(files), *(_shipped_playbooks() if shipped else ())]
    if not paths:
        raise click.UsageError("Name files, or give --shipped.")
    app = _app()
    failed = False
    with app.app_context():
        for path in paths:
            faults, document = _load_playbook(path)
            if not faults:
                try:
                    row = _told(partial(playbooks.add_playbook, document, CLI, clock.now()))
                    click.echo(f"{path}: {row.cacao_id}")
                except PlaybookFaults as refused:
                    faults = refused.faults
            for fault in faults:
                _print_fault(path, fault)
            failed = failed or bool(faults)
    sys.exit(1 if failed else 0)


def _playbook_files(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*") if one.suffix in {".json", ".yaml", ".yml"})
        else:
            found.append(path)
    return found


def _shipped_playbooks() -> list[Path]:
    return _playbook_files((config.shipped("playbooks"),))


def _load_playbook(path: Path) -> tuple[list[Any], Any]:
    """Read a file; return the faults that keep it from being read, and the document."""
    from incident.core.cacao import load
    from incident.core.cacao.faults import LoadRefused

    try:
        return [], load(path.read_bytes(), "json" if path.suffix == ".json" else "yaml")
    except LoadRefused as refused:
        return list(refused.faults), None


def _print_fault(path: Path, fault: Any) -> None:
    """Print a fault with its place, clause and hint, in the language of the terminal."""
    from incident.core.cacao.words import said
    from incident.formats.messages import load_catalogues

    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    language = "zh_Hans_CN" if spoken.startswith("zh") else "en"
    text, hint = said(fault, load_catalogues()[language].gettext)
    clause = f" ({fault.clause})" if fault.clause else ""
    click.echo(f"{path}#{fault.pointer}: {fault.severity} {fault.code}: {text}{clause}")
    if hint:
        click.echo(f"    {hint}")


@main.group()
def journal() -> None:
    """The journal of all deeds."""


@journal.command("verify")
@click.option(
    "--head", "expected", help="A head COUNT:HASH that was printed before: proves that nothing up to it changed."
)
def journal_verify(expected: str | None) -> None:
    """Walk the whole chain; name the first entry changed, removed, inserted or moved; print the head."""
    from incident.actions.verifying import verify_journal

    app = _app()
    with app.app_context():
        verdict = _told(lambda: verify_journal(expected))
    if verdict.is_intact:
        click.echo(f"The journal is whole: {verdict.count} entries.")
        click.echo(f"head {verdict.head}")
        sys.exit(0)
    click.echo(f"The journal is broken: entry {verdict.seq} was {verdict.fault}.", err=True)
    click.echo(f"whole up to {verdict.head}", err=True)
    sys.exit(1)


@main.group()
def keys() -> None:
    """The key ring that seals secrets."""


@keys.command("rotate")
def keys_rotate() -> None:
    """Add a new key to the ring and seal every secret anew."""
    from incident.actions import keys as deeds

    app = _app()
    ring = _instance(app).ring
    with app.app_context():
        name = ring.rotate()
        count = deeds.seal_anew(ring, CLI, clock.now())
    click.echo(f"Key {name} seals from now on; {count} secrets were sealed anew.")


@main.group()
def secret() -> None:
    """Secrets that playbooks name by kms_key_identifier."""


@secret.command("set")
@click.argument("name")
def secret_set(name: str) -> None:
    """Deposit a secret; it is asked for, or read from standard input when that is no terminal."""
    from incident.actions import keys as deeds

    value = str(click.prompt("Secret", hide_input=True)) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not value:
        raise click.UsageError("The secret is empty.")
    app = _app()
    with app.app_context():
        deeds.set_secret(name, value, _instance(app).ring, CLI, clock.now())
    click.echo(f"Secret {name!r} is set.")


@main.command()
def check() -> None:
    """Check the settings and the environment; each fault with a hint."""
    from incident.jobs.checkup import faults_of

    settings = _settings()
    found = faults_of(settings)
    for fault in found:
        click.echo(f"{fault.name}: {fault.what}\n  hint: {fault.hint}")
    if found:
        sys.exit(1)
    click.echo(f"All is well. Home {settings.home}, database {'SQLite' if settings.is_sqlite else 'PostgreSQL'}.")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
