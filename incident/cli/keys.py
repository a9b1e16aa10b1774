"""Key ring commands: rotate, retire, list, new, accept."""

import sys
from typing import NoReturn

import click

from incident import clock
from incident.cli.root import CLI, instance_of, main, make_app


@main.group()
def keys() -> None:
    """Keys that encrypt stored secrets."""


@keys.command("rotate")
def keys_rotate() -> None:
    """Add a new key to the ring and encrypt every secret with it.

    A ring that comes from the environment or is read-only stays unchanged: its current key encrypts them.
    """
    from incident.actions.operations import keys as use_cases
    from incident.keyring import RingFixed

    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        try:
            count = use_cases.rotate(ring, CLI, clock.now())
        except (RingFixed, OSError):
            click.echo("No key was added: this ring cannot be written from here. See docs/operations.md.")
            count = use_cases.reseal_secrets(ring, CLI, clock.now())
    click.echo(f"Key {ring.current} is the current key; {count} secrets were encrypted again.")


@keys.command("retire")
@click.argument("name", metavar="ID", type=click.IntRange(1, 999_999_999))
@click.option("--yes", "is_sure", is_flag=True, help="Skip the confirmation prompt.")
def keys_retire(name: int, is_sure: bool) -> None:
    """Retire the old key ID: encrypt its secrets with the newest key, verify that none is left, remove the key.

    The newest key cannot be retired: rotate first. Links in messages that were signed with the retired key stop
    working.
    """
    from incident.actions.operations import keys as use_cases
    from incident.keyring import KeyInUse, KeyUnknown, RingFixed, SealBroken

    app = make_app()
    ring = instance_of(app).ring
    if not is_sure:
        click.confirm(f"Links in messages that were signed with key {name} will stop working. Continue?", abort=True)
    with app.app_context():
        try:
            count = use_cases.retire(ring, str(name), CLI, clock.now())
        except KeyUnknown:
            _refuse(f"the ring has no key {name}; run incident keys list to see its keys")
        except KeyInUse:
            _refuse(f"key {name} is the newest key, which is in use. Add a new one first: incident keys rotate")
        except (SealBroken, use_cases.StillInUse) as error:
            _refuse(f"{error}. The key stays in the ring. Does another node still use an older ring?")
        except (RingFixed, OSError):
            click.echo(f"No value is encrypted with key {name} any more. Remove it from the ring on every node now.")
            return
    click.echo(
        f"Key {name} is retired: {count} values were encrypted again, none is left, and the ring no longer has the key."
    )


def _refuse(why: str) -> NoReturn:
    click.echo(f"error: {why}", err=True)
    sys.exit(2)


@keys.command("list")
def keys_list() -> None:
    """List the keys of the ring by ID, oldest first, with the number of values encrypted with each."""
    from incident.store.db.database import db
    from incident.store.queries import sealed

    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        for name in sorted(ring.checks(), key=int):
            count = sealed.sealed_under(db.session.connection(), name)
            click.echo(f"{name}  {count} values{'  current' if name == ring.current else ''}")


@keys.command("new")
def keys_new() -> None:
    """Print a new key ring, for INCIDENT_KEYS or for a file that several nodes share (INCIDENT_KEYS_FILE).

    Example: incident keys new > keys.json
    """
    from incident.keyring import new_ring

    click.echo(new_ring())


@keys.command("accept")
@click.option("--yes", "is_sure", is_flag=True, help="Skip the confirmation prompt.")
def keys_accept(is_sure: bool) -> None:
    """Accept the present ring for a database whose own ring is lost for good.

    Removes the secrets that this ring cannot decrypt. Links in messages sent so far stop working.
    """
    import secrets

    from incident.actions.operations import keys as use_cases
    from incident.channels.webhook import new_webhook_secret

    app = make_app(demands_keys=False)
    ring = instance_of(app).ring
    if not ring.is_there:
        click.echo("error: there is no key ring. Create one: incident keys new > keys.json", err=True)
        sys.exit(2)
    warning = (
        "Secrets that this ring cannot decrypt will be removed, and links in sent messages will stop working. Continue?"
    )
    if not is_sure:
        click.confirm(warning, abort=True)
    with app.app_context():
        lost = use_cases.accept(ring, lambda: new_webhook_secret(secrets.token_bytes(32)), CLI, clock.now())
    click.echo("The database now uses this key ring.")
    if lost.secrets:
        click.echo(f"Set these secrets again (incident secret set): {', '.join(lost.secrets)}")
    if lost.contacts:
        click.echo(
            f"Set a new secret for these contacts, and pass it on to their receivers: {', '.join(lost.contacts)}"
        )
    if lost.files:
        click.echo(f"These files of evidence can never be read again: {', '.join(lost.files)}")
    if lost.texts:
        click.echo(f"These texts of reports and messages to them can never be read again: {lost.texts}")
    if lost.sources:
        click.echo(f"Give these sources another signing secret, and set it at their senders: {', '.join(lost.sources)}")
