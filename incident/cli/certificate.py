"""Certificates of notice: print the public key of this instance; verify a certificate offline."""

import json
import sys
from pathlib import Path

import click

from incident.cli.root import main, read_settings

MOST = 64 * 1024 * 1024
"""Maximum size of a certificate file (bytes)."""


@main.group()
def certificate() -> None:
    """Certificates of notice."""


@certificate.command("key")
def certificate_key() -> None:
    """Print the public key of this instance, as PEM and on one line, and its fingerprint.

    The first use creates the key.
    """
    from incident import certifying

    public = certifying.CertificateKey.load(read_settings().certificate_key_path).public
    click.echo(certifying.pem_of(public), nl=False)
    click.echo(certifying.short_of(public))
    click.echo(certifying.fingerprint_of(public))


@certificate.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "given", required=True, help="Public key to verify with: a PEM file, or ed25519:BASE64.")
def certificate_verify(file: Path, given: str) -> None:
    """Verify the certificate FILE with a key that you obtained separately. Needs no database.

    Exit status: 0 genuine, 1 not genuine, 2 wrong usage.
    """
    from incident import certifying

    try:
        is_key = given.startswith(certifying.SHORT)
        key = certifying.read_key(given if is_key else Path(given).read_text("utf-8"))
    except (certifying.BadKey, OSError, UnicodeDecodeError) as error:
        click.echo(f"error: --key: {error}", err=True)
        sys.exit(2)
    try:
        with file.open("rb") as stream:
            document = json.loads(stream.read(MOST))
    except (ValueError, RecursionError):
        click.echo(f"{file}: not a JSON document", err=True)
        sys.exit(1)
    if faults := certifying.faults_of(document, key):
        for fault in faults:
            click.echo(f"{file}: {fault}", err=True)
        sys.exit(1)
    content = document["certificate"]
    click.echo(f"{file}: genuine, signed with {certifying.fingerprint_of(key)}")
    click.echo(f"incident {content['incident']['number']}, issued {content['issued_at']} by {content['instance']}")
    click.echo(f"head {content['journal']['head']}")
