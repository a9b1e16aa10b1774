"""Playbook signatures: sign, verify."""

import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from incident import clock
from incident.cli.playbooks import playbook, print_fault, read_playbook, write_playbook
from incident.cli.root import make_app, speech
from incident.cli.signers import MOMENT, in_utc

if TYPE_CHECKING:
    from incident.core.cacao.signing.sign import About
    from incident.core.cacao.signing.signature import SigningKey
    from incident.core.cacao.signing.trust import Judged, Signer

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@playbook.command("sign")
@click.argument("file", type=FILE)
@click.option("--key", "key_file", type=FILE, required=True, help="PEM file of the private key (PKCS #8).")
@click.option(
    "--algorithm", help="Signature algorithm, such as RS256, PS512, ES384, Ed25519. Default: by the kind of key."
)
@click.option("--signer", "identity", help="Signing identity, as identity--UUID. Default: the playbook's creator.")
@click.option("--signee", help="Name of the signer. Default: the identity.")
@click.option("--valid-from", type=MOMENT, help="Start of the signature's validity (UTC).")
@click.option("--valid-until", type=MOMENT, help="End of the signature's validity (UTC).")
@click.option("--countersign", type=click.IntRange(0), help="Index of the signature to countersign; the first is 0.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write to. Default: FILE itself."
)
def playbook_sign(file: Path, key_file: Path, countersign: int | None, output: Path | None, **given: Any) -> None:
    """Sign the playbook FILE (JSON or YAML, by its extension). Comments in YAML are lost.

    Exit status: 0 signed, 1 the playbook has faults, 2 wrong usage or unusable key.
    """
    from incident.core.cacao.signing import sign
    from incident.core.cacao.signing.signature import KeyRefused
    from incident.data.reporting_regimes import check_playbook

    faults, document = read_playbook(file)
    faults = faults or [fault for fault in check_playbook(document, is_lint=True) if fault.is_error]
    if faults:
        _refuse(file, faults)
    try:
        key = _signing_key(key_file)
        about = _about(document, key, given)
        if countersign is None:
            signed = sign.sign(document, key, about)
        else:
            signed = sign.countersign(document, countersign, key, about)
    except KeyRefused as refused:
        _end(f"{key_file}: {_key_words(refused.problem)}")
    except sign.SigningRefused as refused:
        _refuse(file, refused.faults)
    write_playbook(output or file, signed)
    click.echo(f"{output or file}: signed with {about.algorithm}, key {key.public.kind} {key.public.fingerprint}")


@playbook.command("verify")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--key",
    "keys",
    type=click.File("r"),
    multiple=True,
    help="PEM file of the only public key to trust, instead of the stored signers. Repeatable.",
)
def playbook_verify(files: tuple[Path, ...], keys: tuple[TextIO, ...]) -> None:
    """Verify the signatures on playbooks. Exit status 1 if one has no trusted signature."""
    from incident.core.cacao.signing.trust import judge

    signers = _signers_of(keys) if keys else _trusted_here()
    is_good = True
    for path in files:
        faults, document = read_playbook(path)
        if faults:
            is_good = False
            for fault in faults:
                print_fault(path, fault)
            continue
        verdict = judge(document, signers, clock.now())
        for one in verdict.signatures:
            _print_signature(path, one)
        for fault in verdict.doubts:
            print_fault(path, fault)
        click.echo(f"{path}: {'trusted' if verdict.is_trusted else 'not trusted'}")
        is_good = is_good and verdict.is_trusted
    sys.exit(0 if is_good else 1)


def _trusted_here() -> "list[Signer]":
    from incident.store.playbooks.signers import list_signers

    app = make_app()
    with app.app_context():
        return [row.as_signer() for row in list_signers()]


def _signers_of(keys: Sequence[TextIO]) -> "list[Signer]":
    from incident.core.cacao.signing.signature import KeyRefused, read_key
    from incident.core.cacao.signing.trust import Signer

    found = []
    for file in keys:
        try:
            found.append(Signer(file.name, read_key(file.read())))
        except KeyRefused as refused:
            _end(f"{file.name}: {_key_words(refused.problem)}")
    return found


def _print_signature(path: Path, one: "Judged") -> None:
    found = one.signature
    if one.is_trusted and one.signer is not None:
        form = {"hex": "the hex text of the hash", "raw": "the bytes of the hash"}.get(found.form, "")
        click.echo(f"{path}#{found.pointer}: signed by {one.signer.name}, {found.algorithm} over {form}")


def _signing_key(path: Path) -> "SigningKey":
    """Read the private key in a file; ask for its password if it has one."""
    from incident.core.cacao.signing.signature import KeyRefused, read_signing_key

    pem = path.read_bytes()
    try:
        return read_signing_key(pem)
    except KeyRefused as refused:
        if refused.problem != "password" or not sys.stdin.isatty():
            raise
    return read_signing_key(pem, str(click.prompt("Password of the key", hide_input=True)).encode())


def _about(document: dict[str, Any], key: "SigningKey", given: dict[str, Any]) -> "About":
    from incident.core.cacao.checks.shapes import IDENTIFIER
    from incident.core.cacao.signing.sign import About

    identity = given["identity"] or document["created_by"]
    if not (identity.startswith("identity--") and IDENTIFIER.match(identity)):
        raise click.UsageError("Write the signer as identity--UUID.")
    algorithm = given["algorithm"] or key.public.algorithms[0]
    if algorithm not in key.public.algorithms:
        raise click.UsageError(f"A key of the kind {key.public.kind} signs with {', '.join(key.public.algorithms)}.")
    return About(
        id=f"jss--{uuid.uuid4()}",
        signee=given["signee"] or identity,
        created_by=identity,
        created=clock.now(),
        algorithm=algorithm,
        valid_from=in_utc(given["valid_from"]),
        valid_until=in_utc(given["valid_until"]),
    )


def _refuse(path: Path, faults: Sequence[Any]) -> NoReturn:
    for fault in faults:
        print_fault(path, fault)
    sys.exit(1)


def _end(words: str) -> NoReturn:
    click.echo(f"error: {words}", err=True)
    sys.exit(2)


def _key_words(problem: str) -> str:
    from incident.core.cacao.signing.messages import KEY_PROBLEMS

    return speech()(KEY_PROBLEMS[f"key_{problem}"])
