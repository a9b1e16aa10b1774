"""The key ring."""

import sys
from typing import NoReturn

import click

from incident import clock
from incident.cli.root import CLI, instance_of, main, make_app


@main.group()
def keys() -> None:
    """The key ring that seals secrets."""


@keys.command("rotate")
def keys_rotate() -> None:
    """Add a new key to the ring and seal every secret with it.

    A ring that is given by the environment or cannot be written is left as it is: its current key seals them.
    """
    from incident.actions.operations import keys as use_cases
    from incident.keyring import RingFixed

    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        try:
            count = use_cases.rotate(ring, CLI, clock.now())
        except (RingFixed, OSError):
            click.echo("No key is added, as the ring cannot be written from here (docs/operations.md says how).")
            count = use_cases.reseal_secrets(ring, CLI, clock.now())
    click.echo(f"Key {ring.current} seals from now on; {count} secrets were sealed anew.")


@keys.command("retire")
@click.argument("name", metavar="ID", type=click.IntRange(1, 999_999_999))
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
def keys_retire(name: int, is_sure: bool) -> None:
    """Retire the old key ID: seal its secrets with the newest key, verify that none is left, remove it.

    The newest key cannot be retired: rotate first. Links in messages that were signed with it are refused afterwards.
    """
    from incident.actions.operations import keys as use_cases
    from incident.keyring import KeyInUse, KeyUnknown, RingFixed, SealBroken

    app = make_app()
    ring = instance_of(app).ring
    if not is_sure:
        click.confirm(f"Links in messages that were signed with key {name} are refused afterwards. Go on?", abort=True)
    with app.app_context():
        try:
            count = use_cases.retire(ring, str(name), CLI, clock.now())
        except KeyUnknown:
            _refuse(f"there is no key {name} in the ring; incident keys list shows which there are")
        except KeyInUse:
            _refuse(f"key {name} is the newest and seals. Add another first: incident keys rotate")
        except (SealBroken, use_cases.StillInUse) as error:
            _refuse(f"{error}. The key stays in the ring. Does another node still use an older ring?")
        except (RingFixed, OSError):
            click.echo(f"Nothing is sealed with key {name} any more. Take it out of the ring on every node now.")
            return
    click.echo(f"Key {name} is retired: {count} values were sealed anew, none is left, and it is out of the ring.")


def _refuse(why: str) -> NoReturn:
    click.echo(f"error: {why}", err=True)
    sys.exit(2)


@keys.command("list")
def keys_list() -> None:
    """Print the keys of the ring by ID, oldest first, with how many values in the database each has sealed."""
    from incident.store.db.database import db
    from incident.store.queries import sealed

    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        for name in sorted(ring.checks(), key=int):
            count = sealed.sealed_under(db.session.connection(), name)
            click.echo(f"{name}  {count} values{'  newest: it seals' if name == ring.current else ''}")


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

    from incident.actions.operations import keys as use_cases
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
        lost = use_cases.accept(ring, lambda: new_webhook_secret(secrets.token_bytes(32)), CLI, clock.now())
    click.echo("The key ring is the one of this database from now on.")
    if lost.secrets:
        click.echo(f"Set these secrets again (incident secret set): {', '.join(lost.secrets)}")
    if lost.contacts:
        click.echo(f"Give these contacts a new secret, and tell their receivers: {', '.join(lost.contacts)}")
