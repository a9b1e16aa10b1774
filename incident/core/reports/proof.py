"""Proof of receipt: what is signed when a report is received."""

import base64
import binascii
import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any, Final

import rfc8785

PROOF: Final = "report-proof/1"
"""The member `type` of a proof, so that no other signed document is taken for one."""

SALT_BYTES: Final = 16
CONTENT: Final = ("kind", "category", "text", "url", "occurred_at", "channel", "loss", "evidence")
"""The members of a report that a proof covers: never a contact, a receipt or a number."""


def canonical_report(report: Mapping[str, Any]) -> bytes:
    """Return a report without contact in its canonical form (RFC 8785): members that are empty are left out.

    Args:
        report: values by member; moments as text (RFC 3339, UTC).
    """
    return rfc8785.dumps({name: report[name] for name in CONTENT if report.get(name) is not None})


def proof_content(report: Mapping[str, Any], salt: bytes, instance: str, now: dt.datetime) -> dict[str, str]:
    """Return the content of a proof.

    Args:
        report: what was received.
        salt: 16 random bytes, without which nobody can test guesses of the report against its hash.
        instance: the address of this program.
        now: when (UTC); only the minute is stated.
    """
    return {
        "type": PROOF,
        "sha256": hashlib.sha256(salt + canonical_report(report)).hexdigest(),
        "salt": base64.b64encode(salt).decode(),
        "instance": instance,
        "minute": f"{now.astimezone(dt.UTC):%Y-%m-%dT%H:%M:00Z}",
    }


def is_proof_of(content: Mapping[str, Any], report: Mapping[str, Any]) -> bool:
    """Return whether a proof was made for a report."""
    try:
        salt = base64.b64decode(str(content.get("salt")), validate=True)
        return content.get("sha256") == hashlib.sha256(salt + canonical_report(report)).hexdigest()
    except (binascii.Error, rfc8785.CanonicalizationError):
        return False
