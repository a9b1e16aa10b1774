"""Secrets that playbooks refer to: set, allow for places, list."""

import sys
from typing import TextIO

import click

from incident import clock
from incident.cli.root import CLI, instance_of, main, make_app, run_use_case

FOR = click.option(
    "--for",
    "places",
    multiple=True,
    metavar="PLACE",
    help="Where the secret may be used: https://HOST[:PORT], ssh://HOST[:PORT], or ssh for all targets. Repeatable.",
)


@main.group()
def secret() -> None:
    """Secrets that playbooks refer to by kms_key_identifier, and the places where each may be used."""


@secret.command("set")
@click.argument("name")
@FOR
@click.option("--file", type=click.File("r"), help="File to read the secret from, such as a private key.")
def secret_set(name: str, places: tuple[str, ...], file: TextIO | None) -> None:
    """Set the secret NAME, from a prompt, from standard input or from a file.

    A replaced secret keeps its places unless --for gives others.
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
        kept = run_use_case(lambda: use_cases.set_secret(name, value, places or None, ring, CLI, clock.now()))
    click.echo(f"Secret {name!r} is set for {', '.join(kept)}.")


@secret.command("place")
@click.argument("name")
@FOR
def secret_place(name: str, places: tuple[str, ...]) -> None:
    """Replace the places where the secret NAME may be used."""
    from incident.actions.playbooks import secrets as use_cases
    from incident.core.playbooks.secret_place import split_places

    app = make_app()
    ring = instance_of(app).ring
    with app.app_context():
        row = run_use_case(lambda: use_cases.place_secret(name, places, ring, CLI, clock.now()))
        click.echo(f"Secret {name!r} may be used at {', '.join(split_places(row.places))}.")


@secret.command("list")
def secret_list() -> None:
    """List the names of the secrets with the places where each may be used. Never prints a value."""
    from incident.core.playbooks.secret_place import split_places
    from incident.store.operations.secrets import list_secrets

    app = make_app()
    with app.app_context():
        for row in list_secrets():
            click.echo(f"{row.name}  {', '.join(split_places(row.places)) or _nowhere(row.name)}")


def _nowhere(name: str) -> str:
    return f"(used nowhere: it has no place; run incident secret place {name} --for PLACE)"
