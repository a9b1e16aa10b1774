"""Trusted signers of playbooks: add, list, revoke."""

import datetime as dt
from typing import TYPE_CHECKING, TextIO

import click

from incident import clock
from incident.cli.root import CLI, main, make_app, run_use_case

if TYPE_CHECKING:
    from incident.store.playbooks.signers import TrustedSigner

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"])


@main.group()
def signer() -> None:
    """Trusted signers of playbooks."""


@signer.command("add")
@click.argument("name")
@click.option(
    "--key", type=click.File("r"), required=True, help="PEM file of the public key, or of a certificate with it."
)
@click.option("--valid-from", type=MOMENT, help="Start of the trust (UTC).")
@click.option("--valid-until", type=MOMENT, help="End of the trust (UTC).")
def signer_add(name: str, key: TextIO, valid_from: dt.datetime | None, valid_until: dt.datetime | None) -> None:
    """Trust a signer. Compare the printed fingerprint with the one that the signer gives you."""
    from incident.actions.playbooks import signers as use_cases

    app = make_app()
    with app.app_context():
        pem, begins, ends = key.read(), in_utc(valid_from), in_utc(valid_until)
        row = run_use_case(lambda: use_cases.add_signer(name, pem, begins, ends, CLI, clock.now()))
        click.echo(_line(row))


@signer.command("list")
def signer_list() -> None:
    """List all signers, including revoked ones: ID, kind of key, fingerprint, name."""
    from incident.store.playbooks.signers import list_signers

    app = make_app()
    with app.app_context():
        for row in list_signers():
            click.echo(_line(row))


@signer.command("revoke")
@click.argument("signer_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
def signer_revoke(signer_id: int) -> None:
    """Revoke the trust in a signer. ID is the number in `signer list`."""
    from incident.actions.playbooks import signers as use_cases

    app = make_app()
    with app.app_context():
        run_use_case(lambda: use_cases.revoke_signer(signer_id, CLI, clock.now()))
    click.echo(f"Trust in signer {signer_id} is revoked.")


def _line(row: "TrustedSigner") -> str:
    return f"{row.id}  {row.kind}  {row.fingerprint}  {row.name}{'  (revoked)' if row.revoked_at else ''}"


def in_utc(moment: dt.datetime | None) -> dt.datetime | None:
    """Return a moment from the command line with its zone, UTC."""
    return None if moment is None else moment.replace(tzinfo=dt.UTC)
