"""Evidence: print the public key that bundles are verified with; verify a bundle offline."""

from pathlib import Path

import click

from incident.cli.public_key import key_option, print_faults, print_public_key, read_given_key
from incident.cli.root import main, read_settings


@main.group()
def evidence() -> None:
    """Bundles of evidence."""


@evidence.command("key")
def evidence_key() -> None:
    """Print the public key of this instance, as PEM and on one line, and its fingerprint.

    The first use creates the key.
    """
    settings = read_settings()
    print_public_key(settings.evidence.key_path(settings.home))


@evidence.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@key_option
def evidence_verify(file: Path, given: str) -> None:
    """Verify the bundle FILE with a key that you obtained separately. Needs no database.

    Exit status: 0 genuine and whole, 1 not, 2 wrong usage.
    """
    from incident import certifying
    from incident.formats.evidence_bundle import read_bundle

    key = read_given_key(given)
    content, faults = read_bundle(file, key)
    print_faults(file, faults)
    click.echo(f"{file}: genuine and whole, signed with {certifying.fingerprint_of(key)}")
    click.echo(f"incident {content['incident']['number']}, exported {content['exported_at']} by {content['instance']}")
    for one in content["files"]:
        click.echo(f"{one['sha256']}  {one['path']}")
    for one in content["removed"]:
        click.echo(f"{one['sha256']}  {one['name']} (removed from view: not in the bundle)")
    click.echo(f"head {content['journal']['head']}")
