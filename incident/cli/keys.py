"""The key ring."""

import sys

import click

from incident import clock
from incident.cli.root import CLI, instance_of, main, make_app


@main.group()
def keys() -> None:
    """The key ring that seals secrets."""


@keys.command("rotate")
def keys_rotate() -> None:
    """Add a new key to the ring and seal every secret anew.

    A ring that is given by the environment or cannot be written is left as it is: its current key seals them.
    """
    from incident.actions import keys as deeds
    from incident.keyring import RingFixed

    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        try:
            count = deeds.rotate(ring, CLI, clock.now())
        except (RingFixed, OSError):
            click.echo("No key is added, as the ring cannot be written from here (docs/operations.md says how).")
            count = deeds.seal_anew(ring, CLI, clock.now())
    click.echo(f"Key {ring.current} seals from now on; {count} secrets were sealed anew.")


@keys.command("new")
def keys_new() -> None:
    """Print a new ring, for INCIDENT_KEYS or a file INCIDENT_KEYS_FILE that several nodes share."""
    from incident.keyring import new_ring

    click.echo(new_ring())


@keys.command("accept")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
def keys_accept(is_sure: bool) -> None:
    """Use the present ring for a database with another one: when that is lost for good.

    Secrets that do not open are removed, and links that were sent are no longer accepted.
    """
    import secrets

    from incident.actions import keys as deeds
    from incident.channels.webhook import new_webhook_secret

    app = make_app(demands_keys=False)
    ring = instance_of(app).ring
    if not ring.is_there:
        click.echo("error: there is no key ring. Make one: incident keys new > keys.json", err=True)
        sys.exit(2)
    warning = "Secrets that this ring does not open are lost, and links that were sent are refused. Go on?"
    if not is_sure:
        click.confirm(warning, abort=True)
    with app.app_context():
        lost = deeds.accept(ring, lambda: new_webhook_secret(secrets.token_bytes(32)), CLI, clock.now())
    click.echo("The key ring is the one of this database from now on.")
    if lost.secrets:
        click.echo(f"Set these secrets again (incident secret set): {', '.join(lost.secrets)}")
    if lost.contacts:
        click.echo(f"Give these contacts a new secret, and tell their receivers: {', '.join(lost.contacts)}")
