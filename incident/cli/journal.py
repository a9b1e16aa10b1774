"""The journal of all deeds."""

import sys

import click

from incident.cli.root import main, make_app, told


@main.group()
def journal() -> None:
    """The journal of all deeds."""


@journal.command("verify")
@click.option(
    "--head", "expected", help="A head COUNT:HASH that was printed before: proves that nothing up to it changed."
)
def journal_verify(expected: str | None) -> None:
    """Walk the whole chain; name the first entry changed, removed, inserted or moved; print the head."""
    from incident.actions.verifying import verify_journal

    app = make_app(demands_keys=False)
    with app.app_context():
        verdict = told(lambda: verify_journal(expected))
    if verdict.is_intact:
        click.echo(f"The journal is whole: {verdict.count} entries.")
        click.echo(f"head {verdict.head}")
        sys.exit(0)
    click.echo(f"The journal is broken: entry {verdict.seq} was {verdict.fault}.", err=True)
    click.echo(f"whole up to {verdict.head}", err=True)
    sys.exit(1)
