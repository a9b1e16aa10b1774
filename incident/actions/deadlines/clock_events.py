"""Recording what starts clocks: who became aware when, the end of handling, and events that laws ask for."""

import datetime as dt
import hashlib
from typing import Any, Final

from incident.actions.approvals import record_approval
from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.operations.approval import missing_approvals
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.db.database import db, to_json
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.incidents.incidents import Incident, lock_incident

APPROVED_AWARENESS: Final = "awareness"
"""The kind of the approvals of a later awareness."""

WHO_LIMIT: Final = 200
HOW_LIMIT: Final = 2_000


def put_awareness(
    incident_id: int, at: dt.datetime, who: str, how: str, reason: str | None, by: str, now: dt.datetime
) -> ClockEventRecord:
    """Record who became aware of an incident when, by what.

    The first record and every earlier one act at once; a later one needs a reason and waits for a second person. The
    same record once more changes nothing.

    Args:
        incident_id: the incident.
        at: when they became aware (UTC).
        who: the name of who did.
        how: by what, such as an alarm or a call.
        reason: why it is later than what was recorded before.
        by: who records it.
        now: when (UTC).

    Raises:
        RuleError: `clock.exercise`, `clock.in_the_future`, `awareness.reason_missing`; `approval.not_by_person`
            (forbidden) when a program puts it later.
    """
    with transaction(by, now) as uow:
        incident = _locked(incident_id)
        _refuse_future(at, now, "/at")
        records = clock_rows.clock_events_of(incident.id)
        before = clock_rows.effective_awareness(records)
        for one in (before, *(one for one in records if one.state == clock_rows.AWAITING)):
            if one is not None and (one.happened_at, one.who, one.how, one.reason) == (at, who, how, reason):
                return one
        is_later = before is not None and at > before.happened_at
        if is_later and not (reason or "").strip():
            raise RuleError("awareness.reason_missing", pointer="/reason")
        for one in records:
            if one.state == clock_rows.AWAITING:
                one.state = clock_rows.OUTDATED
        row = _add(uow, incident, clock_rows.AWARE, at, who, how, reason, is_waiting=is_later)
        if is_later:
            record_approval(uow, APPROVED_AWARENESS, str(row.id), row.content_hash)
        event_type = "incident.awareness_proposed" if is_later else "incident.awareness_recorded"
        uow.record(event_type, f"incident:{incident.number}", _detail(row, before), incident.number)
        if not is_later:
            recompute_clocks(uow, incident)
    return row


def confirm_awareness(
    record_id: int, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> ClockEventRecord:
    """Confirm a later awareness as the second person; from then on clocks run from it.

    Raises:
        RuleError: `awareness.not_found` (not found), `awareness.not_waiting`, `approval.is_given` for the same person
            (conflict); `approval.not_by_person` (forbidden).
    """
    found = db.session.get(ClockEventRecord, record_id)
    if found is None:
        raise RuleError("awareness.not_found", kind="not_found")
    incident_id = found.incident_id
    with transaction(by, now, idempotency) as uow:
        incident = _locked(incident_id)
        row = db.session.get_one(ClockEventRecord, record_id, populate_existing=True)
        if row.state != clock_rows.AWAITING:
            raise RuleError("awareness.not_waiting", kind="conflict")
        given = record_approval(uow, APPROVED_AWARENESS, str(row.id), row.content_hash)
        if not missing_approvals([one.approver for one in given]):
            before = clock_rows.effective_awareness(clock_rows.clock_events_of(incident.id))
            row.state, row.confirmed_at, row.confirmed_by = clock_rows.IN_FORCE, now, by
            detail = _detail(row, before)
            uow.record("incident.awareness_recorded", f"incident:{incident.number}", detail, incident.number)
            recompute_clocks(uow, incident, may_be_later=True)
        uow.store_response(row)
    return row


def put_handled(incident_id: int, at: dt.datetime | None, reason: str | None, by: str, now: dt.datetime) -> Incident:
    """Record when the handling of an incident ended, from which summaries are due; None when it goes on.

    Raises:
        RuleError: `clock.exercise`, `clock.in_the_future`, `clock.reason_missing` when an end that was recorded is
            taken back or put later.
    """
    with transaction(by, now) as uow:
        incident = _locked(incident_id)
        if at is not None:
            _refuse_future(at, now, "/at")
        before = incident.handled_at
        if before is not None and (at is None or at > before) and not (reason or "").strip():
            raise RuleError("clock.reason_missing", pointer="/reason")
        if before != at:
            incident.handled_at, incident.changed_at = at, now
            incident.version += 1
            detail = {"before": _plain(before), "at": _plain(at), "reason": reason}
            uow.record("incident.handling_ended", f"incident:{incident.number}", detail, incident.number)
            recompute_clocks(uow, incident)
    return incident


def add_clock_event(
    incident_id: int,
    kind: str,
    at: dt.datetime,
    how: str | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> ClockEventRecord:
    """Record an event that some law counts from, such as a payment.

    Args:
        incident_id: the incident.
        kind: one of `RECORDED_EVENTS`.
        at: when it happened (UTC).
        how: what is known of it.
        by: who records it.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `clock.exercise`, `clock.in_the_future`.
    """
    with transaction(by, now, idempotency) as uow:
        incident = _locked(incident_id)
        _refuse_future(at, now, "/at")
        row = _add(uow, incident, kind, at, None, how, None, is_waiting=False)
        detail = {"kind": kind, "at": format_moment(at), "note": how}
        uow.record("incident.clock_event_recorded", f"incident:{incident.number}", detail, incident.number)
        recompute_clocks(uow, incident)
        uow.store_response(row)
    return row


def _locked(incident_id: int) -> Incident:
    incident = lock_incident(incident_id)
    if incident.is_exercise:
        raise RuleError("clock.exercise", kind="conflict")
    return incident


def _refuse_future(at: dt.datetime, now: dt.datetime, pointer: str) -> None:
    if at > now:
        raise RuleError("clock.in_the_future", pointer=pointer)


def _add(
    uow: UnitOfWork,
    incident: Incident,
    kind: str,
    at: dt.datetime,
    who: str | None,
    how: str | None,
    reason: str | None,
    *,
    is_waiting: bool,
) -> ClockEventRecord:
    content = {"number": incident.number, "kind": kind, "at": format_moment(at), "who": who, "how": how}
    text = to_json({**content, "reason": reason, "recorded_at": format_moment(uow.now), "by": uow.by})
    return uow.add(
        ClockEventRecord(
            incident_id=incident.id,
            kind=kind,
            happened_at=at,
            who=who,
            how=how,
            reason=reason,
            state=clock_rows.AWAITING if is_waiting else clock_rows.IN_FORCE,
            content_hash=hashlib.sha256(text.encode()).hexdigest(),
            recorded_at=uow.now,
            recorded_by=uow.by,
        )
    )


def _detail(row: ClockEventRecord, before: ClockEventRecord | None) -> dict[str, Any]:
    return {
        "at": format_moment(row.happened_at),
        "who": row.who,
        "how": row.how,
        "reason": row.reason,
        "before": None if before is None else format_moment(before.happened_at),
        "content_hash": row.content_hash,
    }


def _plain(at: dt.datetime | None) -> str | None:
    return None if at is None else format_moment(at)
