"""Commands that start processes and prepare the database: serve, work, migrate, demo."""

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from incident import clock, config, logs, watchdog_state
from incident.cli.playbooks import read_playbook, shipped_playbooks
from incident.cli.root import (
    CLI,
    T,
    instance_of,
    main,
    make_app,
    or_end,
    or_end_unless,
    read_settings,
    run_use_case,
    say_faults,
)

BACKLOG = 2048
"""Maximum number of connections waiting to be accepted."""

ADDRESS = "address"
"""File in the home with the URL at which the program serves."""

if TYPE_CHECKING:
    from flask import Flask

    from incident.jobs.supervision.handover import Handover
    from incident.jobs.supervision.supervisor import Role


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=4, show_default=True, type=click.IntRange(1, 64), help="Number of web workers.")
@click.option("--demo", is_flag=True, help="Load the demonstration if the home is empty. It sends nothing.")
@click.option("--demo-for-others", is_flag=True, help="Allow access to a demonstration from other machines.")
def serve(host: str, port: int, workers: int, demo: bool, demo_for_others: bool) -> None:
    """Migrate the database, then run everything: web workers, scheduler, delivery and watchdog."""
    from dataclasses import replace

    from incident.app import create_app, listening, migrate, tools_of, watchdog_config
    from incident.jobs.serving.serve import Served, run_scheduler, run_watchdog, run_web
    from incident.jobs.startup.private_files import require_private
    from incident.jobs.supervision.handover import is_trial, take_over
    from incident.jobs.supervision.supervisor import Supervisor
    from incident.web.compiled_templates import load_compiled

    logs.guard_output()
    taken = take_over()
    settings = read_settings()
    or_end(lambda: require_private(settings))
    if not settings.has_public_url:
        settings = replace(settings, public_url=f"http://{_shown(host)}:{port}")
    listener = None if is_trial() else _listener(taken, host, port)
    app = or_end(lambda: create_app(settings, has_clock=True))
    if listener is None:
        or_end(lambda: migrate(app, is_trial=True))
        sys.exit(0)
    if _is_sound(settings.home, lambda: migrate(app)):
        if not demo_for_others and _is_for_others(settings, host):
            or_end(lambda: _refuse_demonstration(app, is_demo=demo))
        or_end(lambda: _begin(app, settings, workers, is_demo=demo))
    _close_connections(app)
    load_compiled(app)
    _or_refuse(lambda: listener.listen(BACKLOG), host, port)
    _note_address(settings)
    served = Served(listener.detach(), workers, settings.trusted_proxies)
    roles = {
        "web": lambda _beat: run_web(app, served),
        "scheduler": lambda beat: run_scheduler(app, tools_of(app), listening(settings), "timers", beat),
        "delivery": lambda beat: run_scheduler(app, tools_of(app), listening(settings), "deliveries", beat),
        "watchdog": lambda _beat: run_watchdog(app, watchdog_config(app)),
        **_export_role(app, settings),
    }
    sys.exit(Supervisor(settings.home, roles, handed=replace(taken, listener=served.listener)).run())


def _note_address(settings: config.Settings) -> None:
    """Store the URL at which this program serves, for commands that print links."""
    file = settings.home / ADDRESS
    file.touch(mode=0o600)
    file.write_text(settings.public_url, "utf-8")


def _served_url(settings: config.Settings) -> str:
    """Return the URL of links: the configured one, else that at which the program last served."""
    if settings.has_public_url:
        return settings.public_url
    with suppress(OSError):
        return (settings.home / ADDRESS).read_text("utf-8") or settings.public_url
    return settings.public_url


def _warn(settings: config.Settings, workers: int) -> None:
    """Print warnings about limits that matter only under load; the start continues."""
    from incident.jobs.startup.capacity import faults_of_connections
    from incident.store.db.database import db
    from incident.store.operations.secrets import without_place

    if names := without_place(db.session.connection()):
        click.echo(f"warning: these secrets have no place and are not used: {', '.join(names)}", err=True)
    if not settings.is_sqlite:
        for fault in faults_of_connections(settings, db.session.connection(), workers):
            click.echo(f"warning: {fault}", err=True)


def _listener(taken: "Handover", host: str, port: int) -> socket.socket:
    """Return the socket from before a reload, or a new one; exit if another program uses the address."""
    from incident.jobs.serving.serve import bound

    if taken.listener is not None:
        return socket.socket(fileno=taken.listener)
    return _or_refuse(lambda: bound(host, port), host, port)


def _or_refuse(step: Callable[[], T], host: str, port: int) -> T:
    """Exit before any start-up work if the address is in use or does not belong to this machine."""
    try:
        return step()
    except OSError as error:
        click.echo(f"error: cannot listen on {host}, port {port}: {error.strerror or error}", err=True)
        sys.exit(1)


def _is_sound(home: Path, step: Callable[[], object]) -> bool:
    """Run a start-up step on the database; if the database is damaged, print the fault and return False.

    The program then answers 503, and the watchdog sends an alarm, which would be missing if the program exited.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from incident.jobs.startup.start import fault_of
    from incident.store.db.outage import outage_of

    try:
        or_end_unless(lambda error: isinstance(error, SQLAlchemyError) and outage_of(error) == "damaged", step)
    except SQLAlchemyError as error:
        say_faults([fault_of(error)])
        return False
    watchdog_state.forget_damage(home)
    return True


def _is_for_others(settings: config.Settings, host: str) -> bool:
    """Return whether other machines can reach the program, directly or through a proxy."""
    from incident.client_addresses import is_loopback_host

    hosts = [host, *filter(None, [urlsplit(settings.public_url).hostname] if settings.has_public_url else [])]
    return not all(map(is_loopback_host, hosts))


def _refuse_demonstration(app: "Flask", *, is_demo: bool) -> None:
    """Exit if this is a demonstration: anyone with its printed links may do everything in it."""
    from incident.store.operations import instance

    with app.app_context():
        if is_demo or instance.instance_setting("is_demonstration"):
            click.echo(
                "error: this is a demonstration: its links let anyone in, and other machines could reach it. "
                "Serve it on 127.0.0.1, or allow this with --demo-for-others",
                err=True,
            )
            sys.exit(1)


def _begin(app: "Flask", settings: config.Settings, workers: int, *, is_demo: bool) -> None:
    with app.app_context():
        if is_demo:
            _load(app, is_quiet=True)
        _greet(app, settings)
        _warn(settings, workers)


def _shown(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _greet(app: "Flask", settings: config.Settings) -> None:
    """Print the URL of the program and how to sign in."""
    from incident.actions.directory import people as use_cases
    from incident.store.directory import people
    from incident.store.operations import instance

    click.echo(f"Incident is at {settings.public_url}")
    if instance.instance_setting("is_demonstration"):
        use_cases.end_links_of("demonstration", CLI, clock.now())
        click.echo("This is a demonstration: it sends nothing. Sign-in links, valid for a day or until the next start:")
        for role, url in _demonstration_links(settings):
            click.echo(f"  {role:<14} {url}")
    elif not people.has_administrator():
        token = use_cases.make_link("setup", None, use_cases.SETUP_FOR, CLI, clock.now())
        click.echo(f"Set up the first administrator (once, within 7 days): {settings.public_url}/setup/{token}")


def _close_connections(app: "Flask") -> None:
    """Close all connections before the fork; the clock measured here serves all processes."""
    from incident.store.db.database import db

    with app.app_context():
        clock.measure()
        db.session.remove()
        db.engine.dispose()


def _export_role(app: "Flask", settings: config.Settings) -> "dict[str, Role]":
    """Return the process that exports the journal to a log collector; none if the settings name no collector."""
    from incident.jobs.serving.serve import run_export

    given = settings.export
    return {} if given is None else {"export": lambda beat: run_export(app, given, beat)}


@main.command()
def work() -> None:
    """Run only the scheduler, delivery and watchdog, without web workers. Other processes serve the pages."""
    from incident.app import create_core, listening, migrate, tools_of, watchdog_config
    from incident.jobs.serving.serve import run_scheduler, run_watchdog
    from incident.jobs.startup.private_files import require_private
    from incident.jobs.supervision.handover import is_trial, take_over
    from incident.jobs.supervision.supervisor import Supervisor

    logs.guard_output()
    taken = take_over()
    settings = read_settings()
    or_end(lambda: require_private(settings))
    app = or_end(lambda: create_core(settings, has_clock=True))
    if is_trial():
        or_end(lambda: migrate(app, is_trial=True))
        sys.exit(0)
    _is_sound(settings.home, lambda: migrate(app))
    _close_connections(app)
    roles = {
        "scheduler": lambda beat: run_scheduler(app, tools_of(app), listening(settings), "timers", beat),
        "delivery": lambda beat: run_scheduler(app, tools_of(app), listening(settings), "deliveries", beat),
        "watchdog": lambda _beat: run_watchdog(app, watchdog_config(app)),
        **_export_role(app, settings),
    }
    sys.exit(Supervisor(settings.home, roles, handed=taken).run())


@main.command("migrate")
def migrate_database() -> None:
    """Migrate the database to the newest schema and set the rights of its role (INCIDENT_MIGRATION_URL)."""
    from incident.store.db import revision
    from incident.store.db.database import db
    from incident.store.journal import grants

    app = make_app(demands_keys=False)
    with app.app_context():
        click.echo(f"The database is at schema {revision.current()}.")
        if db.engine.dialect.name == "postgresql":
            connection = db.session.connection()
            may = "may change" if grants.may_change_journal(connection) else "may only add to"
            click.echo(f"The role {grants.role_of(connection)} {may} the journal.")


@main.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Load the demonstration into an empty home. A demonstration sends nothing."""
    if context.invoked_subcommand is None:
        app = make_app()
        with app.app_context():
            _load(app, is_quiet=False)


@demo.command("links")
def demo_links() -> None:
    """Print a sign-in link for each role of the demonstration, as lines ROLE URL."""
    from dataclasses import replace

    settings = read_settings()
    app = make_app(settings)
    with app.app_context():
        for role, url in _demonstration_links(replace(settings, public_url=_served_url(settings))):
            click.echo(f"{role} {url}")


def _load(app: "Flask", *, is_quiet: bool) -> None:
    from incident import data
    from incident.actions.operations import demonstration

    here = instance_of(app)
    if is_quiet and not demonstration.is_empty():
        return
    if is_quiet:
        click.echo("Loading the demonstration ...")
    documents = [read_playbook(path)[1] for path in shipped_playbooks()]
    run_use_case(
        lambda: demonstration.load_demonstration(
            data.demonstration(), documents, here.post, here.settings.zone, clock.now()
        )
    )
    if not is_quiet:
        click.echo("The demonstration is loaded. Run `incident serve`; `incident demo links` prints sign-in links.")


def _demonstration_links(settings: config.Settings) -> list[tuple[str, str]]:
    from incident.actions.directory import people as use_cases
    from incident.store.directory import people

    links = []
    for person in people.first_of_each_role():
        token = use_cases.make_link("demonstration", person.id, use_cases.DEMONSTRATION_FOR, CLI, clock.now())
        links.append((person.role, f"{settings.public_url}/sign-in/link/{token}"))
    return links
