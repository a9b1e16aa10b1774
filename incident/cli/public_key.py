"""Signing keys on the command line: print the public one; read the one that a document is verified with."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_READ = 64 * 1024 * 1024
"""Maximum size of a signed file (bytes)."""

key_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--key", "given", required=True, help="Public key to verify with: a PEM file, or ed25519:BASE64."
)


def print_public_key(path: Path) -> None:
    """Print the public key of a key file, as PEM and on one line, and its fingerprint.

    A missing key is created.
    """
    from incident import certifying

    public = certifying.CertificateKey.load(path).public
    click.echo(certifying.pem_of(public), nl=False)
    click.echo(certifying.short_of(public))
    click.echo(certifying.fingerprint_of(public))


def read_given_key(given: str) -> "Ed25519PublicKey":
    """Read the key of `--key`; print what is wrong with it and exit with status 2."""
    from incident import certifying

    try:
        is_key = given.startswith(certifying.SHORT)
        return certifying.read_key(given if is_key else Path(given).read_text("utf-8"))
    except (certifying.BadKey, OSError, UnicodeDecodeError) as error:
        click.echo(f"error: --key: {error}", err=True)
        sys.exit(2)


def print_faults(file: Path, faults: list[str]) -> None:
    """Print the faults of a document that is not genuine, and exit with status 1; nothing without faults."""
    for fault in faults:
        click.echo(f"{file}: {fault}", err=True)
    if faults:
        sys.exit(1)


def read_signed_file(file: Path) -> Any:
    """Read a file of JSON, such as a signed document; print that it is none and exit with status 1."""
    try:
        with file.open("rb") as stream:
            return json.loads(stream.read(MOST_READ))
    except (ValueError, RecursionError):
        print_faults(file, ["it is no JSON"])
