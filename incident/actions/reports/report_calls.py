"""Calls to reporters: requested with a purpose, placed by a telephone system or made by an operator.

Only the worker that asks the telephone system opens a sealed number, or the operator, one call at a time.
"""

import datetime as dt
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from incident.actions.reports.ending_calls import end_call_in
from incident.actions.reports.identities import identity_instance
from incident.actions.reports.mailbox import tell_of_call_in
from incident.actions.unit_of_work import Idempotency, UnitOfWork, transaction
from incident.core.delivery.retry import next_attempt_at
from incident.core.operations.approval import approver_of
from incident.core.reports.calls import CALL_LEASE, TRIED_FOR, CallState, dialled, require_callable
from incident.core.reports.custody import sealed_binding
from incident.core.reports.identity import identity_of
from incident.core.values.faults import RuleError, raise_all
from incident.identity_key import BoxBroken, IdentityKey
from incident.store.db.database import db
from incident.store.reports import report_calls as store
from incident.store.reports.identities import identities_of, note_handler, people_handling, people_of_actor
from incident.store.reports.report_calls import ReportCall
from incident.store.reports.reports import Report, lock_report

SYSTEM = "system:telephone"
PHONE = "phone"


@dataclass(frozen=True)
class DueCall:
    """A call that the telephone system is asked for now; `to` is the reporter's number and is kept nowhere."""

    id: int
    uuid: str
    from_number: str
    to: str


FAILED: Final = DueCall(0, "", "", "")
"""Stands for a call that was due and cannot be placed."""


def request_call(
    report_id: int,
    purpose: str,
    from_number: str | None,
    by: str,
    now: dt.datetime,
    idempotency: Idempotency | None = None,
) -> ReportCall:
    """Request a call to the reporter, whose number the caller does not see.

    Args:
        report_id: the report.
        purpose: why; it stays in the journal.
        from_number: the caller's own number, which a telephone system dials first; None to ask an operator.
        by: who requests it; they work on the report from then on.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `document.missing`, `call.no_telephone_number`, `call.protected`, `call.no_number`,
            `call.withdrawn`, `call.under_way` (conflict).
    """
    own = None if from_number is None else dialled(from_number)
    faults = [] if purpose.strip() else [RuleError("document.missing", pointer="/purpose")]
    if from_number is not None and own is None:
        faults.append(RuleError("call.no_telephone_number", pointer="/from"))
    raise_all(faults)
    with transaction(by, now, idempotency) as uow:
        report = lock_report(report_id)
        fields = [one.field for one in identities_of(report_id)]
        require_callable(report.protection, fields, is_withdrawn=report.withdrawn_at is not None)
        if store.calls_under_way(report_id):
            raise RuleError("call.under_way", kind="conflict")
        row = ReportCall(
            report_id=report_id,
            uuid=str(uuid.uuid4()),
            way="operator" if own is None else "relay",
            purpose=purpose.strip(),
            from_number=own,
            requester=identity_of(by),
            requested_by=by,
            requested_at=now,
            state="waiting",
            due_at=None if own is None else now,
        )
        db.session.add(row)
        note_handler(report_id, identity_of(by))
        db.session.flush()
        _record(uow, row, "requested", purpose=row.purpose)
        uow.store_response(row)
    return row


def cancel_call(call_id: int, by: str, now: dt.datetime) -> ReportCall:
    """Cancel one's own request for a call that nobody has begun.

    Raises:
        RuleError: `call.unknown` (not found), `call.not_own` (forbidden), `call.begun` (conflict).
    """
    with transaction(by, now) as uow:
        row = _lock(call_id)
        if row.requester != identity_of(by):
            raise RuleError("call.not_own", kind="forbidden")
        if row.state != "waiting":
            raise RuleError("call.begun", kind="conflict")
        end_call_in(uow, row, "cancelled")
    return row


def take_call(call_id: int, by: str, key: IdentityKey, now: dt.datetime) -> tuple[ReportCall, str]:
    """Return a call with the reporter's number to the operator who makes it; each look is in the journal.

    The reporter is notified in the mailbox at the first look.

    Args:
        call_id: the call.
        by: the operator, who did not request it.
        key: opens the number.
        now: when (UTC).

    Raises:
        RuleError: `call.unknown` (not found), `call.own`, `call.operator_handles` (forbidden), `call.begun`,
            `call.withdrawn`, `call.number_unusable` (conflict), `approval.not_by_person` (forbidden).
    """
    here, operator = identity_instance(now), approver_of(by)
    with transaction(by, now) as uow:
        row, report = _lock_for_operator(call_id, operator)
        number = _number(row, key, here)
        if row.state == "waiting":
            row.state, row.operator = "calling", by
            note_handler(report.id, operator)
            tell_of_call_in(uow, report)
        _record(uow, row, "number_shown", purpose=row.purpose)
    return row, number


def end_call(call_id: int, outcome: CallState, by: str, now: dt.datetime) -> ReportCall:
    """Record how a call by an operator ended.

    Args:
        call_id: the call.
        outcome: `placed` when they spoke to somebody, else `failed`.
        by: the operator who has begun it, or, as they may be gone, any other.
        now: when (UTC).

    Raises:
        RuleError: `call.unknown` (not found), `call.begun` (conflict).
    """
    with transaction(by, now) as uow:
        row = _lock(call_id)
        if row.way != "operator" or row.state != "calling":
            raise RuleError("call.begun", kind="conflict")
        end_call_in(uow, row, outcome)
    return row


def claim_due_call(key: IdentityKey, now: dt.datetime) -> DueCall | None:
    """Claim the call that has been due longest and open its number; None when none is due.

    One that cannot be placed fails here, and `FAILED` is returned: others may be due. So does one that was claimed
    before and has no outcome: it is not placed twice. The reporter is notified in the mailbox.
    """
    if not _is_due(now):
        return None
    here = identity_instance(now)
    with transaction(SYSTEM, now) as uow:
        row = store.lock_due_call(now)
        if row is None:
            return None
        report = db.session.get_one(Report, row.report_id)  # not locked: a withdrawal locks it before its calls
        fault, to = "", None
        if row.state == "calling":
            fault = "call.uncertain"
        elif report.withdrawn_at is not None:
            fault = "call.withdrawn"
        else:
            with suppress(RuleError):
                to = dialled(_number(row, key, here))
        if fault or to is None:
            end_call_in(uow, row, "failed", fault or "call.number_unusable")
            return FAILED
        if row.attempts == 0:
            tell_of_call_in(uow, report)
        row.state, row.attempts, row.due_at = "calling", row.attempts + 1, now + CALL_LEASE
        return DueCall(row.id, row.uuid, row.from_number or "", to)


def record_call(call_id: int, fault: str | None, jitter: float, now: dt.datetime, *, is_unsent: bool = False) -> None:
    """Record what the telephone system answered.

    Args:
        call_id: the call.
        fault: the code of what went wrong, None when it places the call.
        jitter: drawn from -1 to 1.
        now: when (UTC).
        is_unsent: whether it certainly got nothing: then it is tried again for some minutes.
    """
    with transaction(SYSTEM, now) as uow:
        row = _lock(call_id)
        if row.state != "calling":
            return
        again_at = next_attempt_at(row.attempts, row.requested_at, now, jitter) if is_unsent else None
        if again_at is not None and again_at - row.requested_at <= TRIED_FOR:
            row.state, row.due_at = "waiting", again_at
        else:
            end_call_in(uow, row, "placed" if fault is None else "failed", fault)


def _is_due(now: dt.datetime) -> bool:
    """Check before writing: a look with nothing due must not block other writers."""
    is_so = store.has_due_call(now)
    db.session.rollback()
    return is_so


def _lock(call_id: int) -> ReportCall:
    row = store.lock_call(call_id)
    if row is None:
        raise RuleError("call.unknown", kind="not_found")
    return row


def _lock_for_operator(call_id: int, operator: str) -> tuple[ReportCall, Report]:
    known = db.session.get(ReportCall, call_id)
    if known is None:
        raise RuleError("call.unknown", kind="not_found")
    report = lock_report(known.report_id)  # before the call, as a withdrawal does
    row = _lock(call_id)
    is_open = row.state == "waiting" or (row.state == "calling" and identity_of(row.operator or "") == operator)
    if row.way != "operator" or not is_open:
        raise RuleError("call.begun", kind="conflict")
    if operator in people_of_actor(row.requester):
        raise RuleError("call.own", kind="forbidden")
    if row.state == "waiting" and operator in people_handling(report.id):
        raise RuleError("call.operator_handles", kind="forbidden")
    if report.withdrawn_at is not None:
        raise RuleError("call.withdrawn", kind="conflict")
    return row, report


def _number(row: ReportCall, key: IdentityKey, here: str) -> str:
    found = next(one for one in identities_of(row.report_id) if one.field == PHONE)
    try:
        return key.open(found.sealed, sealed_binding(here, found.report_uuid, found.field))
    except BoxBroken:  # of another key, after a restore without it
        raise RuleError("call.number_unusable", kind="conflict") from None


def _record(uow: UnitOfWork, row: ReportCall, what: str, **detail: str) -> None:
    uow.record(f"call.{what}", f"report:{row.report_id}", {"call": row.id, **detail})
