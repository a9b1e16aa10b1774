"""Notices: departments are told of an incident, go on to the next level, answer, and are told no more."""

from collections.abc import Iterable, Sequence

from incident.actions.notifications import answers
from incident.actions.notifications import escalation as telling
from incident.actions.unit_of_work import Deed
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


def tell_first(deed: Deed, incident: Incident, responsible: Iterable[Department], tasks: Iterable[Task] = ()) -> bool:
    """Tell the departments of an incident that was just opened, inside its deed: one notice each, tasks listed in it.

    Returns whether there was a contact to tell.

    Args:
        deed: the deed that this is part of.
        incident: what happened.
        responsible: the departments named for it, the leading one first.
        tasks: what is to be done; their departments are told too.
    """
    told = {department.id: department for department in responsible}
    for task in tasks:
        if task.department_id is not None and task.department_id not in told:
            told[task.department_id] = db.session.get_one(Department, task.department_id)
    opened = []
    for place, department in enumerate(told.values()):
        deed.put(IncidentDepartment, incident_id=incident.id, department_id=department.id, place=place)
        opened.append(telling.open_notice(deed, incident, department))
    return any(not notice.is_untold for notice in opened)


def tell(deed: Deed, incident: Incident, department: Department, tasks: Iterable[Task] = ()) -> Notice:
    """Tell a department of an incident inside a deed: open its one notice, or send later tasks under it.

    Args:
        deed: the deed that this is part of.
        incident: what happened.
        department: who is told.
        tasks: what it has to do; a fresh notice lists them, under an older one each goes out as `task.created`.
    """
    notice = notices.notice_of(incident.id, department.id)
    if notice is None:
        incidents.put_department_on(incident.id, department.id)
        return telling.open_notice(deed, incident, department)
    for task in tasks:
        for contact in _told_so_far(deed, notice):
            telling.add_message(deed, notice, contact, telling.TASK_CREATED, task)
    return notice


def _told_so_far(deed: Deed, notice: Notice) -> Sequence[Contact]:
    """Return who was told: the contacts up to the level or, where levels name people, those whom they were."""
    if not any(level.tell for level in Policy.from_json(notice.policy).levels):
        return departments.contacts_up_to(notice.department_id, notice.level)
    deed.write()
    return messages.contacts_told(notice.id)


def reckon_anew(deed: Deed, incident: Incident) -> None:
    """Let the next levels of an incident come earlier, inside a deed, where its new grade has them wait less.

    What quiet hours have held is told at once when they do not hold the new grade; nothing is put off.
    """
    for notice in notices.notices_of(incident.id):
        policy = Policy.from_json(notice.policy)
        if notice.next_at is None or policy.is_plain or not rules.is_waiting(notice.state, policy.until):
            continue
        since = incident.pace.to_drill(notice.opened_at if notice.level == 0 else notice.told_at or notice.opened_at)
        next_at = escalation.anew(policy, notice.level, notice.round, since, telling.around(notice, policy))
        due_at = max(incident.pace.to_real(next_at), deed.now)
        if due_at < notice.next_at:
            notice.next_at = due_at
            notice.version += 1
            deed.write()
            timers.cancel_notice_timers(notice.id, deed.now)
            telling.set_timer(deed, notice, due_at)


def tell_tasks(deed: Deed, incident: Incident, tasks: Iterable[Task]) -> None:
    """Tell each department the tasks that were opened for it, inside a deed."""
    by_department: dict[int, list[Task]] = {}
    for task in tasks:
        if task.department_id is not None:
            by_department.setdefault(task.department_id, []).append(task)
    for department_id, its_tasks in by_department.items():
        tell(deed, incident, db.session.get_one(Department, department_id), its_tasks)


def tell_next_level(deed: Deed, notice: Notice) -> None:
    """Go on to the next level of a notice that waits for an answer, or end it as exhausted, inside a deed."""
    if not rules.is_waiting(notice.state, answers.until_of(notice)):
        return
    policy = Policy.from_json(notice.policy)
    at, around = telling.pace_of(notice).to_drill(deed.now), telling.around(notice, policy)
    step = escalation.next_after(policy, notice.level, notice.round, at, around)
    subject = f"notice:{notice.id}"
    notice.version += 1
    if isinstance(step, escalation.Exhausted):
        notice.state, notice.next_at = rules.after(answers.state_of(notice), "exhausted"), None
        notice.ended_at = deed.now if notice.state == "exhausted" else None  # a declined one stays so
        answers.note(deed, notice, "exhausted", answers.Trace("clock"))
        deed.enter("notice.exhausted", subject, {"round": notice.round}, telling.number_of(notice))
        return
    telling.tell_level(deed, notice, policy, step, telling.CREATED if notice.level == 0 else "notice.escalated")


def tell_again(deed: Deed, incident: Incident) -> None:
    """Begin the notices of a reopened incident anew, inside a deed, by the policies that hold now."""
    for notice in notices.notices_of(incident.id):
        begin_anew(deed, notice)


def begin_anew(deed: Deed, notice: Notice) -> None:
    """Start a notice again inside a deed: what was to come is cancelled, and its first level is told."""
    deed.write()
    timers.cancel_notice_timers(notice.id, deed.now)
    messages.cancel_messages(notice.id, deed.now)
    telling.begin_anew(deed, notice)


def tell_new_contact(deed: Deed, contact: Contact) -> None:
    """Give a new contact, inside a deed, the notices of its department that nobody could be told of.

    One whose levels have all passed in the meantime begins anew.
    """
    for notice_id, incident_id in notices.untold_of(contact.department_id):
        incident = incidents.hold(incident_id)
        notice = db.session.get_one(Notice, notice_id, populate_existing=True)
        if not notice.is_untold:
            continue
        if notice.state == "exhausted":
            begin_anew(deed, notice)
        elif _is_told_by_now(deed, notice, contact):
            telling.add_message(deed, notice, contact, telling.CREATED)
            telling.be_told(notice, incident)
            notice.version += 1
            deed.enter("notice.told", f"notice:{notice.id}", {"contacts": [contact.name]}, incident.number)


def _is_told_by_now(deed: Deed, notice: Notice, contact: Contact) -> bool:
    """Tell whether a contact would be told at one of the levels up to that at which a notice stands."""
    finder, levels = telling.finder_of(deed), Policy.from_json(notice.policy).levels
    department = db.session.get_one(Department, notice.department_id)
    at = telling.pace_of(notice).to_drill(deed.now)
    found = (finder.find(department, levels[number - 1], number, at) for number in range(1, notice.level + 1))
    return any(way.contact.id == contact.id for one in found for way in one.ways)
