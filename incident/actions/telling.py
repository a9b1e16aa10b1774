"""How one level of a department is told, inside a deed: its messages, the timer of the next level, the entry."""

import datetime as dt
import uuid
from collections.abc import Sequence

from incident.actions.transaction import Deed
from incident.core import escalation
from incident.core.drill import Pace
from incident.core.message import INBOX
from incident.core.policy import DEFAULT_POLICY, Policy
from incident.store import departments
from incident.store.database import db
from incident.store.departments import Contact, Department, Reached
from incident.store.incidents import Incident
from incident.store.messages import Message
from incident.store.notices import Notice
from incident.store.tasks import Task
from incident.store.timers import Timer

CREATED = "notice.created"
TASK_CREATED = "task.created"


HELD = "notice.held"


def policy_of(department: Department) -> Policy:
    """Return the escalation policy of a department, or the one level that stands for none."""
    return DEFAULT_POLICY if department.policy is None else Policy.from_json(department.policy)


def around(notice: Notice, policy: Policy) -> escalation.Circumstances:
    """Return what decides how long the levels of a notice have, looked up only where that makes a difference."""
    if policy.is_plain:
        return escalation.ANY
    return escalation.Circumstances(db.session.get_one(Incident, notice.incident_id).grade)


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
    notice.level, notice.round = _place(step)
    notice.next_at = incident.pace.to_real(step.next_at)
    deed.add(notice)
    _begin(deed, notice, step)
    return notice


def begin_anew(deed: Deed, notice: Notice) -> None:
    """Start the escalation of a notice again inside a deed, by the policy that its department has now."""
    policy = policy_of(db.session.get_one(Department, notice.department_id))
    notice.policy, notice.state, notice.opened_at = policy.to_json(), "open", deed.now
    notice.acknowledged_at = notice.acknowledged_by = notice.ended_at = None
    notice.version += 1
    _begin(deed, notice, _first(notice, policy, db.session.get_one(Incident, notice.incident_id), deed.now))


Start = escalation.Tell | escalation.Held


def _first(notice: Notice, policy: Policy, incident: Incident, now: dt.datetime) -> Start:
    return escalation.first(policy, incident.pace.to_drill(now), around(notice, policy))


def _place(step: Start) -> tuple[int, int]:
    """Return level and round; level 0 is that of a notice which quiet hours hold."""
    return (step.level, step.round) if isinstance(step, escalation.Tell) else (0, 1)


def _begin(deed: Deed, notice: Notice, step: Start) -> None:
    if isinstance(step, escalation.Tell):
        tell_level(deed, notice, step, CREATED)
        return
    next_at = _stand(notice, step)
    _set_timer(deed, notice, next_at)
    code = db.session.get_one(Department, notice.department_id).code
    deed.enter(HELD, f"notice:{notice.id}", {"department": code, "until": next_at.isoformat()}, number_of(notice))


def _stand(notice: Notice, step: Start) -> dt.datetime:
    """Write where a notice stands; return when the next level is told, in real time."""
    next_at = pace_of(notice).to_real(step.next_at)
    if (notice.level, notice.round, notice.next_at) != (*_place(step), next_at):
        notice.level, notice.round = _place(step)
        notice.next_at = next_at
    return next_at


def tell_level(deed: Deed, notice: Notice, step: escalation.Tell, verb: str) -> None:
    """Write the messages of one level, and the timer of the next; who was told goes into the journal.

    The step speaks of moments on the incident's clock, which in a drill is faster; rows hold real time.
    """
    told = _contacts_at(deed, notice.department_id, step.level)
    if not told:
        policy = Policy.from_json(notice.policy)
        reachable = departments.reachable_levels(notice.department_id)
        step = escalation.passing_over(policy, step, reachable.__contains__, around(notice, policy))
        told = _contacts_at(deed, notice.department_id, step.level)
    next_at = _stand(notice, step)
    for contact in told:
        add_message(deed, notice, contact, CREATED)
    if told:
        be_told(notice, db.session.get_one(Incident, notice.incident_id))
    elif verb == CREATED:  # at a later level somebody was told before, or nobody ever
        notice.is_untold = True
    _set_timer(deed, notice, next_at)
    code = db.session.get_one(Department, notice.department_id).code
    detail = {
        "department": code,
        "level": step.level,
        "round": step.round,
        "contacts": [contact.name for contact in told],
        "next_at": next_at.isoformat(),
    }
    deed.enter(verb, f"notice:{notice.id}", detail, number_of(notice))


def be_told(*rows: Notice | Incident) -> None:
    """Note that somebody was told of these."""
    for row in rows:
        if row.is_untold:  # what does not change is not to be written
            row.is_untold = False


def _set_timer(deed: Deed, notice: Notice, due_at: dt.datetime) -> None:
    of_run = {"run_id": None, "step": None, "visit": None}  # the columns of all timers, so that they go in together
    deed.put(Timer, kind="escalate", due_at=due_at, incident_id=notice.incident_id, **of_run, notice_id=notice.id)
    deed.wake()


def _contacts_at(deed: Deed, department_id: int, level: int) -> Sequence[Reached]:
    key = (department_id, level)
    if key not in deed.contacts:
        deed.contacts[key] = departments.contacts_at(department_id, level)
    return deed.contacts[key]


def pace_of(notice: Notice) -> Pace:
    """Return how fast the clock of a notice's incident goes."""
    return db.session.get_one(Incident, notice.incident_id).pace


def number_of(notice: Notice) -> str:
    """Return the number of a notice's incident."""
    return db.session.get_one(Incident, notice.incident_id).number


def add_message(deed: Deed, notice: Notice, contact: Reached | Contact, kind: str, task: Task | None = None) -> None:
    """Write a message that is to be sent; in an inbox of this program it is there with the commit."""
    is_there = contact.channel == INBOX
    deed.put(
        Message,
        webhook_id=f"msg_{uuid.uuid4().hex}",
        type=kind,
        notice_id=notice.id,
        incident_id=notice.incident_id,
        contact_id=contact.id,
        task_id=None if task is None else task.id,
        level=notice.level,
        round=notice.round,
        state="sent" if is_there else "pending",
        created_at=deed.now,
        next_attempt_at=deed.now,
        ended_at=deed.now if is_there else None,
    )
    if not is_there:
        deed.wake()
