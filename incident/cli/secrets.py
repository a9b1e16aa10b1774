"""Secrets that playbooks name: deposited for places, and listed."""

import sys
from typing import TextIO

import click

from incident import clock
from incident.cli.root import CLI, instance_of, main, make_app, told

FOR = click.option(
    "--for",
    "places",
    multiple=True,
    metavar="PLACE",
    help="Where it may be used: an origin (https://HOST[:PORT]), ssh for all allowed targets, or ssh://HOST[:PORT].",
)


@main.group()
def secret() -> None:
    """Secrets that playbooks name by kms_key_identifier, each for the places where it may be used."""


@secret.command("set")
@click.argument("name")
@FOR
@click.option("--file", type=click.File("r"), help="Take the text of a file, such as a private key.")
def secret_set(name: str, places: tuple[str, ...], file: TextIO | None) -> None:
    """Deposit a secret; it is asked for, or read to its end from standard input when that is no terminal.

    A secret that is replaced keeps its places unless others are given.
    """
    from incident.actions.playbooks import secrets as use_cases

    if file is not None or not sys.stdin.isatty():
        value = (file or sys.stdin).read().removesuffix("\n")
    else:
        value = str(click.prompt("Secret", hide_input=True))
    if not value.strip():
        raise click.UsageError("The secret is empty.")
    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        kept = told(lambda: use_cases.set_secret(name, value, places or None, ring, CLI, clock.now()))
    click.echo(f"Secret {name!r} is set for {', '.join(kept)}.")


@secret.command("place")
@click.argument("name")
@FOR
def secret_place(name: str, places: tuple[str, ...]) -> None:
    """Say where a deposited secret may be used from now on, instead of where it might be."""
    from incident.actions.playbooks import secrets as use_cases
    from incident.core.playbooks.secret_place import split_places

    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        row = told(lambda: use_cases.place_secret(name, places, ring, CLI, clock.now()))
        click.echo(f"Secret {name!r} may be used at {', '.join(split_places(row.places))}.")


@secret.command("list")
def secret_list() -> None:
    """Print the names of the deposited secrets, each with the places where it may be used."""
    from incident.core.playbooks.secret_place import split_places
    from incident.store.operations.secrets import list_secrets

    app = make_app()
    with app.app_context():
        for row in list_secrets():
            click.echo(f"{row.name}  {', '.join(split_places(row.places)) or _nowhere(row.name)}")


def _nowhere(name: str) -> str:
    return f"(used nowhere, as it has no place: incident secret place {name} --for PLACE)"
