"""SSH targets of playbook commands: allow, list, withdraw."""

import sys
from typing import TYPE_CHECKING, TextIO

import click

from incident import clock
from incident.cli.root import CLI, main, make_app, run_use_case

if TYPE_CHECKING:
    from incident.store.playbooks.ssh_targets import AllowedTarget


@main.group()
def target() -> None:
    """SSH targets: hosts on which playbooks may run commands."""


@target.command("allow")
@click.argument("host")
@click.option(
    "--port", default=22, show_default=True, type=click.IntRange(1, 65535), help="TCP port of the SSH server."
)
@click.option("--user", required=True, help="User name on the host.")
@click.option("--key-secret", required=True, help="Name of the secret with the private key.")
@click.option(
    "--host-key", type=click.File("r"), help="File of the public host key: a .pub file, or output of ssh-keyscan."
)
@click.option(
    "--scan", is_flag=True, help="Fetch the host key from the host. Compare its fingerprint before you confirm."
)
@click.option("--yes", is_flag=True, help="Accept the scanned key without confirmation.")
def target_allow(
    host: str, port: int, user: str, key_secret: str, host_key: TextIO | None, scan: bool, yes: bool
) -> None:
    """Allow SSH commands on HOST, spelled as in the playbooks.

    Example: incident target allow fw1.example.org --user incident --key-secret fw1-key --scan
    """
    from incident.actions.playbooks import ssh_targets as use_cases

    if (host_key is None) == (not scan):
        raise click.UsageError("Give the host key with --host-key FILE, or fetch it with --scan.")
    shown = host_key.read() if host_key is not None else _scanned(host, port, yes)
    app = make_app()
    with app.app_context():
        row = run_use_case(lambda: use_cases.allow_target(host, port, user, key_secret, shown, CLI, clock.now()))
        click.echo(_line(row))
        if not _has_key(row):
            click.echo(f"The target has no key yet. Run: {_deposit(row)}", err=True)


@target.command("list")
def target_list() -> None:
    """List the targets: ID, USER@HOST:PORT, name of the key's secret, fingerprints of the host keys."""
    from incident.store.playbooks.ssh_targets import list_targets

    app = make_app()
    with app.app_context():
        for row in list_targets():
            click.echo(_line(row) + ("" if _has_key(row) else "  (has no key)"))


@target.command("withdraw")
@click.argument("target_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
def target_withdraw(target_id: int) -> None:
    """Allow no further commands on a target. ID is the number in `target list`."""
    from incident.actions.playbooks import ssh_targets as use_cases

    app = make_app()
    with app.app_context():
        run_use_case(lambda: use_cases.withdraw_target(target_id, CLI, clock.now()))
    click.echo(f"Target {target_id} was withdrawn.")


def _scanned(host: str, port: int, is_agreed: bool) -> str:
    """Return the host key that the host presents, after confirmation."""
    from incident.core.playbooks.ssh_target import fingerprint
    from incident.executors.ssh_session import SessionFailed, scan_host_key

    try:
        found = scan_host_key(host, port)
    except SessionFailed as failed:
        click.echo(f"error: {failed}", err=True)
        sys.exit(1)
    click.echo(f"{host} presents {found.split()[0]} {fingerprint(found)}", err=True)
    if not is_agreed:
        click.confirm("Is this the key of the host?", abort=True, err=True)
    return found


def _line(row: "AllowedTarget") -> str:
    from incident.core.playbooks.ssh_target import fingerprint

    host = f"[{row.host}]" if ":" in row.host else row.host
    prints = " ".join(fingerprint(key) for key in row.host_keys)
    return f"{row.id}  {row.user}@{host}:{row.port}  {row.secret_name}  {prints}"


def _deposit(row: "AllowedTarget") -> str:
    """Return the command that gives a target its key: a stored key needs only its place."""
    from incident.store.operations.secrets import secrets_by_name

    if row.secret_name in secrets_by_name([row.secret_name]):
        return f"incident secret place {row.secret_name} --for ssh"
    return f"incident secret set {row.secret_name} --for ssh --file PRIVATE_KEY"


def _has_key(row: "AllowedTarget") -> bool:
    from incident.store.playbooks.ssh_targets import with_key

    return row.id in with_key([row])
