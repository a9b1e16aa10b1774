"""Evidence: print the public key that bundles are verified with; verify a bundle offline."""

import sys
from pathlib import Path

import click

from incident.cli.root import main, read_settings


@main.group()
def evidence() -> None:
    """Bundles of evidence."""


@evidence.command("key")
def evidence_key() -> None:
    """Print the public key of this instance, as PEM and on one line, and its fingerprint.

    The first use creates the key.
    """
    from incident import certifying

    settings = read_settings()
    public = certifying.CertificateKey.load(settings.evidence.key_path(settings.home)).public
    click.echo(certifying.pem_of(public), nl=False)
    click.echo(certifying.short_of(public))
    click.echo(certifying.fingerprint_of(public))


@evidence.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "given", required=True, help="Public key to verify with: a PEM file, or ed25519:BASE64.")
def evidence_verify(file: Path, given: str) -> None:
    """Verify the bundle FILE with a key that you obtained separately. Needs no database.

    Exit status: 0 genuine and whole, 1 not, 2 wrong usage.
    """
    from incident import certifying
    from incident.formats.evidence_bundle import read_bundle

    try:
        is_key = given.startswith(certifying.SHORT)
        key = certifying.read_key(given if is_key else Path(given).read_text("utf-8"))
    except (certifying.BadKey, OSError, UnicodeDecodeError) as error:
        click.echo(f"error: --key: {error}", err=True)
        sys.exit(2)
    content, faults = read_bundle(file, key)
    if faults:
        for fault in faults:
            click.echo(f"{file}: {fault}", err=True)
        sys.exit(1)
    click.echo(f"{file}: genuine and whole, signed with {certifying.fingerprint_of(key)}")
    click.echo(f"incident {content['incident']['number']}, exported {content['exported_at']} by {content['instance']}")
    for one in content["files"]:
        click.echo(f"{one['sha256']}  {one['path']}")
    for one in content["removed"]:
        click.echo(f"{one['sha256']}  {one['name']} (removed from view: not in the bundle)")
    click.echo(f"head {content['journal']['head']}")
