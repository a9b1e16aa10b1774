"""The signed content of documents: signed at the signature with a key of its own purpose, verified offline."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from incident.actions.documents.drafting import content_hash_of, content_of, locked_document
from incident.actions.documents.kind_versions import kind_data
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.certifying import CertificateKey, Json, NotGenuine, read_signed
from incident.core.documents.content import CONTENT_TYPE, canonical_content
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.db.database import to_json
from incident.store.documents.document_files import DocumentFile, document_file
from incident.store.documents.documents import OfficialDocument, sign_offs_of
from incident.store.incidents.incidents import Incident

SIGNED_CONTENT: Final = "json"
"""The format under which the signed content is kept among the files of a document."""


@dataclass(frozen=True)
class DocumentSigner:
    """What the content of documents is signed with: the key of the instance for documents, and its address."""

    key: CertificateKey
    instance: str


def document_statement(row: OfficialDocument, incident: Incident, instance: str) -> Json:
    """Return what is stated of a document: its content, who signed it off, its number, and its kind."""
    return {
        "type": CONTENT_TYPE,
        "instance": instance,
        "document": row.id,
        "number": row.number,
        "signed_at": None if row.signed_at is None else format_moment(row.signed_at),
        "content": json.loads(canonical_content(content_of(row, incident))),
        "content_hash": row.content_hash,
        "kind": json.loads(kind_data(row.kind_hash)),
        "sign_offs": [
            {
                "step": one.step,
                "department": one.department,
                "by": one.signed_by,
                "at": format_moment(one.signed_at),
                "content_hash": one.content_hash,
            }
            for one in sign_offs_of(row.id)
            if one.voided_at is None and one.step not in ("draft", "seal")
        ],
    }


def keep_signed_content(uow: UnitOfWork, row: OfficialDocument, incident: Incident, signer: DocumentSigner) -> Json:
    """Sign the content of a document and keep it, within the transaction of its signature."""
    proof = signer.key.sign(document_statement(row, incident, signer.instance))
    content = to_json(proof).encode()
    uow.add(
        DocumentFile(
            document_id=row.id,
            format=SIGNED_CONTENT,
            source_hash=row.content_hash,
            source="",
            is_kept=True,
            state="ready",
            tries=0,
            asked_at=uow.now,
            ended_at=uow.now,
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )
    )
    return proof


def read_document_proof(
    row: OfficialDocument, incident: Incident, signer: DocumentSigner, by: str, now: dt.datetime
) -> Json:
    """Return the content of a document with its signature, which is None before somebody has signed it.

    Args:
        row: the document.
        incident: its incident.
        signer: signs a document that was signed before its content was kept.
        by: who reads it.
        now: when (UTC).

    Raises:
        RuleError: `official_document.content_changed` (conflict).
    """
    if row.signed_at is None:
        return {"certificate": document_statement(row, incident, signer.instance), "signature": None}
    if (kept := _kept(row)) is not None:
        return kept
    with transaction(by, now) as uow:
        locked, incident = locked_document(row.id)
        if (kept := _kept(locked)) is not None:
            return kept
        if content_hash_of(locked, incident) != locked.content_hash:
            raise RuleError("official_document.content_changed", kind="conflict")
        return keep_signed_content(uow, locked, incident, signer)


def _kept(row: OfficialDocument) -> Json | None:
    found = document_file(row.id, SIGNED_CONTENT, row.content_hash)
    if found is None or found.content is None:
        return None
    kept: dict[str, Any] = json.loads(found.content)
    return kept


def verify_document(proof: object, key: Ed25519PublicKey) -> Json:
    """Return the statement of a signed document, verified without the database.

    Args:
        proof: what `GET /documents/ID.json` answered.
        key: the public key of the instance for documents, obtained separately.

    Raises:
        NotGenuine: with what is wrong.
    """
    if isinstance(proof, dict) and "certificate" in proof and proof.get("signature", "") is None:
        raise NotGenuine(["the document was not signed yet"])
    said = read_signed(proof, key, CONTENT_TYPE, "official document")
    text = json.dumps(said["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if hashlib.sha256(text.encode()).hexdigest() != said["content_hash"]:
        raise NotGenuine(["its hash is not that of its content"])
    if any(one["content_hash"] != said["content_hash"] for one in said["sign_offs"]):
        raise NotGenuine(["somebody has signed off another content"])
    return said
