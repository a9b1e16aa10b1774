"""The journal of all deeds."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from incident.cli.root import main, make_app, read_settings, told

if TYPE_CHECKING:
    from incident.core.journal import Head


@main.group()
def journal() -> None:
    """The journal of all deeds."""


@journal.command("verify")
@click.option(
    "--head", "expected", help="A head COUNT:HASH that was printed before: proves that nothing up to it changed."
)
@click.option(
    "--checkpoint",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Resume from the signed checkpoint in this file, and write the new one there; the first time walk all.",
)
def journal_verify(expected: str | None, file: Path | None) -> None:
    """Walk the whole chain; name the first entry changed, removed, inserted or moved; print the head."""
    from incident.actions.verifying import verify_journal

    app = make_app(demands_keys=False)
    checkpoint = None if file is None else _resumed(file)
    with app.app_context():
        verdict = told(lambda: verify_journal(expected, checkpoint))
    if not verdict.is_intact:
        click.echo(f"The journal is broken: entry {verdict.seq} was {verdict.fault}.", err=True)
        click.echo(f"whole up to {verdict.head}", err=True)
        sys.exit(1)
    if checkpoint is None:
        click.echo(f"The journal is whole: {verdict.count} entries.")
    else:
        read = verdict.count - checkpoint.count
        click.echo(f"The journal is whole: {read} entries after the checkpoint, {verdict.count} in all.")
    click.echo(f"head {verdict.head}")
    if file is not None:
        _write(file, verdict.head)


def _resumed(file: Path) -> "Head | None":
    """Read the checkpoint to resume from; None when there is none yet. Ends with 2 when it is not one of ours."""
    from incident import certifying

    if not file.exists():
        click.echo(f"No checkpoint in {file} yet: the whole journal is verified.")
        return None
    key = certifying.CertificateKey.load(read_settings().certificate_key_path).public
    try:
        head, moment = certifying.read_checkpoint(json.loads(file.read_bytes()), key)
    except (certifying.BadCheckpoint, OSError, ValueError, RecursionError) as error:
        words = error if isinstance(error, certifying.BadCheckpoint | OSError) else "it is no JSON"
        click.echo(f"error: {file} cannot be resumed from: {words}.", err=True)
        click.echo("Verify without --checkpoint; when the journal is whole, delete the file.", err=True)
        sys.exit(2)
    click.echo(f"Resuming from entry {head.count}, verified {moment}; the entries before it are not read again.")
    return head


def _write(file: Path, head: "Head") -> None:
    """Write a new checkpoint in one step, so that a crash leaves the old one."""
    from incident import certifying, clock

    key = certifying.CertificateKey.load(read_settings().certificate_key_path)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(certifying.checkpoint_of(key, head, clock.now()), indent=2) + "\n")
        draft.replace(file)
    except OSError as error:
        click.echo(f"error: the checkpoint cannot be written: {error}", err=True)
        sys.exit(2)
    click.echo(f"checkpoint {file}")
