"""Journal commands: verify, export, anchor."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from incident.cli.anchors import say_broken, send_now, verify_anchors
from incident.cli.exporting import export_lines
from incident.cli.root import main, make_app, read_settings, run_use_case

if TYPE_CHECKING:
    from incident.core.journal.chain import Head


@main.group()
def journal() -> None:
    """The journal of all changes."""


@journal.command("verify")
@click.option(
    "--head", "expected", help="Head COUNT:HASH from an earlier verification; proves that nothing up to it changed."
)
@click.option(
    "--checkpoint",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the signed checkpoint to resume from and to update; the first run verifies the whole journal.",
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Saved anchor (.eml, .json, .tsr), or a folder of them, to compare the journal with. Repeatable.",
)
@click.option(
    "--key", help="Public key that signed the anchors: a PEM file, or ed25519:BASE64. Default: the key of the home."
)
@click.option(
    "--time-stamp-ca",
    "ca_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM file of the CA certificates of time stamps. Default: INCIDENT_ANCHOR_TIME_STAMP_CA_FILE.",
)
def journal_verify(
    expected: str | None, file: Path | None, anchors: tuple[Path, ...], key: str | None, ca_file: Path | None
) -> None:
    """Verify the chain of the journal and print its head.

    Names the first entry that was changed, removed, inserted or moved. Exit status: 0 intact, 1 broken, 2 wrong usage.
    """
    from incident.actions.journal.verifying import verify_journal

    if anchors:
        if file is not None:
            click.echo("error: --anchor verifies the whole journal: omit --checkpoint", err=True)
            sys.exit(2)
        verify_anchors(anchors, expected, key, ca_file)
        return
    app = make_app(demands_keys=False)
    checkpoint = None if file is None else _resumed(file)
    with app.app_context():
        verdict = run_use_case(lambda: verify_journal(expected, checkpoint))
    say_broken(verdict)
    if checkpoint is None:
        click.echo(f"The journal is intact: {verdict.count} entries.")
    else:
        read = verdict.count - checkpoint.count
        click.echo(f"The journal is intact: {read} entries after the checkpoint, {verdict.count} in total.")
    click.echo(f"head {verdict.head}")
    if file is not None:
        _write(file, verdict.head)


def _resumed(file: Path) -> "Head | None":
    """Read the checkpoint to resume from; None without one. Exit with status 2 if it is invalid."""
    from incident import certifying

    if not file.exists():
        click.echo(f"No checkpoint in {file} yet: verifying the whole journal.")
        return None
    key = certifying.CertificateKey.load(read_settings().certificate_key_path).public
    try:
        head, moment = certifying.read_checkpoint(json.loads(file.read_bytes()), key)
    except (certifying.BadCheckpoint, OSError, ValueError, RecursionError) as error:
        words = error if isinstance(error, certifying.BadCheckpoint | OSError) else "not a JSON document"
        click.echo(f"error: cannot resume from {file}: {words}.", err=True)
        click.echo("Verify without --checkpoint; if the journal is intact, delete the file.", err=True)
        sys.exit(2)
    click.echo(f"Resuming from entry {head.count}, verified {moment}; earlier entries are not read again.")
    return head


def _write(file: Path, head: "Head") -> None:
    """Write a new checkpoint atomically, so that a crash leaves the old one."""
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
@click.option(
    "--follow", is_flag=True, help="Keep running and write new entries as they are recorded, until Ctrl-C or SIGTERM."
)
@click.option(
    "--after",
    type=click.IntRange(0),
    help="Start after the entry with this number. Default: the first entry, or where the last run ended.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to append to; resumes after its last complete line. Default: standard output.",
)
@click.option(
    "--position",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that stores the position of standard output, to resume from.",
)
@click.option("--details", "has_details", is_flag=True, help="Include details, except personal data and TLP:RED.")
def journal_export(
    follow: bool, after: int | None, output: Path | None, position: Path | None, has_details: bool
) -> None:
    """Export entries as JSON lines, each once and in order, for a log shipper, a SIEM or a file.

    Example: incident journal export --follow --output /var/log/incident/journal.jsonl
    """
    export_lines(follow=follow, after=after, output=output, position=position, has_details=has_details)


@journal.command("anchor")
@click.option(
    "--output",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder for a copy of the signed head and its time stamp, for example on removable media.",
)
def journal_anchor(output: Path | None) -> None:
    """Send a signed head to every configured destination now (INCIDENT_ANCHOR_...) and print each result.

    Exit status 1 if no destination is set or a destination does not accept it.
    """
    send_now(output)
