"""What starts clocks when incidents are merged: the survivor knows what its duplicate knew, and no clock ends."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from incident.actions.deadlines.clock_events import add_event_record, event_detail
from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.unit_of_work import UnitOfWork
from incident.core.deadlines.regimes import AWARE
from incident.core.values.moment import format_moment
from incident.store.approvals import AWAITING, IN_FORCE, OUTDATED, outdate
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import ClockEventRecord, IncidentClock
from incident.store.incidents.incidents import Incident

_MOMENTS: Final = ("start_at", "due_at", "lawful_at")
_FACTS: Final = ("state", "waits_for", "because")


def take_over_events(uow: UnitOfWork, duplicate: Incident, survivor: Incident, reason: str) -> dict[str, Any]:
    """Give the survivor of a merge what its duplicate knew, within the caller's transaction.

    An earlier awareness acts at once, as every earlier one does; a later one changes nothing. What people recorded,
    such as a payment, counts for both. The clocks of the duplicate run on.

    Args:
        uow: the caller's unit of work.
        duplicate: the incident that is closed; locked.
        survivor: the incident that goes on; locked.
        reason: why they are merged.

    Returns:
        What `give_back_events` needs to undo it.
    """
    its, theirs = clock_rows.clock_events_of(survivor.id), clock_rows.clock_events_of(duplicate.id)
    known, earlier = clock_rows.effective_awareness(its), clock_rows.effective_awareness(theirs)
    why, added, outdated = f"{duplicate.number}: {reason}", list[int](), list[int]()
    if earlier is not None and (known is None or earlier.happened_at < known.happened_at):
        outdated = [one.id for one in outdate([one for one in its if one.kind == AWARE])]
        row = _copy(uow, survivor, earlier, why)
        detail = event_detail(row, known) | {"from": duplicate.number}
        uow.record("incident.awareness_recorded", f"incident:{survivor.number}", detail, survivor.number)
        added.append(row.id)
    there = {(one.kind, one.happened_at) for one in its if one.state == IN_FORCE}
    for one in theirs:
        if one.kind in clock_rows.MOVED_BY_TWO or one.state != IN_FORCE or (one.kind, one.happened_at) in there:
            continue
        added.append(_copy(uow, survivor, one, why).id)
        told = {"kind": one.kind, "at": format_moment(one.happened_at), "note": one.how, "from": duplicate.number}
        uow.record("incident.clock_event_recorded", f"incident:{survivor.number}", told, survivor.number)
    if not added:
        return {}
    before = {str(one.id): _snapshot(one) for one in clock_rows.clocks_of(survivor.id)}
    recompute_clocks(uow, survivor)
    uow.flush()
    after = {str(one.id): _snapshot(one) for one in clock_rows.clocks_of(survivor.id)}
    return {"events": added, "outdated": outdated, "before": before, "after": after}


def give_back_events(uow: UnitOfWork, survivor: Incident, taken: Mapping[str, Any]) -> None:
    """Undo `take_over_events` within the caller's transaction: clocks that nothing else moved have their old dues.

    Args:
        uow: the caller's unit of work.
        survivor: the incident that went on; locked.
        taken: what `take_over_events` returned.
    """
    if not taken:
        return
    records = {one.id: one for one in clock_rows.clock_events_of(survivor.id)}
    for event_id in taken["events"]:
        records[event_id].state = OUTDATED
    is_replaced = any(one.kind == AWARE and one.id > max(taken["events"]) for one in records.values())
    for event_id in () if is_replaced else taken["outdated"]:
        records[event_id].state = AWAITING
    _restore(clock_rows.clocks_of(survivor.id), taken["before"], taken["after"])
    recompute_clocks(uow, survivor)


def _restore(clocks: Sequence[IncidentClock], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for clock in clocks:
        then, left = before.get(str(clock.id)), after.get(str(clock.id))
        if then is None or then == left or _snapshot(clock) != left:
            continue
        for name in _MOMENTS:
            setattr(clock, name, None if then[name] is None else dt.datetime.fromisoformat(then[name]))
        for name in _FACTS:
            setattr(clock, name, then[name])


def _snapshot(clock: IncidentClock) -> dict[str, Any]:
    moments = {name: getattr(clock, name) for name in _MOMENTS}
    shown = {name: None if at is None else at.isoformat() for name, at in moments.items()}
    return shown | {name: getattr(clock, name) for name in _FACTS}


def _copy(uow: UnitOfWork, survivor: Incident, one: ClockEventRecord, why: str) -> ClockEventRecord:
    return add_event_record(uow, survivor, one.kind, one.happened_at, one.who, one.how, why, is_waiting=False)
