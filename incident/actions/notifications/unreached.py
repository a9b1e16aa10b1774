"""Notices that reached nobody: notify when a new contact, a rota or members make somebody reachable."""

import datetime as dt

from incident.actions.notifications import escalation
from incident.actions.notifications.outbox import CREATED, insert_message
from incident.actions.notifications.recipients import RecipientResolver, resolver_of
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.notifications.policy import Policy
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department
from incident.store.incidents import incidents
from incident.store.notifications import notices
from incident.store.notifications.notices import Notice


def notify_unreached(department_id: int, by: str, now: dt.datetime) -> None:
    """Restart the notices of a department that reached nobody, when any level has recipients now.

    Args:
        department_id: whose people have changed; that was a transaction of its own, which locks no incident.
        by: who changed them.
        now: the moment (UTC).
    """
    if not notices.unreached_of(department_id) or not _is_anybody_found(department_id, now):
        return
    with transaction(by, now) as uow:
        for notice_id, incident_id in notices.unreached_of(department_id):
            notice = _lock(notice_id, incident_id)
            if notice.is_unreached:
                escalation.restart_escalation(uow, notice)


def _is_anybody_found(department_id: int, now: dt.datetime) -> bool:
    department, finder = db.session.get_one(Department, department_id), RecipientResolver()
    levels = enumerate(escalation.policy_of(department).levels, start=1)
    return any(finder.find(department, level, number, now).recipients for number, level in levels)


def notify_new_contact(uow: UnitOfWork, contact: Contact) -> None:
    """Notify a new contact (within the caller's transaction) of its department's notices that reached nobody.

    A notice whose levels have all passed in the meantime is restarted.
    """
    for notice_id, incident_id in notices.unreached_of(contact.department_id):
        notice = _lock(notice_id, incident_id)
        if not notice.is_unreached:
            continue
        if notice.state == "exhausted":
            escalation.restart_escalation(uow, notice)
        elif _is_told_by_now(uow, notice, contact):
            insert_message(uow, notice, contact, CREATED)
            escalation.mark_notified(notice)
            notice.version += 1
            escalation.record_on(uow, notice, "notice.notified", {"contacts": [contact.name]})


def _lock(notice_id: int, incident_id: int | None) -> Notice:
    if incident_id is not None:
        incidents.lock_incident(incident_id)
    return db.session.get_one(Notice, notice_id, populate_existing=True)


def _is_told_by_now(uow: UnitOfWork, notice: Notice, contact: Contact) -> bool:
    """Whether a contact belongs to one of the levels up to the present one of a notice."""
    finder, levels = resolver_of(uow), Policy.from_json(notice.policy).levels
    department = db.session.get_one(Department, notice.department_id)
    at = escalation.pace_of(notice).to_drill(uow.now)
    found = (finder.find(department, levels[number - 1], number, at) for number in range(1, notice.level + 1))
    return any(recipient.contact.id == contact.id for one in found for recipient in one.recipients)
