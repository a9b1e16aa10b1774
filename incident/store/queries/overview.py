"""Summary queries for pages: notification counts, pending work, unreachable departments.

Rows the viewer may not see are excluded.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, exists, func, select

from incident.core.notifications.notice import UNANSWERED
from incident.core.values.access import Viewer
from incident.store.db.database import db, table_of
from incident.store.directory.departments import Contact, Department
from incident.store.directory.people import Person, Token
from incident.store.incidents.incidents import Incident
from incident.store.notifications.messages import Message
from incident.store.notifications.notice_departments import is_notified
from incident.store.notifications.notices import Notice
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer
from incident.store.queries.visibility import visible_incidents
from incident.store.reports.reports import Report

COUNT_MOST = 99
"""Upper limit of a count on a page, so that it costs the same on a large instance."""

WAITING = UNANSWERED


@dataclass
class NotificationProgress:
    """Progress of the departments of one incident; `next_at` is when the next level is notified."""

    waiting: int = 0
    acknowledged: int = 0
    accepted: int = 0
    declined: int = 0
    exhausted: int = 0
    untold: int = 0
    next_at: dt.datetime | None = None


def notification_progress(incident_ids: Collection[int]) -> Mapping[int, NotificationProgress]:
    """Return the progress of the departments of each incident."""
    query = select(Notice.incident_id, Notice.state, Notice.is_untold, Notice.next_at)
    found = {one: NotificationProgress() for one in incident_ids}
    for incident_id, state, is_untold, next_at in db.session.execute(
        query.where(Notice.incident_id.in_(list(incident_ids)))
    ):
        _count(found[incident_id], state, is_untold, next_at)
    return found


def _count(told: NotificationProgress, state: str, is_untold: bool, next_at: dt.datetime | None) -> None:
    told.acknowledged += state == "acknowledged"
    told.accepted += state in ("accepted", "done")
    told.declined += state == "declined"
    told.exhausted += state == "exhausted"
    told.untold += is_untold and state in WAITING
    told.waiting += state == "open"
    if next_at is not None:  # an acknowledged notice goes on too where its policy requires that somebody accepts
        told.next_at = min(next_at, told.next_at or next_at)


def unreached_notices(viewer: Viewer, limit: int = 20) -> Sequence[Row[int, str, str, str, str, str]]:
    """Return the notices that reached no contact, oldest first, without exercises.

    Each row has notice, number, title, department and TLP.
    """
    query = (
        select(Notice.id, Incident.number, Incident.title, Department.code, Department.name, Incident.tlp)
        .join(Incident, Incident.id == Notice.incident_id)
        .join(Department, Department.id == Notice.department_id)
        .where(Notice.is_untold.is_(True), Notice.state.in_(WAITING), Incident.speed.is_(None))
    )
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    return db.session.execute(query.order_by(Notice.id).limit(limit)).all()


def declined_notices(viewer: Viewer, limit: int = 20) -> Sequence[Row[int, str, str, str, str | None, str | None, str]]:
    """Return the declined notices that nobody has taken on since, without exercises.

    Each row has notice, number, title, department, reason and TLP. A notice is settled when another department is named
    afterwards, when somebody accepts it, and when it is withdrawn.
    """
    later = table_of(Notice).alias("later")
    query = (
        select(
            Notice.id, Incident.number, Incident.title, Department.name, Notice.answered_by, Notice.reason, Incident.tlp
        )
        .join(Incident, Incident.id == Notice.incident_id)
        .join(Department, Department.id == Notice.department_id)
        .where(Notice.state == "declined", Incident.speed.is_(None))
        .where(~exists().where(later.c.incident_id == Notice.incident_id, later.c.opened_at > Notice.answered_at))
    )
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    return db.session.execute(query.order_by(Notice.id).limit(limit)).all()


def waiting_notices(department_ids: Collection[int | str]) -> int:
    """Count the notices of some departments that wait for an answer."""
    own = [one for one in department_ids if isinstance(one, int)]
    return _count_some(select(Notice.id).where(Notice.state.in_(WAITING), is_notified(own)))


def received_reports() -> int:
    """Count the reports that nobody has examined."""
    return _count_some(select(Report.id).where(Report.state == "received"))


def _count_some(query: Select[int]) -> int:
    few = query.limit(COUNT_MOST).subquery()
    return db.session.scalar(select(func.count()).select_from(few)) or 0


def incidents_by_id(incident_ids: Collection[int]) -> Mapping[int, Incident]:
    """Return incidents by id."""
    found = db.session.scalars(select(Incident).where(Incident.id.in_(list(incident_ids))))
    return {incident.id: incident for incident in found}


def contacts_by_key(contact_ids: Collection[int]) -> Mapping[int, Contact]:
    """Return contacts by id."""
    found = db.session.scalars(select(Contact).where(Contact.id.in_(list(contact_ids))))
    return {contact.id: contact for contact in found}


def incidents_by_number(numbers: Collection[str]) -> Mapping[str, Incident]:
    """Return incidents by number."""
    found = db.session.scalars(select(Incident).where(Incident.number.in_(list(numbers))))
    return {incident.number: incident for incident in found}


def latest_messages(
    viewer: Viewer, before: int | None, limit: int, incident_id: int | None = None
) -> Sequence[Message]:
    """Return messages of visible incidents, or of one of them, newest first, with ids below the given one."""
    query = select(Message).join(Incident, Incident.id == Message.incident_id)
    if incident_id is not None:
        query = query.where(Message.incident_id == incident_id)
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    if before is not None:
        query = query.where(Message.id < before)
    return db.session.scalars(query.order_by(Message.id.desc()).limit(limit)).all()


def all_people() -> Sequence[Person]:
    """Return all present and former users by name."""
    return db.session.scalars(select(Person).order_by(Person.is_active.desc(), Person.name, Person.id)).all()


def all_tokens() -> Sequence[Token]:
    """Return the tokens, live ones first, newest first."""
    return db.session.scalars(select(Token).order_by(Token.revoked_at.is_(None).desc(), Token.id.desc())).all()


def contact_counts(department_ids: Collection[int]) -> Mapping[int, int]:
    """Return the number of active contacts of each of these departments."""
    query = select(Contact.department_id, func.count()).where(
        Contact.switched_off_at.is_(None), Contact.department_id.in_(list(department_ids))
    )
    return dict(db.session.execute(query.group_by(Contact.department_id)).all())


def failing_timers(limit: int = 20) -> Sequence[Timer]:
    """Return pending timers that failed, worst first."""
    query = select(Timer).where(Timer.state == "pending", Timer.failures > 0)
    return db.session.scalars(query.order_by(Timer.failures.desc()).limit(limit)).all()


def pending_counts(now: dt.datetime) -> tuple[int, int]:
    """Count the due timers and the messages to send, up to `COUNT_MOST`."""
    due = select(Timer.id).where(Timer.state == "pending", Timer.due_at <= now)
    unsent = select(Message.id).where(Message.state.in_(("pending", "sending")))
    return _count_some(due), _count_some(unsent)


def names_of_things(subjects: Collection[str]) -> Mapping[str, str]:
    """Return the display names of notices, tasks and runs among references such as `notice:7`."""
    notices = select(Notice.id, Department.name).join(Department, Department.id == Notice.department_id)
    names: dict[str, str] = {}
    for kind, query, key in (
        ("notice", notices, Notice.id),
        ("task", select(Task.id, Task.title), Task.id),
        ("run", select(Run.id, Run.name), Run.id),
    ):
        ids = [int(one.partition(":")[2]) for one in subjects if one.startswith(f"{kind}:")]
        if ids:
            names |= {f"{kind}:{one}": name for one, name in db.session.execute(query.where(key.in_(ids)))}
    return names


def names_by_code() -> Mapping[str, str]:
    """Return the name of every department by its code."""
    return dict(db.session.execute(select(Department.code, Department.name)).all())
