"""Proofs of receipt: signed when a report is received, verified later without the database."""

import datetime as dt
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from incident.actions.reports.reports import NewReport
from incident.certifying import CertificateKey, Json, NotGenuine, read_signed
from incident.core.reports.proof import PROOF, SALT_BYTES, is_proof_of, proof_content


def prove_receipt(new: NewReport, key: CertificateKey, instance: str, now: dt.datetime) -> Json:
    """Return the signed proof that a report was received; it contains neither receipt nor number.

    Args:
        new: the report as it was sent.
        key: signs the proof.
        instance: the address of this program.
        now: when (UTC).
    """
    return key.sign(proof_content(new.cleaned().document(), secrets.token_bytes(SALT_BYTES), instance, now))


def proof_faults(proof: object, key: Ed25519PublicKey, report: dict[str, Any] | None = None) -> list[str]:
    """Return what is wrong with a proof; nothing when it is genuine.

    Args:
        proof: what the reporter kept.
        key: the public key of the instance, obtained separately.
        report: the members of the report that it should be the proof of; None when that is not asked.
    """
    try:
        content = read_signed(proof, key, PROOF, "proof of receipt of a report")
    except NotGenuine as error:
        return error.faults
    if report is not None and not is_proof_of(content, report):
        return ["it is the proof of another report"]
    return []
