"""Public reports: print the key that signs proofs of receipt; verify a proof offline."""

from pathlib import Path

import click

from incident.cli.public_key import key_option, print_faults, print_public_key, read_given_key, read_signed_file
from incident.cli.root import main, read_settings
from incident.proof_settings import report_key_path


@main.group()
def report() -> None:
    """Public reports."""


@report.command("key")
def report_key() -> None:
    """Print the public key of this instance, as PEM and on one line, and its fingerprint.

    The first use creates the key.
    """
    settings = read_settings()
    print_public_key(report_key_path(settings.report_key_file, settings.home))


@report.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--report", "content", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The report as JSON."
)
@key_option
def report_verify(file: Path, content: Path | None, given: str) -> None:
    """Verify the proof of receipt FILE with a key that you obtained separately. Needs no database.

    With --report it is compared with a report: a JSON object with the members that were sent, such as text and url.
    Exit status: 0 genuine, 1 not, 2 wrong usage.
    """
    from incident import certifying
    from incident.actions.reports.report_proofs import proof_faults

    key = read_given_key(given)
    proof, compared = read_signed_file(file), None if content is None else read_signed_file(content)
    if compared is not None and not isinstance(compared, dict):
        print_faults(content or file, ["it is no JSON object"])
    print_faults(file, proof_faults(proof, key, compared))
    said = proof["certificate"]
    click.echo(f"{file}: genuine, signed with {certifying.fingerprint_of(key)}")
    click.echo(f"received at {said['minute']} by {said['instance']}")
