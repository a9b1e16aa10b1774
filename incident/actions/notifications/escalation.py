"""How one level of a department is told, inside a deed: its messages, the timer of the next level, the entry."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from incident.actions.notifications.duty import wall_clock_of
from incident.actions.notifications.recipients import Finder, Found, Way
from incident.actions.unit_of_work import Deed
from incident.core.drills.drill import Pace
from incident.core.notifications import escalation
from incident.core.notifications.message import INBOX
from incident.core.notifications.policy import DEFAULT_POLICY, Policy
from incident.core.values.duration import parse_duration
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department, Reached
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
    """Return the escalation policy of a department, or the one level that stands for none."""
    return DEFAULT_POLICY if department.policy is None else Policy.from_json(department.policy)


def around(notice: Notice, policy: Policy) -> escalation.Circumstances:
    """Return what decides how long the levels of a notice have, looked up only where that makes a difference."""
    if policy.is_plain:
        return escalation.ANY
    grade = db.session.get_one(Incident, notice.incident_id).grade
    return escalation.Circumstances(grade, wall_clock_of(db.session.get_one(Department, notice.department_id)))


def open_notice(deed: Deed, incident: Incident, department: Department) -> Notice:
    """Open the notice of a department inside a deed, and tell its first level."""
    policy = policy_of(department)
    notice = Notice(
        incident_id=incident.id,
        department_id=department.id,
        policy=policy.to_json(),
        opened_at=deed.now,
    )
    step = _first(notice, policy, incident, deed.now)
    notice.level, notice.round, notice.told_at = _place(step, deed.now)
    notice.next_at = incident.pace.to_real(step.next_at)
    deed.add(notice)
    _begin(deed, notice, policy, step)
    return notice


def begin_anew(deed: Deed, notice: Notice) -> None:
    """Start the escalation of a notice again inside a deed, by the policy that its department has now."""
    policy = policy_of(db.session.get_one(Department, notice.department_id))
    notice.policy, notice.state, notice.opened_at = policy.to_json(), "open", deed.now
    notice.acknowledged_at = notice.acknowledged_by = notice.ended_at = None
    notice.answered_at = notice.answered_by = notice.reason = None
    notice.reminders = 0
    notice.version += 1
    _begin(deed, notice, policy, _first(notice, policy, db.session.get_one(Incident, notice.incident_id), deed.now))


Start = escalation.Tell | escalation.Held


def _first(notice: Notice, policy: Policy, incident: Incident, now: dt.datetime) -> Start:
    return escalation.first(policy, incident.pace.to_drill(now), around(notice, policy))


def _place(step: Start, now: dt.datetime) -> tuple[int, int, dt.datetime | None]:
    """Return level, round, and when it was told; level 0 is that of a notice which quiet hours hold."""
    return (step.level, step.round, now) if isinstance(step, escalation.Tell) else (0, 1, None)


def _begin(deed: Deed, notice: Notice, policy: Policy, step: Start) -> None:
    if isinstance(step, escalation.Tell):
        tell_level(deed, notice, policy, step, CREATED)
        return
    next_at = _stand(deed, notice, step)
    set_timer(deed, notice, next_at)
    code = db.session.get_one(Department, notice.department_id).code
    deed.enter(HELD, f"notice:{notice.id}", {"department": code, "until": next_at.isoformat()}, number_of(notice))


def _stand(deed: Deed, notice: Notice, step: Start) -> dt.datetime:
    """Write where a notice stands; return when the next level is told, in real time."""
    next_at, place = pace_of(notice).to_real(step.next_at), _place(step, deed.now)
    if (notice.level, notice.round, notice.told_at, notice.next_at) != (*place, next_at):
        notice.level, notice.round, notice.told_at = place
        notice.next_at = next_at
    return next_at


def tell_level(deed: Deed, notice: Notice, policy: Policy, step: escalation.Tell, verb: str) -> None:
    """Write the messages of one level, and the timer of the next; who was told, and why, goes into the journal.

    A level at which nobody is found is passed over. The step speaks of moments on the incident's clock, which in a
    drill is faster; rows hold real time.
    """
    looked = _look(deed, notice, policy, step)
    next_at = _stand(deed, notice, looked.step)
    pace = pace_of(notice)
    for way in looked.found.ways:
        put_message(deed, notice, way.contact, CREATED, way, at=pace.to_real(looked.step.at + way.after))
    for department_id in looked.found.above:
        notice_departments.put_department_above(notice.id, department_id, deed.now)
    if looked.found.ways:
        be_told(notice, db.session.get_one(Incident, notice.incident_id))
    elif verb == CREATED:  # at a later level somebody was told before, or nobody ever
        notice.is_untold = True
    set_timer(deed, notice, next_at)
    deed.enter(verb, f"notice:{notice.id}", looked.said() | {"next_at": next_at.isoformat()}, number_of(notice))


@dataclass(frozen=True)
class Looked:
    """Who was looked for: the step at which somebody was found, and the levels at which nobody was."""

    department: str
    step: escalation.Tell
    found: Found
    passed_over: Mapping[int, Found]

    def said(self) -> dict[str, Any]:
        """Return what the journal says of it."""
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


def _look(deed: Deed, notice: Notice, policy: Policy, step: escalation.Tell) -> Looked:
    department, finder = db.session.get_one(Department, notice.department_id), finder_of(deed)
    tried: dict[int, Found] = {}

    def has_somebody(level: int) -> bool:
        tried[level] = finder.find(department, policy.levels[level - 1], level, step.at)
        return bool(tried[level].ways)

    reached = escalation.passing_over(policy, step, has_somebody, around(notice, policy))
    passed = {level: found for level, found in tried.items() if level < reached.level}
    return Looked(department.code, reached, tried[reached.level], passed)


def finder_of(deed: Deed) -> Finder:
    """Return what finds who is told, and keeps what it has found until the deed is done."""
    finder: Finder = deed.kept.setdefault(Finder, Finder())
    return finder


def be_told(*rows: Notice | Incident) -> None:
    """Note that somebody was told of these."""
    for row in rows:
        if row.is_untold:  # what does not change is not to be written
            row.is_untold = False


def set_timer(deed: Deed, notice: Notice, due_at: dt.datetime, kind: str = "escalate") -> None:
    """Have a notice go on to its next level at a moment (UTC), or (kind `remind`) have its people reminded."""
    of_run = {"run_id": None, "step": None, "visit": None}  # the columns of all timers, so that they go in together
    deed.put(Timer, kind=kind, due_at=due_at, incident_id=notice.incident_id, **of_run, notice_id=notice.id)
    deed.wake(due_at)


def set_reminder(deed: Deed, notice: Notice) -> None:
    """Have who answered be reminded, inside a deed, when the policy says so and nothing is done by then."""
    length = notice.policy.get("reminder")
    if length is None or notice.reminders >= REMINDERS_MOST:
        return
    pace = pace_of(notice)
    due_at = pace.to_real(pace.to_drill(deed.now) + parse_duration(length))
    set_timer(deed, notice, due_at, REMIND)


def pace_of(notice: Notice) -> Pace:
    """Return how fast the clock of a notice's incident goes."""
    return db.session.get_one(Incident, notice.incident_id).pace


def number_of(notice: Notice) -> str:
    """Return the number of a notice's incident."""
    return db.session.get_one(Incident, notice.incident_id).number


def add_message(deed: Deed, notice: Notice, contact: Reached | Contact, kind: str, task: Task | None = None) -> None:
    """Write a message that is to be sent now; in an inbox of this program it is there with the commit."""
    put_message(deed, notice, contact, kind, task=task)


def put_message(
    deed: Deed,
    notice: Notice,
    contact: Reached | Contact,
    kind: str,
    way: Way | None = None,
    at: dt.datetime | None = None,
    task: Task | None = None,
) -> None:
    """Write a message.

    Args:
        deed: the deed that this is part of.
        notice: what it is about.
        contact: who gets it.
        kind: such as `notice.created`.
        way: whose contact it is, and in which turn.
        at: when it is to be sent (UTC); None for now.
        task: what it tells of.
    """
    is_there = contact.channel == INBOX
    deed.put(
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
        created_at=deed.now,
        next_attempt_at=at or deed.now,
        ended_at=deed.now if is_there else None,
    )
    if not is_there:
        deed.wake()
