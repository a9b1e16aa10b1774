"""Certificates of notice: print the public key of this instance; verify a certificate offline."""

from pathlib import Path

import click

from incident.cli.public_key import key_option, print_faults, print_public_key, read_given_key, read_signed_file
from incident.cli.root import main, read_settings


@main.group()
def certificate() -> None:
    """Certificates of notice."""


@certificate.command("key")
def certificate_key() -> None:
    """Print the public key of this instance, as PEM and on one line, and its fingerprint.

    The first use creates the key.
    """
    print_public_key(read_settings().certificate_key_path)


@certificate.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@key_option
def certificate_verify(file: Path, given: str) -> None:
    """Verify the certificate FILE with a key that you obtained separately. Needs no database.

    Exit status: 0 genuine, 1 not genuine, 2 wrong usage.
    """
    from incident import certifying
    from incident.actions.notifications.certificates import KIND

    key = read_given_key(given)
    try:
        content = certifying.read_signed(read_signed_file(file), key, KIND, "certificate of notice")
    except certifying.NotGenuine as error:
        print_faults(file, error.faults)
        return
    click.echo(f"{file}: genuine, signed with {certifying.fingerprint_of(key)}")
    click.echo(f"incident {content['incident']['number']}, issued {content['issued_at']} by {content['instance']}")
    click.echo(f"head {content['journal']['head']}")
