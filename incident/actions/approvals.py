"""Recording approvals of actions that need two people."""

from collections.abc import Sequence

from incident.actions.unit_of_work import UnitOfWork
from incident.core.operations.approval import approver_of
from incident.core.values.faults import RuleError
from incident.store.db.database import advisory_lock
from incident.store.operations.approvals import Approval, list_approvals


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
