"""Notices: notify departments of an incident, go on to the next level, restart, stop."""

from collections.abc import Iterable, Sequence

from incident.actions.notifications import answers
from incident.actions.notifications import escalation as telling
from incident.actions.unit_of_work import UnitOfWork
from incident.core.notifications import escalation
from incident.core.notifications import notice as rules
from incident.core.notifications.policy import Policy
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Contact, Department
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident, IncidentDepartment
from incident.store.notifications import messages, notices
from incident.store.notifications.notices import Notice
from incident.store.playbooks import timers
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
    told = {department.id: department for department in responsible}
    for task in tasks:
        if task.department_id is not None and task.department_id not in told:
            told[task.department_id] = db.session.get_one(Department, task.department_id)
    opened = []
    for place, department in enumerate(told.values()):
        uow.insert(IncidentDepartment, incident_id=incident.id, department_id=department.id, place=place)
        opened.append(telling.open_notice(uow, incident, department))
    return any(not notice.is_untold for notice in opened)


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
        incidents.put_department_on(incident.id, department.id)
        return telling.open_notice(uow, incident, department)
    for task in tasks:
        for contact in _told_so_far(uow, notice):
            telling.add_message(uow, notice, contact, telling.TASK_CREATED, task)
    return notice


def _told_so_far(uow: UnitOfWork, notice: Notice) -> Sequence[Contact]:
    """Return the notified contacts: those up to the level or, where levels name people, theirs."""
    if not any(level.tell for level in Policy.from_json(notice.policy).levels):
        return departments.contacts_up_to(notice.department_id, notice.level)
    uow.flush()
    return messages.notified_contacts(notice.id)


def reschedule_escalation(uow: UnitOfWork, incident: Incident) -> None:
    """Reschedule the next levels of an incident whose new grade shortens their waits.

    A level that quiet hours have delayed is notified at once when they do not delay the new grade; nothing is
    postponed.
    """
    for notice in notices.notices_of(incident.id):
        policy = Policy.from_json(notice.policy)
        if notice.next_at is None or policy.is_plain or not rules.is_waiting(notice.state, policy.until):
            continue
        since = incident.pace.to_drill(notice.opened_at if notice.level == 0 else notice.told_at or notice.opened_at)
        next_at = escalation.rescheduled(
            policy, notice.level, notice.round, since, telling.escalation_context(notice, policy)
        )
        due_at = max(incident.pace.to_real(next_at), uow.now)
        if due_at < notice.next_at:
            notice.next_at = due_at
            notice.version += 1
            uow.flush()
            timers.cancel_notice_timers(notice.id, uow.now)
            telling.set_timer(uow, notice, due_at)


def notify_tasks(uow: UnitOfWork, incident: Incident, tasks: Iterable[Task]) -> None:
    """Notify each department of the tasks that were opened for it within the caller's transaction."""
    by_department: dict[int, list[Task]] = {}
    for task in tasks:
        if task.department_id is not None:
            by_department.setdefault(task.department_id, []).append(task)
    for department_id, its_tasks in by_department.items():
        notify_department(uow, incident, db.session.get_one(Department, department_id), its_tasks)


def notify_next_level(uow: UnitOfWork, notice: Notice) -> None:
    """Go on to the next level of an unanswered notice, or end it as exhausted.

    It runs within the caller's transaction.
    """
    if not rules.is_waiting(notice.state, answers.until_of(notice)):
        return
    policy = Policy.from_json(notice.policy)
    at, around = telling.pace_of(notice).to_drill(uow.now), telling.escalation_context(notice, policy)
    step = escalation.next_after(policy, notice.level, notice.round, at, around)
    subject = f"notice:{notice.id}"
    notice.version += 1
    if isinstance(step, escalation.Exhausted):
        notice.state, notice.next_at = rules.after(notice.state, "exhausted"), None
        notice.ended_at = uow.now if notice.state == "exhausted" else None  # a declined one stays so
        answers.record_event(uow, notice, "exhausted", answers.AnswerSource("clock"))
        uow.record("notice.exhausted", subject, {"round": notice.round}, telling.number_of(notice))
        return
    telling.notify_level(uow, notice, policy, step, telling.CREATED if notice.level == 0 else "notice.escalated")


def notify_again(uow: UnitOfWork, incident: Incident) -> None:
    """Restart the notices of a reopened incident (within the caller's transaction) by the present policies."""
    for notice in notices.notices_of(incident.id):
        restart_notice(uow, notice)


def restart_notice(uow: UnitOfWork, notice: Notice) -> None:
    """Restart a notice within the caller's transaction.

    Pending messages are cancelled, and its first level is notified.
    """
    uow.flush()
    timers.cancel_notice_timers(notice.id, uow.now)
    messages.cancel_messages(notice.id, uow.now)
    telling.restart_escalation(uow, notice)


def notify_new_contact(uow: UnitOfWork, contact: Contact) -> None:
    """Notify a new contact (within the caller's transaction) of its department's notices that reached nobody.

    A notice whose levels have all passed in the meantime is restarted.
    """
    for notice_id, incident_id in notices.unreached_of(contact.department_id):
        incident = incidents.lock_incident(incident_id)
        notice = db.session.get_one(Notice, notice_id, populate_existing=True)
        if not notice.is_untold:
            continue
        if notice.state == "exhausted":
            restart_notice(uow, notice)
        elif _is_told_by_now(uow, notice, contact):
            telling.add_message(uow, notice, contact, telling.CREATED)
            telling.mark_notified(notice, incident)
            notice.version += 1
            uow.record("notice.told", f"notice:{notice.id}", {"contacts": [contact.name]}, incident.number)


def _is_told_by_now(uow: UnitOfWork, notice: Notice, contact: Contact) -> bool:
    """Whether a contact belongs to one of the levels up to the present one of a notice."""
    finder, levels = telling.resolver_of(uow), Policy.from_json(notice.policy).levels
    department = db.session.get_one(Department, notice.department_id)
    at = telling.pace_of(notice).to_drill(uow.now)
    found = (finder.find(department, levels[number - 1], number, at) for number in range(1, notice.level + 1))
    return any(way.contact.id == contact.id for one in found for way in one.ways)
