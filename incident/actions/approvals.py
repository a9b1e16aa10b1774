"""Actions that need two people: approvals, and records about an incident that wait for the second person."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeVar

from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.operations.approval import approver_of, missing_approvals, person_of
from incident.core.values.faults import RuleError
from incident.store.approvals import (
    AWAITING,
    DECLINED,
    IN_FORCE,
    OUTDATED,
    Approval,
    TwoPersonRecord,
    list_approvals,
)
from incident.store.db.database import advisory_lock, db
from incident.store.incidents.incidents import Incident, lock_incident
from incident.store.queries.news_audience import notify_proposer

Record = TypeVar("Record", bound=TwoPersonRecord)


def lock_approvals(kind: str, identifier: str) -> None:
    """Wait for all concurrent approvals of the same object, and for checks whether it is approved."""
    advisory_lock(f"approvals:{kind}:{identifier}")


def record_approval(uow: UnitOfWork, kind: str, identifier: str, content_hash: str) -> Sequence[Approval]:
    """Record the actor's approval of one content of an object, within the caller's transaction.

    Return all its approvals. The caller writes the journal entry, and performs the actions that waited for the last
    approval.

    Args:
        uow: the caller's unit of work.
        kind: of the object, such as `playbook`.
        identifier: of the object.
        content_hash: SHA-256 in hexadecimal of the content that was read and is approved.

    Raises:
        RuleError: `approval.not_by_person` (forbidden), `approval.is_given` (conflict).
    """
    approver = approver_of(uow.by)
    lock_approvals(kind, identifier)
    given = list_approvals(kind, identifier, content_hash)
    if any(one.approver == approver for one in given):
        raise RuleError("approval.is_given", kind="conflict")
    added = uow.add(
        Approval(
            kind=kind,
            identifier=identifier,
            content_hash=content_hash,
            approver=approver,
            approved_by=uow.by,
            approved_at=uow.now,
        )
    )
    return [*given, added]


def await_second(uow: UnitOfWork, record: TwoPersonRecord) -> None:
    """Record the first person's approval of what waits for a second one, within the caller's transaction.

    Raises:
        RuleError: `approval.not_by_person` (forbidden): a program is neither of the two.
    """
    record_approval(uow, record.approval_kind, str(record.id), record.content_hash)


def confirm_as_second(
    model: type[Record],
    record_id: int,
    enforce: Callable[[UnitOfWork, Incident, Record], None],
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> Record:
    """Confirm a record as the second person; from then on it is in force.

    One that has waited too long is outdated instead, which the journal says.

    Args:
        model: the table of the record.
        record_id: the record.
        enforce: what it brings about; called once it is in force, within the transaction.
        by: the second person.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `approval.not_found` (not found); `approval.not_waiting`, `approval.has_expired`,
            `approval.is_given` for the same person (conflict); `approval.not_by_person` (forbidden).
    """

    def confirm(uow: UnitOfWork, incident: Incident, record: Record) -> None:
        _confirm(uow, record)
        enforce(uow, incident, record)

    return _answer_as_second(model, record_id, confirm, by, now, idempotency)


def decline_as_second(
    model: type[Record],
    record_id: int,
    reason: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> Record:
    """Decline a record as the second person; it never takes effect, and its proposer learns why.

    One that has waited too long is outdated instead, which the journal says.

    Args:
        model: the table of the record.
        record_id: the record.
        reason: why, which the proposer reads.
        by: the second person.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `approval.not_found` (not found); `approval.not_waiting`, `approval.has_expired`, `approval.is_own`
            for the same person (conflict); `approval.not_by_person` (forbidden).
    """

    def decline(uow: UnitOfWork, incident: Incident, record: Record) -> None:
        if approver_of(by) == approver_of(record.proposed_by):
            raise RuleError("approval.is_own", kind="conflict")
        record.state, record.declined_at, record.declined_by = DECLINED, uow.now, uow.by
        record.decline_reason = reason
        detail = {"kind": record.approval_kind, "id": record.id, "by": record.proposed_by, "reason": reason}
        uow.record("incident.approval_declined", f"incident:{incident.number}", detail, incident.number)
        proposer = person_of(record.proposed_by)
        if proposer is not None:
            notify_proposer(incident, proposer, reason, uow.by, uow.now)

    return _answer_as_second(model, record_id, decline, by, now, idempotency)


def _answer_as_second(
    model: type[Record],
    record_id: int,
    answer: Callable[[UnitOfWork, Incident, Record], None],
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None,
) -> Record:
    """Lock the incident of a waiting record and answer it; one that has waited too long is outdated instead."""
    found = db.session.get(model, record_id)
    if found is None:
        raise RuleError("approval.not_found", kind="not_found")
    approver_of(by)
    incident_id = found.incident_id
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        record = db.session.get_one(model, record_id, populate_existing=True)
        if record.state != AWAITING:
            raise RuleError("approval.not_waiting", kind="conflict")
        is_expired = record.is_expired_at(now)
        if is_expired:
            _expire(uow, incident, record)
        else:
            answer(uow, incident, record)
            uow.store_response(record)
    if is_expired:
        raise RuleError("approval.has_expired", kind="conflict")
    return record


def _confirm(uow: UnitOfWork, record: TwoPersonRecord) -> None:
    given = record_approval(uow, record.approval_kind, str(record.id), record.content_hash)
    if missing_approvals([one.approver for one in given]):
        raise LookupError(f"{record.approval_kind} {record.id} waits without a first approval")
    record.state, record.confirmed_at, record.confirmed_by = IN_FORCE, uow.now, uow.by


def _expire(uow: UnitOfWork, incident: Incident, record: TwoPersonRecord) -> None:
    record.state = OUTDATED
    detail = {"kind": record.approval_kind, "id": record.id, "by": record.proposed_by}
    uow.record("incident.approval_expired", f"incident:{incident.number}", detail, incident.number)
