"""The `check` command: settings and environment."""

import sys

import click

from incident.cli.root import main, read_settings


@main.command()
def check() -> None:
    """Check the settings and the environment; print each fault with a hint.

    Exit status 1 if a fault was found. Advice on optional settings does not change the status.
    """
    from incident.jobs.startup.capacity import connections_of_node
    from incident.jobs.startup.preflight import (
        faults_of,
        hidden_sources,
        lacking_approvers,
        may_change_journal,
        unplaced_secrets,
    )

    settings = read_settings()
    found = faults_of(settings)
    for fault in found:
        click.echo(f"{fault.name}: {fault.what}\n  hint: {fault.hint}")
    if found:
        sys.exit(1)
    unsigned = "may start" if settings.allow_unsigned_playbooks else "do not start"
    click.echo(f"No faults found. Home {settings.home}, database {'SQLite' if settings.is_sqlite else 'PostgreSQL'}.")
    if not settings.is_sqlite and settings.database_direct_url is None:
        most = connections_of_node(settings)
        click.echo(f"Each machine opens at most {most} database connections (INCIDENT_DATABASE_POOL_SIZE).")
    click.echo(f"Playbooks without a trusted signature {unsigned} (INCIDENT_UNSIGNED_PLAYBOOKS).")
    if not settings.public_url.startswith("https://"):
        click.echo("People sign in without TLS: set INCIDENT_PUBLIC_URL to an https:// address behind a reverse proxy.")
    elif not settings.trusted_proxies:
        click.echo("All clients behind a proxy are counted as one client (INCIDENT_TRUSTED_PROXIES).")
    for advice in filter(None, (unplaced_secrets(settings), hidden_sources(settings), lacking_approvers(settings))):
        click.echo(advice)
    if not settings.alarm_to:
        click.echo("System faults raise no alarm (INCIDENT_ALARM_TO).")
    if settings.ping_url is None:
        click.echo("No external monitor notices when this machine fails (INCIDENT_PING_URL).")
    if may_change_journal(settings):
        click.echo("This program's role may change the journal in PostgreSQL: use two roles (INCIDENT_MIGRATION_URL).")
    if not settings.anchors.has_places:
        click.echo("No external anchor proves that the journal was not rewritten (INCIDENT_ANCHOR_TO).")
    if settings.export is not None:
        what = "with details" if settings.export.has_details else "without details"
        click.echo(f"The journal is sent to {settings.export.name}, {what} (INCIDENT_EXPORT_DETAILS).")
