"""Events that were recorded wrongly: an earlier time acts at once; a later one and a withdrawal need two people."""

import datetime as dt
from typing import Any

from incident.actions import approvals
from incident.actions.deadlines.clock_events import add_event_record
from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.approvals import IN_FORCE, OUTDATED, outdate
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import MOVED_BY_TWO, ClockEventRecord
from incident.store.incidents.incidents import Incident, lock_incident


def correct_clock_event(
    record_id: int,
    at: dt.datetime,
    how: str | None,
    reason: str | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> ClockEventRecord:
    """Correct when an event happened: an earlier time acts at once, a later one waits for a second person.

    Args:
        record_id: the record that is wrong; it stays, and counts no longer once the correction is in force.
        at: when it happened (UTC).
        how: what is known of it; None for what was recorded before.
        reason: why, which a later time needs.
        by: who corrects it.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `clock_event.not_found` (not found), `clock_event.has_ended` (conflict), `clock.in_the_future`,
            `clock_event.reason_missing`; `approval.not_by_person` (forbidden) when a program puts it later.
    """
    incident_id = _record(record_id).incident_id
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        row = _current(record_id)
        if at > now:
            raise RuleError("clock.in_the_future", pointer="/at")
        is_later = at > row.happened_at
        if is_later and not (reason or "").strip():
            raise RuleError("clock_event.reason_missing", pointer="/reason")
        outdate(_corrections_of(row))
        added = add_event_record(
            uow, incident, row.kind, at, None, how or row.how, reason, is_waiting=is_later, corrects_id=row.id
        )
        if is_later:
            detail = _detail(row, added)
            uow.record("incident.clock_event_proposed", f"incident:{incident.number}", detail, incident.number)
        else:
            _enforce(uow, incident, added)
        uow.store_response(added)
    return added


def withdraw_clock_event(
    record_id: int, reason: str, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> ClockEventRecord:
    """Propose that an event did not happen; it counts until a second person confirms that.

    Args:
        record_id: the record that is wrong.
        reason: why it is withdrawn.
        by: the first person.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `clock_event.not_found` (not found), `clock_event.has_ended` (conflict); `approval.not_by_person`
            (forbidden).
    """
    incident_id = _record(record_id).incident_id
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        row = _current(record_id)
        outdate(_corrections_of(row))
        added = add_event_record(
            uow,
            incident,
            row.kind,
            row.happened_at,
            None,
            row.how,
            reason,
            is_waiting=True,
            corrects_id=row.id,
            is_withdrawal=True,
        )
        detail = _detail(row, added)
        uow.record("incident.clock_event_proposed", f"incident:{incident.number}", detail, incident.number)
        uow.store_response(added)
    return added


def confirm_event_correction(
    record_id: int, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> ClockEventRecord:
    """Confirm a later time or a withdrawal of an event as the second person.

    Raises:
        RuleError: those of `approvals.confirm_as_second`; `clock_event.has_ended` (conflict).
    """
    return approvals.confirm_as_second(ClockEventRecord, record_id, _enforce, by, now, idempotency)


def _enforce(uow: UnitOfWork, incident: Incident, added: ClockEventRecord) -> None:
    """Replace a record by its correction; what two people decided may move its clocks later."""
    row = _current(added.corrects_id or 0)
    row.state = OUTDATED
    event_type = "incident.clock_event_withdrawn" if added.is_withdrawal else "incident.clock_event_corrected"
    uow.record(event_type, f"incident:{incident.number}", _detail(row, added), incident.number)
    by_two = added.confirmed_by is not None
    recompute_clocks(uow, incident, may_be_later={row.kind} if by_two else False)


def _record(record_id: int) -> ClockEventRecord:
    found = db.session.get(ClockEventRecord, record_id)
    if found is None or found.kind in MOVED_BY_TWO or found.is_withdrawal:
        raise RuleError("clock_event.not_found", kind="not_found")
    return found


def _current(record_id: int) -> ClockEventRecord:
    """Return a record of a locked incident that counts."""
    row = db.session.get_one(ClockEventRecord, record_id, populate_existing=True)
    if row.state != IN_FORCE:
        raise RuleError("clock_event.has_ended", kind="conflict")
    return row


def _corrections_of(row: ClockEventRecord) -> list[ClockEventRecord]:
    return [one for one in clock_rows.clock_events_of(row.incident_id) if one.corrects_id == row.id]


def _detail(row: ClockEventRecord, added: ClockEventRecord) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "before": format_moment(row.happened_at),
        "at": None if added.is_withdrawal else format_moment(added.happened_at),
        "note": added.how,
        "reason": added.reason,
        "proposed_by": added.proposed_by,
        "content_hash": added.content_hash,
    }
