"""Actions on an incident: open, change, note, acknowledge, close, reopen."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from incident.actions.incidents import owners, people_on, rerouting
from incident.actions.incidents import regrade as grades
from incident.actions.incidents.open_incident import NewIncident, open_in
from incident.actions.notifications import answers, escalation, notices
from incident.actions.notifications.notice_events import AnswerSource
from incident.actions.playbooks import runs
from incident.actions.reports import reports
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.cacao.engine.events import Cancelled
from incident.core.incidents import incident as rules_of_incident
from incident.core.incidents.indicator import Indicator as Seen
from incident.core.values.affiliation import AREAS
from incident.core.values.faults import RuleError, refuse_stale
from incident.core.values.text import visible
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident, Indicator
from incident.store.incidents.merges import merge_of
from incident.store.notifications import notices as notice_rows
from incident.store.notifications.notices import Notice
from incident.store.playbooks import runs as run_rows
from incident.store.playbooks import tasks
from incident.store.queries import search
from incident.store.queries.news_audience import Announcement, notify_mentioned


def open_incident(
    new: NewIncident, by: str, now: dt.datetime, zone: ZoneInfo, idempotency: IdempotentRequest | None = None
) -> Incident:
    """Open an incident with its journal entries, run, first tasks, timers and notices in one transaction.

    Raises:
        RuleError: as `open_incident.open_in`.
    """

    def use_case() -> Incident:
        with transaction(by, now, idempotency) as uow:
            incident = open_in(uow, new, zone)
            uow.store_response(incident)
        return incident

    return retry_on_conflict(use_case)


def change_incident(
    incident_id: int, changes: Mapping[str, Any], version: int | None, by: str, now: dt.datetime
) -> Incident:
    """Change facts of an incident; added departments are notified, those that rules name now are proposed.

    Args:
        incident_id: the incident.
        changes: new values by field; `departments` are codes, `indicators` the observed ones, for those of people see
            `people_on.change_people`.
        version: the version that the caller has read; None skips the check.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `version.stale` (conflict), `incident.is_closed` (conflict), `department.unknown`, those of
            `people_on.change_people`; `grading.is_decided` (conflict).
    """
    changes = {**changes, **_visible(changes)}
    change = _searched(changes)
    terms = search.terms_after(incident_id, change) if change.has_any else None
    with transaction(by, now) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        rules_of_incident.refuse_closed(incident.status)
        grades.refuse_below_decision(incident, changes)
        before, after = _apply(incident, changes)
        if "indicators" in changes:
            _replace_indicators(incident, changes["indicators"])
            after["indicators"] = [seen.to_json() for seen in changes["indicators"]]
        assigned = people_on.change_people(incident, changes)
        before, after = before | assigned.before, after | assigned.after
        added = _add_departments(uow, incident, changes.get("departments", ()))
        if added:
            after["departments_added"] = added
        proposed = rerouting.propose(incident, after.keys()) if after else []
        if proposed:
            after["departments_proposed"] = proposed
        if "grade" in after:
            grades.follow_grade(uow, incident)
            grades.decide_raise(uow, incident)
        if "sector" in after:
            grades.grade_later(uow, incident, "sector")
        if after:
            if terms is not None:
                search.file_change(incident, terms)
            incident.changed_at = now
            incident.version += 1
            detail: dict[str, Any] = {"before": before, "after": after}
            if assigned.is_named:
                detail["is_named"] = True
            owners.announce_owner(uow, incident, after)
            uow.record("incident.changed", f"incident:{incident.number}", detail, incident.number)
    return incident


def _visible(changes: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a change without direction marks and invisible characters."""
    texts = {name: changes[name] for name in ("title", "description") if isinstance(changes.get(name), str)}
    return {name: visible(text) or "?" * (name == "title") for name, text in texts.items()}


def add_note(
    incident_id: int,
    text: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    version: int | None = None,
) -> Incident:
    """Write a note on an incident, open or closed; it is stored in the journal.

    Raises:
        RuleError: `version.stale`.
    """
    terms = search.terms_after(incident_id, search.Change(hidden=[text]))
    with transaction(by, now, idempotency) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        uow.record("incident.noted", f"incident:{incident.number}", _note(uow, incident, text), incident.number)
        search.file_change(incident, terms)
        incident.version += 1
        incident.changed_at = now
        uow.store_response(incident)
    return incident


def _note(uow: UnitOfWork, incident: Incident, text: str) -> dict[str, Any]:
    """Tell those whom a note mentions; return what the journal records, with them where `@` is written."""
    return {"note": text} | ({"mentions": notify_mentioned(incident, text, uow.by, uow.now)} if "@" in text else {})


def acknowledge_incident(
    incident_id: int,
    department_id: int | None,
    by: str,
    via: str,
    now: dt.datetime,
    version: int | None = None,
    person_id: int | None = None,
) -> Incident:
    """Acknowledge an incident for a department; without one, take it on personally.

    Args:
        incident_id: the incident.
        department_id: the department whose notice is acknowledged; None takes the incident on.
        by: who.
        via: the way in which the notice was answered.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.
        person_id: who takes it on, and owns it from then on if nobody does.

    Raises:
        RuleError: `incident.is_closed`, `notice.not_open`, `notice.was_declined` (conflict),
            `notice.none_for_department` (not found), `version.stale`.
    """
    with transaction(by, now) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        rules_of_incident.refuse_closed(incident.status)
        if department_id is not None:
            notice = notice_rows.notice_of(incident.id, department_id)
            if notice is None:
                raise RuleError("notice.none_for_department", kind="not_found", pointer="/department")
            if not answers.record_answer(uow, notice, "acknowledged", AnswerSource(via)):
                raise RuleError("notice.not_open", {"state": notice.state}, kind="conflict")
        else:
            before = incident.status
            incident.status = "handling"
            incident.changed_at = now
            incident.version += 1
            taken = owners.take_on(incident, person_id)
            detail = {"before": before, "after": "handling"} | taken
            uow.record("incident.acknowledged", f"incident:{incident.number}", detail, incident.number)
            owners.announce_owner(uow, incident, taken)
            if before != "handling":
                uow.news.append(Announcement(incident, "status", "handling"))
    return incident


def close_incident(
    incident_id: int,
    resolution: str | None,
    note: str | None,
    override_reason: str | None,
    by: str,
    now: dt.datetime,
    version: int | None = None,
) -> Incident:
    """Close an incident and withdraw its open notices.

    Args:
        incident_id: the incident.
        resolution: how it ended, in a word.
        note: how it ended, in sentences.
        override_reason: why live runs and open tasks are cancelled; None refuses to close while there are any.
        by: who.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.

    Raises:
        RuleError: `incident.has_live_work` (conflict, naming each), `incident.is_closed` (conflict), `version.stale`.
    """
    with transaction(by, now) as uow:
        incident = incidents.lock_incident(incident_id)
        refuse_stale(incident.version, version)
        live, left = run_rows.live_runs_of(incident.id), tasks.open_tasks_of(incident.id)
        before = incident.status
        incident.status = rules_of_incident.close(
            incident.status,
            [f"{run.id}: {run.name}" for run in live],
            [f"{task.id}: {task.title}" for task in left],
            override_reason is not None,
            override_reason,
        )
        for run in live:
            runs.advance_in(uow, runs.lock_run(run.id), Cancelled(override_reason or ""))
        for notice in notice_rows.notices_of(incident.id):
            answers.close(uow, notice)
        grades.end_growth(uow, incident)
        incident.closed_at, incident.changed_at, incident.resolution = now, now, resolution
        incident.is_unreached = False
        incident.version += 1
        detail = {"before": before, "resolution": resolution, "note": note, "override_reason": override_reason}
        uow.record("incident.closed", f"incident:{incident.number}", detail, incident.number)
        uow.news.append(Announcement(incident, "closed", resolution or ""))
        reports.settle_in(uow, incident)
    return incident


def reopen_incident(
    incident_id: int, reason: str | None, by: str, now: dt.datetime, version: int | None = None
) -> Incident:
    """Reopen a closed incident; its departments are notified again.

    Raises:
        RuleError: `incident.is_open`, `incident.is_exercise`, `incident.is_merged` (conflict), `version.stale`.
    """

    def use_case() -> Incident:
        with transaction(by, now) as uow:
            incident = incidents.lock_incident(incident_id)
            refuse_stale(incident.version, version)
            _reopen(uow, incident, reason)
        return incident

    return retry_on_conflict(use_case)  # a concurrent alert may have opened another one


def _reopen(uow: UnitOfWork, incident: Incident, reason: str | None) -> None:
    status = rules_of_incident.reopen(incident.status)
    if incident.is_exercise:
        raise RuleError("incident.is_exercise", kind="conflict")
    if merge_of(incident.id) is not None:
        raise RuleError("incident.is_merged", kind="conflict")
    if incident.alert_key and incidents.open_incident_of(incident.alert_key) is not None:
        incident.alert_key = None  # its alerts go to another incident now
    grades.stop_growth(incident)
    grades.grade_later(uow, incident, "reopened")
    incident.status = status
    incident.closed_at, incident.resolution = None, None
    incident.changed_at = uow.now
    incident.version += 1
    uow.record("incident.reopened", f"incident:{incident.number}", {"reason": reason}, incident.number)
    uow.news.append(Announcement(incident, "status", status))
    reports.settle_in(uow, incident)
    escalation.notify_again(uow, incident)


FACTS = ("title", "description", "category", "grade", *AREAS, "tlp", "occurred_at", "detected_at")


def _apply(incident: Incident, changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = {}, {}
    for name in FACTS:
        if name in changes and changes[name] != getattr(incident, name):
            before[name] = _plain(getattr(incident, name))
            after[name] = _plain(changes[name])
            setattr(incident, name, changes[name])
    return before, after


def _searched(changes: Mapping[str, Any]) -> search.Change:
    facts = {name: changes[name] for name in search.FACTS if name in changes}
    seen = [one.value for one in changes["indicators"]] if "indicators" in changes else None
    return search.Change(facts=facts, indicators=seen)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _replace_indicators(incident: Incident, seen: list[Seen]) -> None:
    for row in incidents.indicators_of(incident.id):
        db.session.delete(row)
    for one in seen:
        db.session.add(Indicator(incident_id=incident.id, kind=one.kind, value=one.value))


def _add_departments(uow: UnitOfWork, incident: Incident, codes: list[str]) -> list[str]:
    added = []
    known = departments.departments_by_codes(codes) if codes else {}
    for index, code in enumerate(codes):
        department = known.get(code)
        if department is None:
            raise RuleError("department.unknown", {"code": code}, pointer=f"/departments/{index}")
        if notice_rows.notice_of(incident.id, department.id) is None:
            added.append(code)
        notices.notify_department(uow, incident, department)
    return added


def notice_department(notice: Notice) -> Department:
    """Return the department of a notice."""
    return db.session.get_one(Department, notice.department_id)
