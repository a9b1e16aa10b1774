"""Upload of evidence in parts: begin, add a part, complete, cancel; what was broken off is deleted after a day."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final

from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.incidents.evidence import upload
from incident.core.incidents.evidence.file_type import HEAD, media_type_of
from incident.core.operations.approval import approver_of
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents import evidence
from incident.store.incidents.evidence import Evidence, EvidencePart
from incident.store.incidents.incidents import Incident, lock_incident

PARTS_AT_ONCE: Final = 8
"""Parts that one transaction deletes: other writers wait meanwhile."""

UPLOADS_AT_ONCE: Final = 20


@dataclass(frozen=True)
class NewUpload:
    """A file to be sent: its name, its size (bytes), and the identity of its sender."""

    name: str
    size: int
    uploader: str


@dataclass(frozen=True)
class CompletedUpload:
    """A stored file; `is_repeated` says that the incident had it already, and that it is kept once."""

    evidence: Evidence
    is_repeated: bool


def begin_upload(
    incident_id: int,
    new: NewUpload,
    vault: EvidenceVault,
    max_size: int,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> Evidence:
    """Begin an upload to an incident.

    Args:
        incident_id: the incident.
        new: the file.
        vault: where its parts will be.
        max_size: bytes of the largest file.
        by: who.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `evidence.empty`, `evidence.too_large`, `evidence.too_many` (conflict).
    """
    upload.require_size(new.size, max_size)
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        upload.require_room_for_upload(len(evidence.unfinished_of(incident_id, new.uploader)))
        row = uow.add(
            Evidence(
                incident_id=incident.id,
                name=upload.evidence_name(new.name),
                size=new.size,
                received=0,
                state="receiving",
                is_in_folder=vault.folder is not None,
                uploader=new.uploader,
                uploaded_by=by,
                begun_at=now,
                changed_at=now,
            )
        )
        row.sealed_key = vault.new_key(row.id)
        uow.store_response(row)
    return row


def add_part(
    evidence_id: int, offset: int, content: bytes, vault: EvidenceVault, by: str, now: dt.datetime
) -> Evidence:
    """Store the next part of an upload; once it returns, the part is not lost.

    It is sealed before the transaction, so that other writers do not wait for it.

    Args:
        evidence_id: the upload.
        offset: where the part begins in the file.
        content: the bytes.
        vault: seals it.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `evidence.not_receiving` (conflict), or as `require_part`.
        OSError: when the folder cannot be written; nothing of the part is left then.
    """
    row = _receiving(db.session.get(Evidence, evidence_id, populate_existing=True))
    place = upload.require_part(row.size, row.received, offset, len(content))
    is_last = offset + len(content) == row.size
    sha256 = hashlib.sha256(content).hexdigest()
    sealed = vault.seal_of(row).seal(content, place, is_last=is_last)
    with transaction(by, now) as uow:
        row = _receiving(evidence.lock_evidence(evidence_id))
        upload.require_part(row.size, row.received, offset, len(content))  # another request may have been faster
        kept = vault.keep(row, place, sealed)
        uow.insert(EvidencePart, evidence_id=row.id, place=place, content=kept, sha256=sha256)
        row.received, row.changed_at = offset + len(content), now
    return row


def _receiving(row: Evidence | None) -> Evidence:
    if row is None or row.state != "receiving":
        raise RuleError("evidence.not_receiving", kind="conflict")
    return row


def complete_upload(evidence_id: int, vault: EvidenceVault, by: str, now: dt.datetime) -> CompletedUpload:
    """Complete an upload: read what is stored, find its hash and its type, and keep the same file once.

    Completing a completed upload again returns the same, for `REPEATED_KEPT_FOR` where the file was there already.

    Reading it again proves that every part opens. It happens before the transaction and holds no connection between
    two parts.

    Raises:
        RuleError: `evidence.not_receiving`, `evidence.incomplete` (conflict), `evidence.damaged` (gone).
    """
    if (done := _completed(evidence_id)) is not None:
        return done
    row = _receiving(db.session.get(Evidence, evidence_id, populate_existing=True))
    if row.received < row.size:
        raise RuleError("evidence.incomplete", {"received": row.received, "size": row.size}, kind="conflict")
    sha256, media_type = _read_again(row, vault)
    with transaction(by, now) as uow:
        found = evidence.lock_evidence_on_incident(evidence_id)
        if (done := _completed(evidence_id)) is not None:  # by another request meanwhile
            return done
        row = _receiving(None if found is None else found[0])
        incident = db.session.get_one(Incident, row.incident_id)
        same = evidence.evidence_with_content(incident.id, sha256)
        detail = {"name": row.name, "size": row.size, "sha256": sha256}
        if same is None:
            row.sha256, row.media_type, row.state = sha256, media_type, "stored"
            row.stored_at = row.changed_at = now
            row.first_looker = _first_looker(by)
            uow.record("evidence.uploaded", f"evidence:{row.id}", detail | {"type": media_type}, incident.number)
        else:
            _discard(row)
            row.sha256, row.changed_at = sha256, now
            uow.record("evidence.repeated", f"evidence:{same.id}", detail, incident.number)
        done = CompletedUpload(same or row, same is not None)
    if done.is_repeated:
        vault.forget(evidence_id)
    return done


def _completed(evidence_id: int) -> CompletedUpload | None:
    """Return the result of an upload that was completed before; None for any other."""
    row = db.session.get(Evidence, evidence_id, populate_existing=True)
    if row is None or row.sha256 is None or row.state not in ("stored", "discarded"):
        return None
    same = evidence.evidence_with_content(row.incident_id, row.sha256)
    return None if same is None else CompletedUpload(same, row.state == "discarded")


def _read_again(row: Evidence, vault: EvidenceVault) -> tuple[str, str]:
    digest, head = hashlib.sha256(), b""
    for part in vault.parts(row):
        head = head or part[:HEAD]
        digest.update(part)
        db.session.rollback()
        row = db.session.get_one(Evidence, row.id)
    return digest.hexdigest(), media_type_of(head)


def _first_looker(by: str) -> str | None:
    """Return the identity of the person who has uploaded a file; None for a program, which looks at nothing."""
    return approver_of(by) if by.startswith("person:") else None


def cancel_upload(evidence_id: int, vault: EvidenceVault, by: str, now: dt.datetime) -> None:
    """Cancel an unfinished upload; what has arrived of it is deleted.

    Raises:
        RuleError: `evidence.is_stored` (conflict).
    """
    with transaction(by, now):
        row = evidence.lock_evidence(evidence_id)
        if row is None or row.state != "receiving":
            raise RuleError("evidence.is_stored", kind="conflict")
        _discard(row)
    vault.forget(evidence_id)


def _discard(row: Evidence) -> None:
    """Make a file unreadable; its parts are deleted little by little by `sweep_uploads`."""
    row.state, row.sealed_key = "discarded", None


def sweep_uploads(uow: UnitOfWork, vault: EvidenceVault) -> None:
    """Delete some parts of discarded uploads, and discard broken-off ones, within the caller's transaction."""
    left = PARTS_AT_ONCE
    for row in evidence.discarded_uploads(uow.now - upload.REPEATED_KEPT_FOR, UPLOADS_AT_ONCE):
        vault.forget(row.id)
        left -= evidence.remove_some_parts(row.id, left) if left > 0 else 0
    for evidence_id in evidence.abandoned_uploads(uow.now - upload.UNFINISHED_KEPT_FOR, UPLOADS_AT_ONCE):
        found = evidence.lock_evidence(evidence_id)
        if (
            found is not None
            and found.state == "receiving"
            and found.changed_at + upload.UNFINISHED_KEPT_FOR <= uow.now
        ):
            _discard(found)
