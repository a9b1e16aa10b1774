"""Merging: a duplicate is closed, and what it has goes to the incident that is handled on."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from incident.actions.deadlines.merged_events import take_over_events
from incident.actions.merges import moving
from incident.actions.notifications import answers
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.incidents.merging import MergeSide, refuse_merge
from incident.core.notifications.notice import UNANSWERED
from incident.core.values.faults import refuse_stale
from incident.store.db.database import db
from incident.store.incidents import merges
from incident.store.incidents.incidents import Incident, lock_incident
from incident.store.incidents.merges import IncidentMerge
from incident.store.notifications import notices
from incident.store.playbooks import runs, tasks
from incident.store.queries import search
from incident.store.queries.news_audience import Announcement

RESOLUTION: Final = "duplicate"
"""The resolution of a merged incident; pages show it in the reader's language."""


@dataclass(frozen=True)
class MergeRequest:
    """Which incident is the duplicate of which, and why; `version` is that of the duplicate as read."""

    duplicate_id: int
    survivor_id: int
    reason: str
    version: int | None = None


def merge_incidents(
    asked: MergeRequest, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> IncidentMerge:
    """Merge a duplicate into another incident, in one transaction.

    Alerts, reports, indicators and evidence move. Notices stay, those that nobody took on are withdrawn. The clocks of
    authorities run on. The same request once more changes nothing.

    Raises:
        RuleError: those of `refuse_merge`; `version.stale` (conflict).
    """

    def use_case() -> IncidentMerge:
        with transaction(by, now, idempotency) as uow:
            merge = _merge(uow, asked)
            uow.store_response(merge)
        return merge

    return retry_on_conflict(use_case)


def _merge(uow: UnitOfWork, asked: MergeRequest) -> IncidentMerge:
    # Locked in one order, so that two merges of the same two incidents do not block each other.
    locked = {one: lock_incident(one) for one in sorted({asked.duplicate_id, asked.survivor_id})}
    duplicate, survivor = locked[asked.duplicate_id], locked[asked.survivor_id]
    standing = merges.merge_of(duplicate.id)
    if standing is not None and standing.survivor_id == survivor.id:
        return standing
    refuse_stale(duplicate.version, asked.version)
    live, left = runs.live_runs_of(duplicate.id), tasks.open_tasks_of(duplicate.id)
    refuse_merge(_side(duplicate), _side(survivor), [one.name for one in live], [one.title for one in left])
    merge = uow.add(
        IncidentMerge(
            duplicate_id=duplicate.id,
            survivor_id=survivor.id,
            reason=asked.reason,
            merged_at=uow.now,
            merged_by=uow.by,
            before={},
        )
    )
    merge.before = _close(uow, duplicate, asked.reason) | _move(uow, merge, duplicate, survivor)
    _index(duplicate, survivor)
    for incident in (duplicate, survivor):
        incident.changed_at = uow.now
        incident.version += 1
    _record(uow, merge, duplicate, survivor)
    return merge


def _side(incident: Incident) -> MergeSide:
    merge = merges.merge_of(incident.id)
    into = None if merge is None else db.session.get_one(Incident, merge.survivor_id).number
    return MergeSide(incident.number, incident.status, incident.tlp, incident.is_exercise, into)


def _close(uow: UnitOfWork, duplicate: Incident, reason: str) -> dict[str, Any]:
    """Close the duplicate; return what it was before."""
    before: dict[str, Any] = {
        "status": duplicate.status,
        "is_unreached": duplicate.is_unreached,
        "resolution": duplicate.resolution,
        "alert_key": duplicate.alert_key,
        "withdrawn": [],
    }
    for notice in notices.notices_of(duplicate.id):
        if notice.state in UNANSWERED:
            before["withdrawn"].append(notice.id)
        answers.close(uow, notice)
    duplicate.status, duplicate.closed_at, duplicate.resolution = "closed", uow.now, RESOLUTION
    duplicate.is_unreached = False
    uow.news.append(Announcement(duplicate, "closed", reason))
    return before


def _move(uow: UnitOfWork, merge: IncidentMerge, duplicate: Incident, survivor: Incident) -> dict[str, Any]:
    uow.flush()
    moved = {
        "alerts": merges.move_alerts(merge),
        "indicators": moving.move_indicators(duplicate, survivor),
        "techniques": moving.move_techniques(duplicate, survivor),
        "evidence": moving.move_evidence(uow, merge, duplicate, survivor),
        "clocks": take_over_events(uow, duplicate, survivor, merge.reason),
    }
    return moved | {"reports": moving.move_reports(uow, duplicate, survivor)}


def _index(*incidents: Incident) -> None:
    """Index the words of incidents again, of each before its version is incremented."""
    db.session.flush()
    for incident in incidents:
        search.file_change(incident, search.terms_after(incident.id, search.Change()))


def _record(uow: UnitOfWork, merge: IncidentMerge, duplicate: Incident, survivor: Incident) -> None:
    """Record the merge with both incidents; that of the duplicate does not name the survivor, which may be TLP:RED."""
    counts: dict[str, Any] = {
        "alerts": merge.before["alerts"],
        "indicators": len(merge.before["indicators"]["added"]),
        "reports": [one["report"] for one in merge.before["reports"]],
        "evidence": merge.before["evidence"],
    }
    said = {"merge": merge.id, "reason": merge.reason}
    uow.record("incident.merged_away", f"incident:{duplicate.number}", said, duplicate.number)
    told = said | {"duplicate": duplicate.number} | counts
    uow.record("incident.merged", f"incident:{survivor.number}", told, survivor.number)
