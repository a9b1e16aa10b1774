"""Outbox: the messages of a notice, written within the caller's transaction and sent after its commit."""

import datetime as dt
import uuid
from collections.abc import Sequence

from incident.actions.notifications.default_departments import default_departments
from incident.actions.notifications.recipients import Recipient
from incident.actions.unit_of_work import UnitOfWork
from incident.core.notifications.message import INBOX
from incident.store.directory import contact_addresses, people
from incident.store.directory.contact_addresses import ContactAddress
from incident.store.directory.departments import Contact
from incident.store.incidents import lookups
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task

CREATED = "notice.created"
TASK_CREATED = "task.created"
DECLINED = "notice.declined"
REMINDER = "notice.reminder"


def insert_message(
    uow: UnitOfWork,
    notice: Notice,
    contact: ContactAddress | Contact,
    kind: str,
    recipient: Recipient | None = None,
    at: dt.datetime | None = None,
    task: Task | None = None,
) -> None:
    """Insert a message; in an inbox of this program it is delivered with the commit.

    Args:
        uow: the caller's unit of work.
        notice: its notice.
        contact: its recipient.
        kind: such as `notice.created`.
        recipient: the owner of the contact, and its position.
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
        person_id=None if recipient is None else recipient.person_id,
        task_id=None if task is None else task.id,
        level=notice.level,
        round=notice.round,
        turn=0 if recipient is None else recipient.turn,
        state="sent" if is_there else "pending",
        created_at=uow.now,
        next_attempt_at=at or uow.now,
        ended_at=uow.now if is_there else None,
    )
    if not is_there:
        uow.wake_scheduler()


def notify_coordinators(uow: UnitOfWork, notice: Notice, kind: str = DECLINED) -> list[str]:
    """Write the messages that a department has declined, or others; return the names of the contacts.

    All coordinators are notified by their own contacts. Where none of them has one: the first level of the department
    that leads the incident or, when that one declined, of the default departments of the rules.
    """
    found = coordinator_contacts(notice) or _of_lead(notice) or _of_default(notice)
    unique = {contact.id: contact for contact in found}.values()
    for contact in unique:
        insert_message(uow, notice, contact, kind)
    return [contact.name for contact in unique]


def coordinator_contacts(notice: Notice) -> Sequence[ContactAddress]:
    """Return the contacts of all coordinators."""
    recipients = contact_addresses.contacts_of_people(notice.department_id, people.people_of_role("coordinator"))
    return [contact for contacts in recipients.values() for contact in contacts]


def _of_lead(notice: Notice) -> Sequence[ContactAddress]:
    on_it = [] if notice.incident_id is None else lookups.responsible_on(notice.incident_id)
    if not on_it or on_it[0] == notice.department_id:
        return ()
    return contact_addresses.contacts_at(on_it[0], 1)


def _of_default(notice: Notice) -> Sequence[ContactAddress]:
    others = [one.id for one in default_departments() if one.id != notice.department_id]
    return [contact for department_id in others for contact in contact_addresses.contacts_at(department_id, 1)]
