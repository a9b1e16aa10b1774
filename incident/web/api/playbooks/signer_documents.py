"""Representations of signers, and of signatures on playbooks, in the API."""

from flask_babel import gettext

from incident.core.cacao.signing.signature import read_key
from incident.core.cacao.signing.trust import Judged
from incident.core.cacao.words import said
from incident.core.values.moment import format_moment
from incident.store.playbooks.signers import TrustedSigner
from incident.web.api.document_parts import Document, moment


def signer_document(row: TrustedSigner) -> Document:
    """Serialize a signer."""
    return {
        "id": row.id,
        "name": row.name,
        "key": row.kind,
        "algorithms": list(read_key(row.public_key).algorithms),
        "fingerprint": row.fingerprint,
        "public_key": row.public_key,
        "valid_from": moment(row.begins_at),
        "valid_until": moment(row.ends_at),
        "added_at": format_moment(row.added_at),
        "added_by": row.added_by,
        "revoked_at": moment(row.revoked_at),
    }


def signature_document(judged: Judged, title: str) -> Document:
    """Serialize a signature on a playbook with its validity."""
    found = judged.signature
    detail = None if judged.is_trusted else " ".join(filter(None, said(judged.fault(title), gettext)))
    return {
        "pointer": found.pointer,
        "signee": found.signee,
        "algorithm": found.algorithm,
        "state": found.state,
        "form": found.form or None,
        "is_trusted": judged.is_trusted,
        "signer": None if judged.signer is None else judged.signer.name,
        "fingerprint": None if found.key is None else found.key.fingerprint,
        "code": judged.code or None,
        "detail": detail,
    }
