"""Official documents: print the key that signs their content; verify a signed document offline."""

from pathlib import Path

import click

from incident.cli.public_key import key_option, print_faults, print_public_key, read_given_key, read_signed_file
from incident.cli.root import main, read_settings
from incident.proof_settings import document_key_path


@main.group()
def document() -> None:
    """Official documents."""


@document.command("key")
def document_key() -> None:
    """Print the public key of this instance, as PEM and on one line, and its fingerprint.

    The first use creates the key.
    """
    settings = read_settings()
    print_public_key(document_key_path(settings.document_key_file, settings.home))


@document.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@key_option
def document_verify(file: Path, given: str) -> None:
    """Verify the signed document FILE with a key that you obtained separately. Needs no database.

    FILE is the answer of GET /documents/ID.json. Exit status: 0 genuine, 1 not, 2 wrong usage.
    """
    from incident import certifying
    from incident.actions.documents.document_proofs import verify_document

    key = read_given_key(given)
    try:
        said = verify_document(read_signed_file(file), key)
    except certifying.NotGenuine as error:
        print_faults(file, error.faults)
        return
    click.echo(f"{file}: genuine, signed with {certifying.fingerprint_of(key)}")
    click.echo(f"{said['number']} {said['content']['title']}")
    click.echo(f"signed at {said['signed_at']} by {said['instance']}")
    for one in said["sign_offs"]:
        click.echo(f"{one['step']}: {one['by']}, {one['at']}")
