"""Signers: whose signatures on playbooks count."""

import datetime as dt
from typing import TYPE_CHECKING, TextIO

import click

from incident import clock
from incident.cli.root import CLI, main, make_app, told

if TYPE_CHECKING:
    from incident.store.playbooks.signers import TrustedSigner

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"])


@main.group()
def signer() -> None:
    """Whose signatures on playbooks count."""


@signer.command("add")
@click.argument("name")
@click.option("--key", type=click.File("r"), required=True, help="PEM of the public key, or of a certificate with it.")
@click.option("--valid-from", type=MOMENT, help="From when its signatures count (UTC).")
@click.option("--valid-until", type=MOMENT, help="Until when (UTC).")
def signer_add(name: str, key: TextIO, valid_from: dt.datetime | None, valid_until: dt.datetime | None) -> None:
    """Trust a signer; compare the fingerprint that is printed with the signer's own."""
    from incident.actions.playbooks import signers as use_cases

    app = make_app()
    with app.app_context():
        pem, begins, ends = key.read(), in_utc(valid_from), in_utc(valid_until)
        row = told(lambda: use_cases.add_signer(name, pem, begins, ends, CLI, clock.now()))
        click.echo(_line(row))


@signer.command("list")
def signer_list() -> None:
    """Print who was ever trusted: ID, kind of the key, its fingerprint, name."""
    from incident.store.playbooks.signers import list_signers

    app = make_app()
    with app.app_context():
        for row in list_signers():
            click.echo(_line(row))


@signer.command("revoke")
@click.argument("signer_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
def signer_revoke(signer_id: int) -> None:
    """Trust a signer no longer; ID is the number that `signer list` shows."""
    from incident.actions.playbooks import signers as use_cases

    app = make_app()
    with app.app_context():
        told(lambda: use_cases.revoke_signer(signer_id, CLI, clock.now()))
    click.echo(f"Trust in signer {signer_id} is revoked.")


def _line(row: "TrustedSigner") -> str:
    return f"{row.id}  {row.kind}  {row.fingerprint}  {row.name}{'  (revoked)' if row.revoked_at else ''}"


def in_utc(moment: dt.datetime | None) -> dt.datetime | None:
    """Return a moment that was typed, which is meant in UTC, with its zone."""
    return None if moment is None else moment.replace(tzinfo=dt.UTC)
