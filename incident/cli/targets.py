"""Targets: places at which playbooks may have commands carried out by ssh."""

import sys
from typing import TYPE_CHECKING, TextIO

import click

from incident import clock
from incident.cli.root import CLI, main, make_app, told

if TYPE_CHECKING:
    from incident.store.playbooks.ssh_targets import AllowedTarget


@main.group()
def target() -> None:
    """Places at which playbooks may have commands carried out by ssh."""


@target.command("allow")
@click.argument("host")
@click.option("--port", default=22, show_default=True, type=click.IntRange(1, 65535), help="TCP port of its sshd.")
@click.option("--user", required=True, help="Who signs in there.")
@click.option("--key-secret", required=True, help="Name of the secret that is the private key.")
@click.option("--host-key", type=click.File("r"), help="Its public host key: a .pub file, or what ssh-keyscan prints.")
@click.option(
    "--scan", is_flag=True, help="Ask the host itself for its key; compare the fingerprint before saying yes."
)
@click.option("--yes", is_flag=True, help="Take the scanned key without asking.")
def target_allow(
    host: str, port: int, user: str, key_secret: str, host_key: TextIO | None, scan: bool, yes: bool
) -> None:
    """Allow commands by ssh on HOST, named as playbooks name it."""
    from incident.actions.playbooks import ssh_targets as use_cases

    if (host_key is None) == (not scan):
        raise click.UsageError("Give the host key by --host-key FILE, or have it asked for by --scan.")
    shown = host_key.read() if host_key is not None else _scanned(host, port, yes)
    app = make_app()
    with app.app_context():
        row = told(lambda: use_cases.allow_target(host, port, user, key_secret, shown, CLI, clock.now()))
        click.echo(_line(row))
        if not _has_key(row):
            click.echo(f"No key is deposited for it yet: {_deposit(row)}", err=True)


@target.command("list")
def target_list() -> None:
    """Print what is allowed: ID, USER@HOST:PORT, name of the key's secret, fingerprints of the host."""
    from incident.store.playbooks.ssh_targets import list_targets

    app = make_app()
    with app.app_context():
        for row in list_targets():
            click.echo(_line(row) + ("" if _has_key(row) else "  (no key is deposited for it)"))


@target.command("withdraw")
@click.argument("target_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
def target_withdraw(target_id: int) -> None:
    """Let no more command be carried out at a place; ID is the number that `target list` shows."""
    from incident.actions.playbooks import ssh_targets as use_cases

    app = make_app()
    with app.app_context():
        told(lambda: use_cases.withdraw_target(target_id, CLI, clock.now()))
    click.echo(f"Target {target_id} is withdrawn.")


def _scanned(host: str, port: int, is_agreed: bool) -> str:
    """The key that the host shows now, once somebody has said that it is the right one."""
    from incident.core.playbooks.ssh_target import fingerprint
    from incident.executors.ssh_session import SessionFailed, scan_host_key

    try:
        found = scan_host_key(host, port)
    except SessionFailed as failed:
        click.echo(f"error: {failed}", err=True)
        sys.exit(1)
    click.echo(f"{host} shows {found.split()[0]} {fingerprint(found)}", err=True)
    if not is_agreed:
        click.confirm("Is that its key?", abort=True, err=True)
    return found


def _line(row: "AllowedTarget") -> str:
    from incident.core.playbooks.ssh_target import fingerprint

    host = f"[{row.host}]" if ":" in row.host else row.host
    prints = " ".join(fingerprint(key) for key in row.host_keys)
    return f"{row.id}  {row.user}@{host}:{row.port}  {row.secret_name}  {prints}"


def _deposit(row: "AllowedTarget") -> str:
    """The command that gives a target its key: a key that is there lacks nothing but its place."""
    from incident.store.operations.secrets import secrets_by_name

    if row.secret_name in secrets_by_name([row.secret_name]):
        return f"incident secret place {row.secret_name} --for ssh"
    return f"incident secret set {row.secret_name} --for ssh --file PRIVATE_KEY"


def _has_key(row: "AllowedTarget") -> bool:
    from incident.store.playbooks.ssh_targets import with_key

    return row.id in with_key([row])
