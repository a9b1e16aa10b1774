"""Recording what starts clocks: who became aware when, the end of handling, and events that laws ask for."""

import datetime as dt
import hashlib
from typing import Any, Final

from incident.actions import approvals
from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.deadlines.regimes import AWARE, HANDLED
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.approvals import AWAITING, IN_FORCE, outdate
from incident.store.db.database import to_json
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.incidents.incidents import Incident, lock_incident

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
        records = _records(incident, AWARE)
        before = clock_rows.effective_event(records, AWARE)
        for one in (before, *_waiting(records, now)):
            if one is not None and (one.happened_at, one.who, one.how, one.reason) == (at, who, how, reason):
                return one
        is_later = before is not None and at > before.happened_at
        if is_later and not (reason or "").strip():
            raise RuleError("awareness.reason_missing", pointer="/reason")
        outdate(records)
        row = add_event_record(uow, incident, AWARE, at, who, how, reason, is_waiting=is_later)
        event_type = "incident.awareness_proposed" if is_later else "incident.awareness_recorded"
        uow.record(event_type, f"incident:{incident.number}", event_detail(row, before), incident.number)
        if not is_later:
            recompute_clocks(uow, incident)
    return row


def confirm_clock_event(
    record_id: int, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> ClockEventRecord:
    """Confirm a later awareness or end of handling as the second person; from then on clocks run from it.

    Raises:
        RuleError: those of `approvals.confirm_as_second`.
    """
    return approvals.confirm_as_second(ClockEventRecord, record_id, _enforce, by, now, idempotency)


def _enforce(uow: UnitOfWork, incident: Incident, row: ClockEventRecord) -> None:
    if row.kind == HANDLED:
        _set_handled(uow, incident, row.happened_at, row.reason)
    else:
        others = [one for one in _records(incident, AWARE) if one.id != row.id]
        detail = event_detail(row, clock_rows.effective_event(others, AWARE))
        uow.record("incident.awareness_recorded", f"incident:{incident.number}", detail, incident.number)
    recompute_clocks(uow, incident, may_be_later=True)


def put_handled(
    incident_id: int, at: dt.datetime | None, reason: str | None, by: str, now: dt.datetime
) -> ClockEventRecord | None:
    """Record when the handling of an incident ended, from which summaries are due; None when it goes on.

    The first end and every earlier one act at once. One that is later than the one recorded before, though that was
    taken back, needs a reason and waits for a second person.

    Raises:
        RuleError: `clock.exercise`, `clock.in_the_future`, `clock.reason_missing` when an end that was recorded is
            taken back or put later; `approval.not_by_person` (forbidden) when a program puts it later.
    """
    with transaction(by, now) as uow:
        incident = _locked(incident_id)
        records = _records(incident, HANDLED)
        if at is None:
            _take_back_handled(uow, incident, records, reason)
            return None
        _refuse_future(at, now, "/at")
        before = clock_rows.effective_event(records, HANDLED)
        same = (one for one in _waiting(records, now) if (one.happened_at, one.reason) == (at, reason))
        found = before if incident.handled_at == at else next(same, None)
        if found is not None:
            return found
        is_later = before is not None and at > before.happened_at
        if is_later and not (reason or "").strip():
            raise RuleError("clock.reason_missing", pointer="/reason")
        outdate(records)
        row = add_event_record(uow, incident, HANDLED, at, None, None, reason, is_waiting=is_later)
        if is_later:
            detail = {"before": _plain(incident.handled_at), "at": _plain(at), "reason": reason}
            uow.record("incident.handling_proposed", f"incident:{incident.number}", detail, incident.number)
        else:
            _set_handled(uow, incident, at, reason)
            recompute_clocks(uow, incident)
    return row


def _take_back_handled(
    uow: UnitOfWork, incident: Incident, records: list[ClockEventRecord], reason: str | None
) -> None:
    if incident.handled_at is not None and not (reason or "").strip():
        raise RuleError("clock.reason_missing", pointer="/reason")
    outdate(records)
    if incident.handled_at is not None:
        _set_handled(uow, incident, None, reason)
        recompute_clocks(uow, incident)


def _set_handled(uow: UnitOfWork, incident: Incident, at: dt.datetime | None, reason: str | None) -> None:
    detail = {"before": _plain(incident.handled_at), "at": _plain(at), "reason": reason}
    incident.handled_at, incident.changed_at = at, uow.now
    incident.version += 1
    uow.record("incident.handling_ended", f"incident:{incident.number}", detail, incident.number)


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
        row = add_event_record(uow, incident, kind, at, None, how, None, is_waiting=False)
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


def _records(incident: Incident, kind: str) -> list[ClockEventRecord]:
    return [one for one in clock_rows.clock_events_of(incident.id) if one.kind == kind]


def _waiting(records: list[ClockEventRecord], now: dt.datetime) -> list[ClockEventRecord]:
    return [one for one in records if one.state_at(now) == AWAITING]


def _refuse_future(at: dt.datetime, now: dt.datetime, pointer: str) -> None:
    if at > now:
        raise RuleError("clock.in_the_future", pointer=pointer)


def add_event_record(
    uow: UnitOfWork,
    incident: Incident,
    kind: str,
    at: dt.datetime,
    who: str | None,
    how: str | None,
    reason: str | None,
    *,
    is_waiting: bool,
    corrects_id: int | None = None,
    is_withdrawal: bool = False,
) -> ClockEventRecord:
    """Add a record within the caller's transaction, in force or waiting for a second person.

    Args:
        uow: the caller's unit of work.
        incident: the locked incident.
        kind: of the event.
        at: when it happened (UTC).
        who: who became aware.
        how: by what, or what is known of it.
        reason: why it differs from what was recorded before.
        is_waiting: whether it waits.
        corrects_id: the record in whose place it is put.
        is_withdrawal: whether it withdraws that record.
    """
    content: dict[str, Any] = {"number": incident.number, "kind": kind, "at": format_moment(at), "who": who, "how": how}
    if corrects_id is not None:
        content |= {"corrects": corrects_id, "is_withdrawal": is_withdrawal}
    text = to_json({**content, "reason": reason, "proposed_at": format_moment(uow.now), "by": uow.by})
    row = uow.add(
        ClockEventRecord(
            incident_id=incident.id,
            kind=kind,
            happened_at=at,
            who=who,
            how=how,
            reason=reason,
            state=AWAITING if is_waiting else IN_FORCE,
            content_hash=hashlib.sha256(text.encode()).hexdigest(),
            proposed_at=uow.now,
            proposed_by=uow.by,
            corrects_id=corrects_id,
            is_withdrawal=is_withdrawal,
        )
    )
    if is_waiting:
        approvals.await_second(uow, row)
    return row


def event_detail(row: ClockEventRecord, before: ClockEventRecord | None) -> dict[str, Any]:
    """Return what the journal records of an awareness.

    Args:
        row: the record.
        before: the one that counted until then, if any.
    """
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
