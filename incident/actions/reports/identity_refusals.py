"""Ends requests to open a reporter's identity before their time: refused, or withdrawn by the requester."""

import datetime as dt

from incident.actions.reports.custodian_approvals import is_custodian_of, threshold_of
from incident.actions.reports.identity_requests import lock_requested, require_answerer, wanted_fields
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.operations.approval import person_of
from incident.core.reports.identity import RequestEnd, identity_of, is_refused_by, request_state
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.reports.custodians import members_of_set
from incident.store.reports.identities import people_handling, people_of_actor
from incident.store.reports.identity_requests import (
    IdentityRefusal,
    IdentityRequest,
    forget_boxes_of,
    lock_identity_request,
    refusals_of,
)


def refuse_identity(request_id: int, reason: str, by: str, now: dt.datetime) -> IdentityRequest:
    """Refuse a request: it ends when those who have not refused cannot open the fields any more.

    Args:
        request_id: the request.
        reason: why; the requester reads it.
        by: an approver, or a custodian, who is a person.
        now: when (UTC).

    Raises:
        RuleError: `document.missing`, `identity_request.unknown` (not found), `identity_request.answered` (conflict),
            `identity_request.expired` (gone), `identity_request.own`, `identity_request.approver_handles`,
            `identity_request.no_custodian`, `approval.not_by_person` (forbidden).
    """
    if not reason.strip():
        raise RuleError("document.missing", pointer="/reason")
    with transaction(by, now) as uow:
        row, report = lock_requested(request_id, now)
        if report.protection == "protected" and not is_custodian_of(report.id, person_of(by)):
            raise RuleError("identity_request.no_custodian", kind="forbidden")
        refuser = require_answerer(uow, row, report)
        db.session.add(
            IdentityRefusal(request_id=row.id, refuser=refuser, refused_by=by, reason=reason.strip(), refused_at=now)
        )
        uow.record("identity.refused", f"report:{report.id}", {"request": row.id, "reason": reason.strip()})
        db.session.flush()
        if is_refused_by(len(refusals_of(row.id)), *_holders_and_threshold(row)):
            _end(row, "refused", now)
    return row


def withdraw_identity_request(request_id: int, by: str, now: dt.datetime) -> IdentityRequest:
    """Withdraw one's own request, approved or not: nobody reads its fields from then on.

    Args:
        request_id: the request.
        by: its requester.
        now: when (UTC).

    Raises:
        RuleError: `identity_request.unknown` (not found), `identity_request.not_own` (forbidden),
            `identity_request.expired` (gone).
    """
    with transaction(by, now) as uow:
        row = lock_identity_request(request_id)
        if row is None:
            raise RuleError("identity_request.unknown", kind="not_found")
        if row.requester != identity_of(by):
            raise RuleError("identity_request.not_own", kind="forbidden")
        if request_state(row.opens_at, row.expires_at, now) == "expired":
            raise RuleError("identity_request.expired", kind="gone")
        if row.ended_as is None:
            _record_withdrawal(uow, row)
    return row


def _record_withdrawal(uow: UnitOfWork, row: IdentityRequest) -> None:
    uow.record("identity.withdrawn", f"report:{row.report_id}", {"request": row.id})
    _end(row, "withdrawn", uow.now)


def _end(row: IdentityRequest, how: RequestEnd, now: dt.datetime) -> None:
    row.ended_as, row.ended_at = how, now
    db.session.flush()
    forget_boxes_of([row.id])
    db.session.refresh(row)


def _holders_and_threshold(row: IdentityRequest) -> tuple[int, int]:
    sets = {one.custodian_set for one in wanted_fields(row)} - {None}
    if not sets:
        return 1, 1
    return min(_able(row, one) for one in sets if one is not None), threshold_of(row)


def _able(row: IdentityRequest, set_id: int) -> int:
    """Count the custodians of a set who may approve a request: not its requester, nor who works on the report."""
    barred = people_of_actor(row.requester) | people_handling(row.report_id)
    return sum(
        f"person:{one.person_id}" not in barred and db.session.get_one(Person, one.person_id).is_active
        for _, one in members_of_set(set_id)
    )
