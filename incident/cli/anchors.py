"""Journal anchors on the command line: verify saved anchors, send a new one."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from incident import clock
from incident.cli.root import make_app, read_settings, run_use_case

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from incident.config import Settings
    from incident.core.journal.anchor import Anchor, AnchorFinding
    from incident.core.journal.verification import VerificationResult
    from incident.formats.anchors import Trust


def say_broken(verdict: "VerificationResult") -> None:
    """Print the first broken entry and exit with status 1; do nothing if the journal is intact."""
    if verdict.is_intact:
        return
    click.echo(f"The journal is broken: entry {verdict.seq} was {verdict.fault}.", err=True)
    click.echo(f"intact up to {verdict.head}", err=True)
    sys.exit(1)


def verify_anchors(paths: Sequence[Path], expected: str | None, key: str | None, ca_file: Path | None) -> None:
    """Verify the whole journal against saved anchors; exit with 1 unless it is unchanged.

    Args:
        paths: files and folders.
        expected: a head COUNT:HASH from an earlier verification.
        key: the public key, or a file with it; None for the key of the home.
        ca_file: certificates that time stamps are checked with; None for the ones in the settings.
    """
    from incident.actions.journal.anchors import verify_with_anchors
    from incident.core.journal.chain import parse_head

    settings = read_settings()
    trust = _trust(settings, key, ca_file)
    found = list(_read(paths, trust))
    app = make_app(settings, demands_keys=False)
    with app.app_context():
        head = run_use_case(lambda: parse_head(expected)) if expected else None
        verdict, findings = verify_with_anchors(found, head)
    for one in findings:
        click.echo(_line(one))
    say_broken(verdict)
    _say_rewritten(findings)
    click.echo(f"The journal is intact: {verdict.count} entries.")
    click.echo(f"head {verdict.head}")
    unproved = [one for one in findings if one.state == "unproved"]
    if unproved:
        click.echo(f"error: {len(unproved)} of {len(findings)} anchors have no valid signature", err=True)
        sys.exit(1)


def _say_rewritten(findings: "Sequence[AnchorFinding]") -> None:
    from incident.core.journal.anchor import rewritten_between

    between = rewritten_between(findings)
    if between is None:
        return
    first, last = between
    place = f"between {first} and {last}" if last is not None else f"from {first} on"
    click.echo(
        f"The journal was rewritten: its chain is consistent, but differs from the saved anchors. Entries {place}.",
        err=True,
    )
    sys.exit(1)


def _line(finding: "AnchorFinding") -> str:
    from incident.formats.anchors import shown_at

    anchor = finding.anchor
    place = "no entry" if finding.seq is None else f"entry {finding.seq}"
    words = {
        "held": f"{place} is unchanged",
        "rewritten": f"{place} of the journal has this head: the journal was REWRITTEN",
        "removed": f"{place} is MISSING: the journal ends before it",
        "unproved": f"{place} is unchanged",
    }
    if finding.state == "rewritten" and finding.seq is not None:
        words["rewritten"] = f"{place} differs: the journal was REWRITTEN"
    fault = f"; signature: {anchor.fault}" if anchor.fault else ""
    by = f" of {anchor.by}" if anchor.by else ""
    return f"{anchor.source}: {anchor.origin}{by}, {shown_at(anchor)}: {words[finding.state]}{fault}"


def _read(paths: Sequence[Path], trust: "Trust") -> "Iterator[Anchor]":
    """Yield the anchors in files and folders; exit with status 2 if a file holds no anchor."""
    from incident.formats.anchors import NoAnchor, read_anchors

    for path in paths:
        files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                yield from read_anchors(str(file), file.read_bytes(), trust)
            except (NoAnchor, OSError) as error:
                click.echo(f"error: {file} is not an anchor: {error}", err=True)
                sys.exit(2)


def _trust(settings: "Settings", key: str | None, ca_file: Path | None) -> "Trust":
    from incident.formats.anchors import Trust
    from incident.formats.time_stamps import load_roots

    path = ca_file or settings.anchors.ca_file
    try:
        roots = load_roots(path.read_bytes()) if path is not None else []
    except (OSError, ValueError) as error:
        click.echo(f"error: {path} contains no certificates: {error}", err=True)
        sys.exit(2)
    return Trust(_key(settings, key), roots)


def _key(settings: "Settings", given: str | None) -> "Ed25519PublicKey | None":
    from incident.certifying import SHORT, BadKey, CertificateKey, read_key

    try:
        if given is not None:
            return read_key(given if given.startswith(SHORT) else Path(given).read_text())
        path = settings.certificate_key_path
        return CertificateKey.load(path).public if path.exists() else None
    except (BadKey, OSError, ValueError) as error:
        click.echo(f"error: {given or settings.certificate_key_path} contains no key: {error}", err=True)
        sys.exit(2)


def send_now(output: Path | None) -> None:
    """Send an anchor to every destination and print the results; exit with status 1 unless all accepted it.

    Args:
        output: a folder for a copy of the anchor; None writes no file.
    """
    from incident.actions.journal.anchors import enter_outcomes, present_head
    from incident.app import TOOLS
    from incident.formats.anchors import attachments_of
    from incident.jobs.journal.anchoring import send_head
    from incident.node import NODE
    from incident.store.db.database import db
    from incident.store.operations.instance import instance_setting

    app = make_app()
    anchoring = app.extensions[TOOLS].anchoring
    if anchoring is None:
        click.echo("error: no destination of anchors is set; see docs/settings.md", err=True)
        sys.exit(1)
    now = clock.now()
    with app.app_context():
        head = present_head()
        is_demonstration = instance_setting("is_demonstration")
        db.session.remove()
        if head is None or is_demonstration:
            what = "this is a demonstration, which sends nothing" if head else "the journal is empty"
            click.echo(f"error: {what}", err=True)
            sys.exit(1)
        document, outcomes = send_head(anchoring, anchoring.places, head, app.extensions[NODE].host, now)
        enter_outcomes(head, outcomes, anchoring.places, now)
    click.echo(f"head {head}")
    for one in outcomes:
        click.echo(f"{one.place.name}: {'accepted' if one.is_taken else 'NOT accepted'} ({one.detail})")
    if output is not None and document is not None:
        stamp = next((one.time_stamp for one in outcomes if one.time_stamp), None)
        for file in attachments_of(document, head, stamp):
            (output / file.name).write_bytes(file.content)
            click.echo(f"wrote {output / file.name}")
    if not all(one.is_taken for one in outcomes):
        sys.exit(1)
