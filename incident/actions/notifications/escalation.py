"""Escalation of a notice: open it, notify the next level, restart, reschedule, stop.

Everything runs within the caller's transaction, which writes messages, the timer of the next level, and the journal.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from incident.actions.notifications.notice_events import AnswerSource, record_event
from incident.actions.notifications.on_duty import wall_clock_of
from incident.actions.notifications.outbox import CREATED, insert_message
from incident.actions.notifications.recipients import resolve_level
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork
from incident.core.drills.drill import REAL_TIME, DrillClock
from incident.core.notifications import escalation
from incident.core.notifications import notice as rules
from incident.core.notifications.policy import DEFAULT_POLICY, Policy
from incident.core.notifications.subject import Purpose, Subject
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.notifications import messages, notice_departments, notices
from incident.store.notifications.notices import Notice, incident_of
from incident.store.playbooks import timers


def policy_of(department: Department) -> Policy:
    """Return the escalation policy of a department, or the default level."""
    return DEFAULT_POLICY if department.policy is None else Policy.from_json(department.policy)


def escalation_context(notice: Notice, policy: Policy) -> escalation.EscalationContext:
    """Return the facts that decide how long the levels of a notice wait, queried only where they matter."""
    if policy.is_plain:
        return escalation.ANY
    incident = incident_of(notice)
    grade = None if incident is None else incident.grade
    return escalation.EscalationContext(grade, wall_clock_of(db.session.get_one(Department, notice.department_id)))


def open_notice(
    uow: UnitOfWork, subject: Subject, purpose: Purpose, incident: Incident | None, department: Department
) -> Notice:
    """Open the notice of a department within the caller's transaction, and notify its first level.

    Args:
        uow: the caller's unit of work.
        subject: what it is about.
        purpose: what the department is asked for.
        incident: the incident that the subject belongs to, if any.
        department: the recipient.
    """
    policy = policy_of(department)
    notice = Notice(
        subject_type=subject.type,
        subject_id=subject.id,
        purpose=purpose,
        incident_id=None if incident is None else incident.id,
        department_id=department.id,
        policy=policy.to_json(),
        opened_at=uow.now,
    )
    step = _first(notice, policy, uow.now)
    notice.level, notice.round, notice.notified_at = _place(step, uow.now)
    notice.next_at = pace_of(notice).due(step.next_at, uow.now)
    uow.add(notice)
    _begin(uow, notice, policy, step)
    return notice


def notify_next_level(uow: UnitOfWork, notice: Notice) -> None:
    """Go on to the next level of an unanswered notice, or end it as exhausted.

    It runs within the caller's transaction.
    """
    policy = Policy.from_json(notice.policy)
    if not rules.is_waiting(notice.state, policy.until):
        return
    at, around = pace_of(notice).to_drill(uow.now), escalation_context(notice, policy)
    step = escalation.next_after(policy, notice.level, notice.round, at, around)
    notice.version += 1
    if isinstance(step, escalation.Exhausted):
        notice.state, notice.next_at = rules.after(notice.state, "exhausted"), None
        notice.ended_at = uow.now if notice.state == "exhausted" else None  # a declined one stays so
        record_event(uow, notice, "exhausted", AnswerSource("scheduler"))
        detail = {"round": notice.round} | ({"is_unreached": True} if notice.is_unreached else {})
        record_on(uow, notice, "notice.exhausted", detail)
        return
    notify_level(uow, notice, policy, step, CREATED if notice.level == 0 else "notice.escalated")


def restart_escalation(uow: UnitOfWork, notice: Notice) -> None:
    """Restart a notice by the present policy of its department; what was planned before is cancelled."""
    stop_escalation(uow, notice)
    policy = policy_of(db.session.get_one(Department, notice.department_id))
    notice.policy, notice.state, notice.opened_at = policy.to_json(), "open", uow.now
    notice.acknowledged_at = notice.acknowledged_by = notice.ended_at = None
    notice.answered_at = notice.answered_by = notice.reason = None
    notice.reminders = 0
    notice.version += 1
    _begin(uow, notice, policy, _first(notice, policy, uow.now))


def notify_again(uow: UnitOfWork, incident: Incident) -> None:
    """Restart the notices of a reopened incident (within the caller's transaction) by the present policies."""
    for notice in notices.notices_of(incident.id):
        restart_escalation(uow, notice)


def reschedule_escalation(uow: UnitOfWork, incident: Incident) -> None:
    """Reschedule the next levels of an incident whose new grade shortens their waits.

    A level that quiet hours have delayed is notified at once when they do not delay the new grade; nothing is
    postponed.
    """
    for notice in notices.notices_of(incident.id):
        policy = Policy.from_json(notice.policy)
        if notice.next_at is None or policy.is_plain or not rules.is_waiting(notice.state, policy.until):
            continue
        since = incident.pace.to_drill(
            notice.opened_at if notice.level == 0 else notice.notified_at or notice.opened_at
        )
        next_at = escalation.rescheduled(policy, notice.level, notice.round, since, escalation_context(notice, policy))
        due_at = max(incident.pace.due(next_at, uow.now), uow.now)
        if due_at < notice.next_at:
            notice.next_at = due_at
            notice.version += 1
            uow.flush()
            timers.cancel_timers("notice", notice.id, uow.now)
            set_timer(uow, notice, due_at)


def stop_escalation(uow: UnitOfWork, notice: Notice) -> None:
    """End the escalation of a notice within the caller's transaction: its timers, and its unsent messages."""
    notice.next_at = None
    uow.flush()
    timers.cancel_timers("notice", notice.id, uow.now)
    messages.cancel_messages(notice.id, uow.now)


Start = escalation.NotifyLevel | escalation.DeferredByQuietHours


def _first(notice: Notice, policy: Policy, now: dt.datetime) -> Start:
    return escalation.first(policy, pace_of(notice).to_drill(now), escalation_context(notice, policy))


def _place(step: Start, now: dt.datetime) -> tuple[int, int, dt.datetime | None]:
    """Return level, round, and when it was notified; level 0 is that of a notice which quiet hours delay."""
    return (step.level, step.round, now) if isinstance(step, escalation.NotifyLevel) else (0, 1, None)


def _begin(uow: UnitOfWork, notice: Notice, policy: Policy, step: Start) -> None:
    if isinstance(step, escalation.NotifyLevel):
        notify_level(uow, notice, policy, step, CREATED)
        return
    next_at = _stand(uow, notice, step)
    set_timer(uow, notice, next_at)
    code = db.session.get_one(Department, notice.department_id).code
    record_on(uow, notice, "notice.held", {"department": code, "until": next_at.isoformat()})


def _stand(uow: UnitOfWork, notice: Notice, step: Start) -> dt.datetime:
    """Store the step in the notice; return when the next level is notified, in real time."""
    next_at, place = pace_of(notice).due(step.next_at, uow.now), _place(step, uow.now)
    if (notice.level, notice.round, notice.notified_at, notice.next_at) != (*place, next_at):
        notice.level, notice.round, notice.notified_at = place
        notice.next_at = next_at
    return next_at


def notify_level(
    uow: UnitOfWork, notice: Notice, policy: Policy, step: escalation.NotifyLevel, event_type: str
) -> None:
    """Write the messages of one level, the timer of the next, and the recipients with reasons in the journal.

    No next level is planned where somebody has answered.

    A level without recipients is skipped. The step has moments on the incident's clock, which in a drill is faster;
    rows have real time.
    """
    department = db.session.get_one(Department, notice.department_id)
    resolved = resolve_level(uow, department, policy, step, escalation_context(notice, policy))
    next_at: dt.datetime | None = _stand(uow, notice, resolved.step)
    if not rules.is_waiting(notice.state, policy.until):
        notice.next_at = next_at = None
    pace = pace_of(notice)
    for recipient in resolved.found.recipients:
        insert_message(
            uow, notice, recipient.contact, CREATED, recipient, at=pace.to_real(resolved.step.at + recipient.after)
        )
    for department_id in resolved.found.above:
        notice_departments.put_department_above(notice.id, department_id, uow.now)
    if resolved.found.recipients:
        mark_notified(notice)
    elif event_type == CREATED:  # at a later level somebody was notified before, or nobody ever
        notice.is_unreached = True
    if next_at is not None:
        set_timer(uow, notice, next_at)
    at = {} if next_at is None else {"next_at": next_at.isoformat()}
    record_on(uow, notice, event_type, resolved.said() | at)


def mark_notified(notice: Notice) -> None:
    """Record that somebody was notified under a notice; one to handle an incident makes this a reached one."""
    rows = (notice, incident_of(notice)) if notice.purpose == "handling" else (notice,)
    for row in rows:
        if row is not None and row.is_unreached:  # an unchanged value must not be written
            row.is_unreached = False


def set_timer(uow: UnitOfWork, notice: Notice, due_at: dt.datetime, kind: str = "escalate") -> None:
    """Schedule the next level of a notice at a moment (UTC), or (kind `remind`) its reminder."""
    insert_timer(uow, kind, due_at, "notice", notice.id, notice.incident_id)


def record_on(uow: UnitOfWork, notice: Notice, event_type: str, detail: Mapping[str, Any]) -> None:
    """Record an entry about a notice on the timeline of its incident; it names a purpose other than handling."""
    purpose = {} if notice.purpose == "handling" else {"purpose": notice.purpose}
    uow.record(event_type, f"notice:{notice.id}", {**detail, **purpose}, number_of(notice))


def pace_of(notice: Notice) -> DrillClock:
    """Return the clock of a notice's incident, real time without one."""
    incident = incident_of(notice)
    return REAL_TIME if incident is None else incident.pace


def number_of(notice: Notice) -> str | None:
    """Return the number of a notice's incident, None without one."""
    incident = incident_of(notice)
    return None if incident is None else incident.number
