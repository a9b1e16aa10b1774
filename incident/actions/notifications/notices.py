"""Notices: notify departments of an incident and of their tasks."""

from collections.abc import Iterable, Sequence

from incident.actions.notifications.escalation import open_notice
from incident.actions.notifications.outbox import TASK_CREATED, insert_message
from incident.actions.unit_of_work import UnitOfWork
from incident.core.notifications.policy import Policy
from incident.core.notifications.subject import Subject
from incident.store.db.database import db
from incident.store.directory import contact_addresses
from incident.store.directory.departments import Contact, Department
from incident.store.incidents import lookups
from incident.store.incidents.incidents import Incident, IncidentDepartment
from incident.store.notifications import messages, notices
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task


def notify_first(
    uow: UnitOfWork, incident: Incident, responsible: Iterable[Department], tasks: Iterable[Task] = ()
) -> bool:
    """Notify the departments of a newly opened incident within the caller's transaction.

    Each gets one notice, which lists its tasks.

    Returns whether any contact was notified.

    Args:
        uow: the caller's unit of work.
        incident: the incident.
        responsible: the departments named for it, the leading one first.
        tasks: the tasks; their departments are notified too.
    """
    to_notify = {department.id: department for department in responsible}
    for task in tasks:
        if task.department_id is not None and task.department_id not in to_notify:
            to_notify[task.department_id] = db.session.get_one(Department, task.department_id)
    opened = []
    for place, department in enumerate(to_notify.values()):
        uow.insert(IncidentDepartment, incident_id=incident.id, department_id=department.id, place=place)
        opened.append(open_handling_notice(uow, incident, department))
    return any(not notice.is_unreached for notice in opened)


def notify_department(
    uow: UnitOfWork, incident: Incident, department: Department, tasks: Iterable[Task] = ()
) -> Notice:
    """Notify a department of an incident within the caller's transaction.

    Open its one notice, or send later tasks under it.

    Args:
        uow: the caller's unit of work.
        incident: the incident.
        department: the recipient.
        tasks: its tasks; a new notice lists them, under an older one each is sent as `task.created`.
    """
    notice = notices.notice_of(incident.id, department.id)
    if notice is None:
        lookups.put_department_on(incident.id, department.id)
        return open_handling_notice(uow, incident, department)
    for task in tasks:
        for contact in _told_so_far(uow, notice):
            insert_message(uow, notice, contact, TASK_CREATED, task=task)
    return notice


def open_handling_notice(uow: UnitOfWork, incident: Incident, department: Department) -> Notice:
    """Ask a department within the caller's transaction to handle an incident."""
    return open_notice(uow, Subject("incident", incident.id), "handling", incident, department)


def _told_so_far(uow: UnitOfWork, notice: Notice) -> Sequence[Contact]:
    """Return the notified contacts: those up to the level or, where levels name people, theirs."""
    if not any(level.notify for level in Policy.from_json(notice.policy).levels):
        return contact_addresses.contacts_up_to(notice.department_id, notice.level)
    uow.flush()
    return messages.notified_contacts(notice.id)


def notify_tasks(uow: UnitOfWork, incident: Incident, tasks: Iterable[Task]) -> None:
    """Notify each department of the tasks that were opened for it within the caller's transaction."""
    by_department: dict[int, list[Task]] = {}
    for task in tasks:
        if task.department_id is not None:
            by_department.setdefault(task.department_id, []).append(task)
    for department_id, its_tasks in by_department.items():
        notify_department(uow, incident, db.session.get_one(Department, department_id), its_tasks)
