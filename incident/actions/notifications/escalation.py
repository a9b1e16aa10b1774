"""Notifies one level of a department within the caller's transaction.

It writes the messages, the timer of the next level, and the journal entry.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from incident.actions.notifications.on_duty import wall_clock_of
from incident.actions.notifications.recipients import Recipient, RecipientResolver, Recipients
from incident.actions.unit_of_work import UnitOfWork
from incident.core.drills.drill import DrillClock
from incident.core.notifications import escalation
from incident.core.notifications.message import INBOX
from incident.core.notifications.policy import DEFAULT_POLICY, Policy
from incident.core.values.duration import parse_duration
from incident.store.db.database import db
from incident.store.directory.departments import Contact, ContactAddress, Department
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notice_departments
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer

CREATED = "notice.created"
TASK_CREATED = "task.created"
DECLINED = "notice.declined"
REMINDER = "notice.reminder"
REMIND = "remind"
"""The kind of the timers that remind who answered."""

REMINDERS_MOST = 10

HELD = "notice.held"


def policy_of(department: Department) -> Policy:
    """Return the escalation policy of a department, or the default level."""
    return DEFAULT_POLICY if department.policy is None else Policy.from_json(department.policy)


def escalation_context(notice: Notice, policy: Policy) -> escalation.EscalationContext:
    """Return the facts that decide how long the levels of a notice wait, queried only where they matter."""
    if policy.is_plain:
        return escalation.ANY
    grade = db.session.get_one(Incident, notice.incident_id).grade
    return escalation.EscalationContext(grade, wall_clock_of(db.session.get_one(Department, notice.department_id)))


def open_notice(uow: UnitOfWork, incident: Incident, department: Department) -> Notice:
    """Open the notice of a department within the caller's transaction, and notify its first level."""
    policy = policy_of(department)
    notice = Notice(
        incident_id=incident.id,
        department_id=department.id,
        policy=policy.to_json(),
        opened_at=uow.now,
    )
    step = _first(notice, policy, incident, uow.now)
    notice.level, notice.round, notice.told_at = _place(step, uow.now)
    notice.next_at = incident.pace.to_real(step.next_at)
    uow.add(notice)
    _begin(uow, notice, policy, step)
    return notice


def restart_escalation(uow: UnitOfWork, notice: Notice) -> None:
    """Restart the escalation of a notice by the present policy of its department.

    It runs within the caller's transaction.
    """
    policy = policy_of(db.session.get_one(Department, notice.department_id))
    notice.policy, notice.state, notice.opened_at = policy.to_json(), "open", uow.now
    notice.acknowledged_at = notice.acknowledged_by = notice.ended_at = None
    notice.answered_at = notice.answered_by = notice.reason = None
    notice.reminders = 0
    notice.version += 1
    _begin(uow, notice, policy, _first(notice, policy, db.session.get_one(Incident, notice.incident_id), uow.now))


Start = escalation.NotifyLevel | escalation.DeferredByQuietHours


def _first(notice: Notice, policy: Policy, incident: Incident, now: dt.datetime) -> Start:
    return escalation.first(policy, incident.pace.to_drill(now), escalation_context(notice, policy))


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
    uow.record(HELD, f"notice:{notice.id}", {"department": code, "until": next_at.isoformat()}, number_of(notice))


def _stand(uow: UnitOfWork, notice: Notice, step: Start) -> dt.datetime:
    """Store the step in the notice; return when the next level is notified, in real time."""
    next_at, place = pace_of(notice).to_real(step.next_at), _place(step, uow.now)
    if (notice.level, notice.round, notice.told_at, notice.next_at) != (*place, next_at):
        notice.level, notice.round, notice.told_at = place
        notice.next_at = next_at
    return next_at


def notify_level(uow: UnitOfWork, notice: Notice, policy: Policy, step: escalation.NotifyLevel, verb: str) -> None:
    """Write the messages of one level, the timer of the next, and the recipients with reasons in the journal.

    A level without recipients is skipped. The step has moments on the incident's clock, which in a drill is faster;
    rows have real time.
    """
    looked = _look(uow, notice, policy, step)
    next_at = _stand(uow, notice, looked.step)
    pace = pace_of(notice)
    for way in looked.found.ways:
        insert_message(uow, notice, way.contact, CREATED, way, at=pace.to_real(looked.step.at + way.after))
    for department_id in looked.found.above:
        notice_departments.put_department_above(notice.id, department_id, uow.now)
    if looked.found.ways:
        mark_notified(notice, db.session.get_one(Incident, notice.incident_id))
    elif verb == CREATED:  # at a later level somebody was notified before, or nobody ever
        notice.is_untold = True
    set_timer(uow, notice, next_at)
    uow.record(verb, f"notice:{notice.id}", looked.said() | {"next_at": next_at.isoformat()}, number_of(notice))


@dataclass(frozen=True)
class ResolvedLevel:
    """Resolved recipients: the step whose level has some, and the skipped levels without."""

    department: str
    step: escalation.NotifyLevel
    found: Recipients
    passed_over: Mapping[int, Recipients]

    def said(self) -> dict[str, Any]:
        """Return its description for the journal."""
        said: dict[str, Any] = {
            "department": self.department,
            "level": self.step.level,
            "round": self.step.round,
            "contacts": [way.contact.name for way in self.found.ways],
        }
        if self.found.because:
            said |= {"people": list(self.found.people), "because": list(self.found.because)}
        if self.passed_over:
            said["passed_over"] = [
                {"level": level, "because": list(found.because)} for level, found in self.passed_over.items()
            ]
        return said


def _look(uow: UnitOfWork, notice: Notice, policy: Policy, step: escalation.NotifyLevel) -> ResolvedLevel:
    department, finder = db.session.get_one(Department, notice.department_id), resolver_of(uow)
    tried: dict[int, Recipients] = {}

    def has_somebody(level: int) -> bool:
        tried[level] = finder.find(department, policy.levels[level - 1], level, step.at)
        return bool(tried[level].ways)

    reached = escalation.skip_unreachable(policy, step, has_somebody, escalation_context(notice, policy))
    passed = {level: found for level, found in tried.items() if level < reached.level}
    return ResolvedLevel(department.code, reached, tried[reached.level], passed)


def resolver_of(uow: UnitOfWork) -> RecipientResolver:
    """Return the resolver of recipients, which caches its results until the transaction is done."""
    finder: RecipientResolver = uow.cache.setdefault(RecipientResolver, RecipientResolver())
    return finder


def mark_notified(*rows: Notice | Incident) -> None:
    """Record that somebody was notified of these."""
    for row in rows:
        if row.is_untold:  # an unchanged value must not be written
            row.is_untold = False


def set_timer(uow: UnitOfWork, notice: Notice, due_at: dt.datetime, kind: str = "escalate") -> None:
    """Schedule the next level of a notice at a moment (UTC), or (kind `remind`) its reminder."""
    of_run = {
        "run_id": None,
        "step": None,
        "visit": None,
    }  # all columns, so that all are inserted together
    uow.insert(Timer, kind=kind, due_at=due_at, incident_id=notice.incident_id, **of_run, notice_id=notice.id)
    uow.wake_scheduler(due_at)


def set_reminder(uow: UnitOfWork, notice: Notice) -> None:
    """Schedule the reminder for a department that answered, when its policy has one."""
    length = notice.policy.get("reminder")
    if length is None or notice.reminders >= REMINDERS_MOST:
        return
    pace = pace_of(notice)
    due_at = pace.to_real(pace.to_drill(uow.now) + parse_duration(length))
    set_timer(uow, notice, due_at, REMIND)


def pace_of(notice: Notice) -> DrillClock:
    """Return the clock of a notice's incident."""
    return db.session.get_one(Incident, notice.incident_id).pace


def number_of(notice: Notice) -> str:
    """Return the number of a notice's incident."""
    return db.session.get_one(Incident, notice.incident_id).number


def add_message(
    uow: UnitOfWork, notice: Notice, contact: ContactAddress | Contact, kind: str, task: Task | None = None
) -> None:
    """Write a message to send now; in an inbox of this program it is delivered with the commit."""
    insert_message(uow, notice, contact, kind, task=task)


def insert_message(
    uow: UnitOfWork,
    notice: Notice,
    contact: ContactAddress | Contact,
    kind: str,
    way: Recipient | None = None,
    at: dt.datetime | None = None,
    task: Task | None = None,
) -> None:
    """Insert a message.

    Args:
        uow: the caller's unit of work.
        notice: its notice.
        contact: its recipient.
        kind: such as `notice.created`.
        way: the owner of the contact, and its position.
        at: when it is due (UTC); None for now.
        task: the task that it is about.
    """
    is_there = contact.channel == INBOX
    uow.insert(
        Message,
        webhook_id=f"msg_{uuid.uuid4().hex}",
        type=kind,
        notice_id=notice.id,
        incident_id=notice.incident_id,
        contact_id=contact.id,
        person_id=None if way is None else way.person_id,
        task_id=None if task is None else task.id,
        level=notice.level,
        round=notice.round,
        turn=0 if way is None else way.turn,
        state="sent" if is_there else "pending",
        created_at=uow.now,
        next_attempt_at=at or uow.now,
        ended_at=uow.now if is_there else None,
    )
    if not is_there:
        uow.wake_scheduler()
