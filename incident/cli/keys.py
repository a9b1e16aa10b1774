"""The key ring, and the secrets that it seals."""

import sys
from typing import TextIO

import click

from incident import clock
from incident.cli.root import CLI, instance_of, main, make_app


@main.group()
def keys() -> None:
    """The key ring that seals secrets."""


@keys.command("rotate")
def keys_rotate() -> None:
    """Add a new key to the ring and seal every secret anew."""
    from incident.actions import keys as deeds

    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        name = ring.rotate()
        count = deeds.seal_anew(ring, CLI, clock.now())
    click.echo(f"Key {name} seals from now on; {count} secrets were sealed anew.")


@main.group()
def secret() -> None:
    """Secrets that playbooks name by kms_key_identifier."""


@secret.command("set")
@click.argument("name")
@click.option("--file", type=click.File("r"), help="Take the text of a file, such as a private key.")
def secret_set(name: str, file: TextIO | None) -> None:
    """Deposit a secret; it is asked for, or read to its end from standard input when that is no terminal."""
    from incident.actions import keys as deeds

    if file is not None or not sys.stdin.isatty():
        value = (file or sys.stdin).read().removesuffix("\n")
    else:
        value = str(click.prompt("Secret", hide_input=True))
    if not value.strip():
        raise click.UsageError("The secret is empty.")
    app = make_app()
    with app.app_context():
        deeds.set_secret(name, value, instance_of(app).ring, CLI, clock.now())
    click.echo(f"Secret {name!r} is set.")
