"""Undoing a merge: both incidents are as they were before it."""

import datetime as dt

from incident.actions.deadlines.merged_events import give_back_events
from incident.actions.merges import moving
from incident.actions.notifications import escalation
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.incidents.merging import refuse_undo
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents import merges
from incident.store.incidents.incidents import Incident, lock_incident, open_incident_of
from incident.store.incidents.merges import IncidentMerge
from incident.store.notifications import notices
from incident.store.queries import search
from incident.store.queries.news_audience import Announcement


def undo_merge(
    merge_id: int, reason: str | None, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> IncidentMerge:
    """Undo a merge within 24 hours, in one transaction.

    What was moved goes back. What came to the survivor since stays there. Notices that the merge withdrew are sent
    again. The same request once more changes nothing.

    Args:
        merge_id: the merge.
        reason: why.
        by: who.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `merge.not_found` (not found); those of `refuse_undo`.
    """
    found = db.session.get(IncidentMerge, merge_id)
    if found is None:
        raise RuleError("merge.not_found", kind="not_found")
    pair = sorted((found.duplicate_id, found.survivor_id))

    def use_case() -> IncidentMerge:
        with transaction(by, now, idempotency) as uow:
            locked = {one: lock_incident(one) for one in pair}
            merge = db.session.get_one(IncidentMerge, merge_id, populate_existing=True)
            if merge.undone_at is not None and merge.undone_by == by:
                uow.store_response(merge)
                return merge
            is_survivor_merged = merges.merge_of(merge.survivor_id) is not None
            refuse_undo(
                merge.merged_at, now, is_undone=merge.undone_at is not None, is_survivor_merged=is_survivor_merged
            )
            _undo(uow, merge, locked[merge.duplicate_id], locked[merge.survivor_id], reason)
            uow.store_response(merge)
        return merge

    return retry_on_conflict(use_case)


def _undo(uow: UnitOfWork, merge: IncidentMerge, duplicate: Incident, survivor: Incident, reason: str | None) -> None:
    before = merge.before
    merge.undone_at, merge.undone_by = uow.now, uow.by
    if before["alert_key"] and open_incident_of(before["alert_key"]) is not None:
        duplicate.alert_key = None  # its alerts go to another incident now
    duplicate.status, duplicate.closed_at, duplicate.resolution = before["status"], None, before["resolution"]
    duplicate.is_unreached = before["is_unreached"]
    uow.flush()
    merges.return_alerts(merge)
    moving.return_indicators(duplicate, survivor, before["indicators"])
    moving.return_techniques(duplicate, survivor, before.get("techniques", {"had": [], "added": []}))
    moving.return_evidence(uow, merge, duplicate, survivor, before["evidence"])
    moving.return_reports(uow, duplicate, survivor, before["reports"])
    give_back_events(uow, survivor, before["clocks"])
    for incident in (duplicate, survivor):
        db.session.flush()
        search.file_change(incident, search.terms_after(incident.id, search.Change()))
        incident.changed_at = uow.now
        incident.version += 1
    for notice in notices.notices_of(duplicate.id):
        if notice.id in before["withdrawn"] and notice.state == "withdrawn":
            escalation.restart_escalation(uow, notice)
    uow.news.append(Announcement(duplicate, "status", duplicate.status))
    said = {"merge": merge.id, "reason": reason}
    uow.record("incident.merge_undone", f"incident:{duplicate.number}", said, duplicate.number)
    told = said | {"duplicate": duplicate.number}
    uow.record("incident.merge_undone", f"incident:{survivor.number}", told, survivor.number)
