"""The chain of custody of evidence: second look, download, removal from view; each step is an entry of the journal."""

import datetime as dt

from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.incidents.evidence.custody import RELEASED, next_look
from incident.core.operations.approval import approver_of
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence, evidence_with_content, lock_evidence_on_incident
from incident.store.incidents.incidents import Incident


def release_evidence(evidence_id: int, by: str, now: dt.datetime) -> Evidence:
    """Look at a quarantined file: the second person releases it, the first one of a program's file is noted.

    Raises:
        RuleError: `evidence.is_removed`, `evidence.is_released`, `evidence.is_malware` (conflict),
            `evidence.same_person`,
            `approval.not_by_person` (forbidden).
    """
    approver = approver_of(by)
    with transaction(by, now) as uow:
        row = _stored(evidence_id)
        if row.released_at is not None:
            raise RuleError("evidence.is_released", kind="conflict")
        if row.scan == "found":
            raise RuleError("evidence.is_malware", {"found": row.scan_detail}, kind="conflict")
        if next_look(row.first_looker, approver) == RELEASED:
            row.released_at, row.released_by = now, by
            _record(uow, "evidence.released", row)
        else:
            row.first_looker = approver
            _record(uow, "evidence.first_look", row)
    return row


def remove_evidence(evidence_id: int, reason: str, by: str, now: dt.datetime) -> Evidence:
    """Remove a file from view: nobody can download it; its name, hash and content stay, with the reason.

    Raises:
        RuleError: `evidence.is_removed` (conflict).
    """
    with transaction(by, now) as uow:
        row = _stored(evidence_id)
        row.state, row.removed_at, row.removed_by, row.removal_reason = "removed", now, by, reason
        _record(uow, "evidence.removed", row, reason=reason)
    return row


def restore_evidence(evidence_id: int, by: str, now: dt.datetime) -> Evidence:
    """Show a file again that was removed from view.

    Raises:
        RuleError: `evidence.not_removed` (conflict), also when the same file was uploaded again since.
    """
    with transaction(by, now) as uow:
        row = _locked(evidence_id)
        if row.state != "removed" or evidence_with_content(row.incident_id, row.sha256 or "") is not None:
            raise RuleError("evidence.not_removed", kind="conflict")
        row.state, row.removed_at, row.removed_by, row.removal_reason = "stored", None, None, None
        _record(uow, "evidence.restored", row)
    return row


def record_download(evidence_id: int, by: str, now: dt.datetime) -> Evidence:
    """Record in the journal that a file is downloaded, before its first byte leaves.

    Raises:
        RuleError: `evidence.is_removed` (conflict).
    """
    with transaction(by, now) as uow:
        row = _stored(evidence_id)
        _record(uow, "evidence.downloaded", row)
    return row


def _stored(evidence_id: int) -> Evidence:
    row = _locked(evidence_id)
    if row.state != "stored":
        raise RuleError("evidence.is_removed", kind="conflict")
    return row


def _locked(evidence_id: int) -> Evidence:
    """Return a file; its incident is locked first, as in every use case on an incident."""
    found = lock_evidence_on_incident(evidence_id)
    if found is None or found[0].state not in ("stored", "removed"):
        raise RuleError("evidence.is_removed", kind="conflict")
    return found[0]


def _record(uow: UnitOfWork, event_type: str, row: Evidence, **more: str) -> None:
    number = db.session.get_one(Incident, row.incident_id).number
    detail = {"name": row.name, "sha256": row.sha256, **more}
    uow.record(event_type, f"evidence:{row.id}", detail, number)
