"""The journal of all changes."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from incident.cli.anchors import say_broken, send_now, verify_anchors
from incident.cli.exporting import export_lines
from incident.cli.root import main, make_app, read_settings, told

if TYPE_CHECKING:
    from incident.core.journal.chain import Head


@main.group()
def journal() -> None:
    """The journal of all changes."""


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
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A file that was kept outside (.eml, .json, .tsr), or a folder of them: checks that the journal still has it.",
)
@click.option("--key", help="The public key that signed the anchors: a file, or ed25519:BASE64. Default: the home's.")
@click.option(
    "--time-stamp-ca",
    "ca_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates (PEM) that time stamps are checked with. Default: INCIDENT_ANCHOR_TIME_STAMP_CA_FILE.",
)
def journal_verify(
    expected: str | None, file: Path | None, anchors: tuple[Path, ...], key: str | None, ca_file: Path | None
) -> None:
    """Walk the whole chain; name the first entry changed, removed, inserted or moved; print the head."""
    from incident.actions.journal.verifying import verify_journal

    if anchors:
        if file is not None:
            click.echo("error: --anchor reads the whole journal: leave out --checkpoint", err=True)
            sys.exit(2)
        verify_anchors(anchors, expected, key, ca_file)
        return
    app = make_app(demands_keys=False)
    checkpoint = None if file is None else _resumed(file)
    with app.app_context():
        verdict = told(lambda: verify_journal(expected, checkpoint))
    say_broken(verdict)
    if checkpoint is None:
        click.echo(f"The journal is whole: {verdict.count} entries.")
    else:
        read = verdict.count - checkpoint.count
        click.echo(f"The journal is whole: {read} entries after the checkpoint, {verdict.count} in all.")
    click.echo(f"head {verdict.head}")
    if file is not None:
        _write(file, verdict.head)


def _resumed(file: Path) -> "Head | None":
    """Read the checkpoint to resume from, None without one. Exits with 2 when it is invalid."""
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


@journal.command("export")
@click.option("--follow", is_flag=True, help="Go on with what is entered from now on, until Ctrl-C or SIGTERM.")
@click.option("--after", type=click.IntRange(0), help="Begin after the entry of this number, and not with the first.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Append to this file, and go on after its last whole line; else to the standard output.",
)
@click.option(
    "--position",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep in this file how far it was written to the standard output, and go on from there.",
)
@click.option("--details", "has_details", is_flag=True, help="Write details too, but those of persons and of TLP:RED.")
def journal_export(
    follow: bool, after: int | None, output: Path | None, position: Path | None, has_details: bool
) -> None:
    """Write entries as lines of JSON, each once and in order: for a log shipper, a SIEM or a file."""
    export_lines(follow=follow, after=after, output=output, position=position, has_details=has_details)


@journal.command("anchor")
@click.option(
    "--output",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also write the signed head and its time stamp into this folder, such as one on a stick.",
)
def journal_anchor(output: Path | None) -> None:
    """Send a signed head to every place of INCIDENT_ANCHOR_... now, and print what each answered."""
    send_now(output)
