"""Contents and recipients of messages, looked up for many at once."""

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, and_, bindparam, select

from incident.core.notifications.subject import Purpose
from incident.store.db.database import db
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.directory.departments import Contact, Department
from incident.store.incidents.incidents import Incident
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task


class MessageContext(NamedTuple):
    """The data of one message."""

    notice: int
    policy: dict[str, Any]
    level: int
    round: int
    opened_at: dt.datetime
    next_at: dt.datetime | None
    reason: str | None
    department: str
    incident: str | None
    title: str | None
    grade: int | None
    category: str | None
    tlp: str | None
    is_exercise: bool
    task_id: int | None
    task: str
    task_due_at: dt.datetime | None
    task_why: str | None
    purpose: Purpose
    subject_type: str
    subject_id: int
    clock: int | None
    regime_hash: str | None
    stage: str | None
    due_at: dt.datetime | None


_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_AROUND = (
    select(
        Message.id,
        Notice.id,
        Notice.policy,
        Notice.level,
        Notice.round,
        Notice.opened_at,
        Notice.next_at,
        Notice.reason,
        Department.name,
        Incident.number,
        Incident.title,
        Incident.grade,
        Incident.category,
        Incident.tlp,
        Incident.speed.is_not(None),
        Task.id,
        Task.title,
        Task.due_at,
        Task.why,
        Notice.purpose,
        Notice.subject_type,
        Notice.subject_id,
        IncidentClock.id,
        IncidentClock.regime_hash,
        IncidentClock.stage,
        IncidentClock.due_at,
    )
    .join(Notice, Notice.id == Message.notice_id)
    .join(Department, Department.id == Notice.department_id)
    .outerjoin(Incident, Incident.id == Message.incident_id)
    .outerjoin(Task, Task.id == Message.task_id)
    .outerjoin(IncidentClock, and_(Notice.subject_type == "clock", IncidentClock.id == Notice.subject_id))
    .where(Message.id.in_(_IDS))
)
_CONTACTS = select(Contact).where(Contact.id.in_(_IDS))
"""Compiled once: building them takes longer than executing them."""


def message_contexts(message_ids: Collection[int]) -> dict[int, MessageContext]:
    """Return the data of messages by the message's id."""
    if not message_ids:
        return {}
    found = db.session.connection().execute(_AROUND, {"ids": list(message_ids)})
    return {row[0]: MessageContext(*row[1:]) for row in found}


def contact_rows(ids: Collection[int]) -> dict[int, Contact]:
    """Return contacts by id."""
    if not ids:
        return {}
    return {contact.id: contact for contact in db.session.scalars(_CONTACTS, {"ids": sorted(ids)})}
