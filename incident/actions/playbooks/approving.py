"""Approval of a playbook with machine commands, which starts its scheduled runs."""

import datetime as dt
from collections.abc import Collection
from functools import partial

from incident.actions.approvals import record_approval
from incident.actions.notifications import notices
from incident.actions.playbooks import playbook_loader, runs
from incident.actions.playbooks.approval_status import (
    PLAYBOOK,
    ApprovalStatus,
    approval_status,
    bundle_hash,
    has_machine_commands,
)
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.values.access import ROLES_OF_PEOPLE, may
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory import people
from incident.store.incidents import incidents
from incident.store.playbooks import playbooks
from incident.store.playbooks.playbooks import Version
from incident.store.queries import start_requests

APPROVING = frozenset(role for role in ROLES_OF_PEOPLE if may(role, "playbook.approve"))
"""Roles that approve playbooks."""


def approve_playbook(
    playbook_id: str, content_hash: str, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> ApprovalStatus:
    """Approve the newest version of a playbook with those that it calls; the last approval starts scheduled runs.

    The person who added a playbook may approve it. The same person, or the console, counts once.

    Args:
        playbook_id: its CACAO id.
        content_hash: of the content that was read, from `approval_status.bundle_hash`.
        by: who.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.

    Raises:
        RuleError: `playbook.unknown` (not found), `approval.is_stale` (conflict) when the content has changed,
            `approval.not_needed` (conflict) when it has no machine command, `approval.is_given` (conflict),
            `approval.not_by_person` (forbidden).
        PlaybookFaults: when a document in the database is not the one that was added.
    """

    def use_case() -> ApprovalStatus:
        with transaction(by, now, idempotency) as uow:
            version = playbooks.current_version(playbook_id)
            if version is None:
                raise RuleError("playbook.unknown", {"playbook": playbook_id}, kind="not_found")
            bundle = playbook_loader.bundle_for(version)
            if bundle_hash(bundle) != content_hash:
                raise RuleError("approval.is_stale", pointer="/content_hash", kind="conflict")
            if not any(has_machine_commands(one, runs.PROFILE) for one in (bundle.main, *bundle.called.values())):
                raise RuleError("approval.not_needed", kind="conflict")
            given = record_approval(uow, PLAYBOOK, playbook_id, content_hash)
            detail = {"name": version.name, "hash": content_hash, "approvals": len(given)}
            uow.record("playbook.approved", f"playbook:{playbook_id}", detail | playbook_loader.pins_of(bundle))
            status = approval_status(bundle, runs.PROFILE, now)
            if not status.missing:
                _start_scheduled(uow, version)
            uow.store_response(status)
        return status

    return retry_on_conflict(use_case)


def _start_scheduled(uow: UnitOfWork, version: Version) -> None:
    """Start a playbook on every open incident on which it waits; a failure does not affect the others."""
    for row in start_requests.scheduled_requests(version.cacao_id):
        incident = incidents.lock_incident(row.incident_id)
        db.session.refresh(row)
        if row.state != "scheduled" or incident.status == "closed":
            continue
        try:
            _, tasks = runs.begin_in(uow, incident, version, row.given or {}, partial(runs.lead_of, incident))
        except playbook_loader.PlaybookFaults as refused:
            row.state, row.ended_at, row.ended_by = "refused", uow.now, uow.by
            runs.record_refusal(uow, incident, version, refused)
            continue
        row.state, row.ended_at, row.ended_by = "started", uow.now, uow.by
        notices.notify_tasks(uow, incident, tasks)


def people_who_may_approve(approvers: Collection[str] = ()) -> list[str]:
    """Return the names of active people who may approve a playbook and have not done so.

    Args:
        approvers: who has, as `core.operations.approval.approver_of` returns them.
    """
    return [one.name for one in people.active_people() if one.role in APPROVING and f"person:{one.id}" not in approvers]
