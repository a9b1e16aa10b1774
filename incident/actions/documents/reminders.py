"""Reminders of papers, terms and services that come due: their timers, the notices and the news that these bring."""

import datetime as dt
from collections.abc import Collection
from typing import Final

from incident.actions.notifications import answers, escalation, pressing
from incident.actions.notifications.notice_events import AnswerSource
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork
from incident.core.documents.reminders import (
    MATTERS,
    Matter,
    Stage,
    is_reached,
    next_stage,
    passed_stage,
    stage_at,
)
from incident.core.notifications import notice as rules_of_notice
from incident.core.notifications.subject import Purpose, Subject
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.directory import departments, people
from incident.store.incidents import lookups
from incident.store.incidents.followers import follow
from incident.store.incidents.incidents import Incident, departments_on
from incident.store.notifications import notices
from incident.store.notifications.notices import Notice
from incident.store.playbooks import timers
from incident.store.queries.news_audience import notify_of_paperwork, who_may_see
from incident.store.queries.paperwork import Paperwork, owed_paperwork, paperwork_of

PAPERWORK: Final[Purpose] = "paperwork"
PERSON: Final = "person:"


def keep_reminders(uow: UnitOfWork, matter: Matter, key: int, *, is_moved: bool = False) -> None:
    """Set, move and cancel the timer of what may come due, within the caller's transaction.

    What is no longer owed, or has moved before its first stage again, withdraws its notices. Of a stage that has
    passed already people are reminded at once, unless a notice about it stands.

    Args:
        uow: the caller's unit of work.
        matter: `paper`, `term` or `unserved`.
        key: the id of the paper, of the service, or of the document; its incident is locked.
        is_moved: whether its time was corrected: then a stage that has passed is reminded of, also where a notice
            of an earlier one stands.
    """
    uow.flush()
    timers.cancel_timers(matter, key, uow.now)
    found = paperwork_of(matter, key)
    if found is None or found.start_at is None or found.due_at is None:
        _withdraw(uow, matter, key)
        return
    _let_follow(uow, found)
    passed = passed_stage(found.start_at, found.due_at, uow.now)
    if passed is None:
        _withdraw(uow, matter, key)
    elif not _asks_the_right(uow, matter, key, found) or (is_moved and passed != "soon"):
        insert_timer(uow, passed, uow.now, matter, key, found.row.incident_id)
        return
    _set_next(uow, matter, key, found.row.incident_id, found.start_at, found.due_at)


def remind_of_paperwork(uow: UnitOfWork, matter: str, key: int, stage: str, incident: Incident) -> None:
    """Remind of what comes due within the caller's transaction, once for all stages that have passed.

    Args:
        uow: the caller's unit of work, by the scheduler.
        matter: what has come due, as the subject of its timer says.
        key: the id of the paper, of the service, or of the document.
        stage: the stage that the timer was set for; the system clock may have been set back before it.
        incident: its incident, locked.
    """
    found = paperwork_of(matter, key)
    is_over = incident.is_exercise and incident.status == "closed"
    if is_over or found is None or found.start_at is None or found.due_at is None:
        return
    subject = Subject(_matter(matter), key)
    passed = passed_stage(found.start_at, found.due_at, uow.now)
    if passed is not None and is_reached(passed, _stage(stage)):
        asked = _departments(found)
        _withdraw(uow, _matter(matter), key, asked)
        codes = [departments.departments_of([one])[one].code for one in asked]
        _record(uow, subject, found, incident, passed, found.due_at, codes)
        for one in asked:
            _notify_department(uow, subject, incident, one, passed)
        _notify_people(uow, subject, found, incident, passed)
    _set_next(uow, subject.type, key, incident.id, found.start_at, found.due_at)


def look_at_all(uow: UnitOfWork) -> None:
    """Look again at all that is owed, after the system clock was set back.

    A stage may have begun too early. Each timer comes due at once, reminds of the stage that has truly begun, and is
    set to the next one.
    """
    for matter, key, incident_id in owed_paperwork():
        timers.cancel_timers(matter, key, uow.now)
        insert_timer(uow, "soon", uow.now, matter, key, incident_id)


def _notify_department(uow: UnitOfWork, subject: Subject, incident: Incident, department_id: int, stage: Stage) -> None:
    """Open, restart or press the notice of a department; from the due on the next levels and coordinators follow."""
    notice = notices.notice_about(subject, PAPERWORK, department_id)
    if notice is None:
        department = departments.departments_of([department_id])[department_id]
        notice = escalation.open_notice(uow, subject, PAPERWORK, incident, department)
    elif not _stands(notice):
        escalation.restart_escalation(uow, notice)
    else:
        pressing.remind_notified(uow, notice)
    if stage != "soon":
        every = len(notice.policy["levels"])
        pressing.notify_levels_up_to(uow, notice, every if stage == "late" else max(notice.level, 1) + 1)
        pressing.remind_coordinators(uow, notice)


def _notify_people(uow: UnitOfWork, subject: Subject, found: Paperwork, incident: Incident, stage: Stage) -> None:
    """Notify its keepers, and the coordinators where no department has it or the due has come."""
    is_given = found.department_id is not None and not found.is_secret
    bosses = [] if is_given and stage == "soon" else people.people_of_role("coordinator")
    words = " ".join((subject.type, stage, "" if found.is_secret else found.row.number or ""))
    audience = sorted({*_keepers(found), *bosses})
    notify_of_paperwork(incident, audience, (found.row.marking, found.keeper), words, uow.by, uow.now)


def _keepers(found: Paperwork) -> list[int]:
    return [int(one.removeprefix(PERSON)) for one in {found.keeper, *found.helpers} if one.startswith(PERSON)]


def _let_follow(uow: UnitOfWork, found: Paperwork) -> None:
    """Let its keepers follow the incident, so that mail reaches them; they may choose otherwise later."""
    incident = db.session.get_one(Incident, found.row.incident_id)
    active = [one for one in people.people_of(_keepers(found)) if one.is_active]
    for one in who_may_see(incident, active):
        follow(incident.id, one.id, uow.now)


def _departments(found: Paperwork) -> list[int]:
    """Return the department that it was given to, if it is still on the incident, else those that lead it.

    Of a work secret no department is notified.
    """
    if found.is_secret:
        return []
    incident_id = found.row.incident_id
    if found.department_id is not None and found.department_id in departments_on(incident_id):
        return [found.department_id]
    return list(lookups.leading_departments([incident_id]).get(incident_id, ()))


def _record(
    uow: UnitOfWork,
    subject: Subject,
    found: Paperwork,
    incident: Incident,
    stage: Stage,
    due_at: dt.datetime,
    codes: list[str],
) -> None:
    kind = "paper" if subject.type == "paper" else "document"
    event_type = {"paper": "paper.due", "term": "document.term_due", "unserved": "document.unserved_long"}[subject.type]
    detail = {
        "number": found.row.number,
        "title": found.row.title,
        "marking": found.row.marking,
        "stage": stage,
        "due_at": format_moment(due_at),
        "departments": codes,
    }
    uow.record(event_type, f"{kind}:{found.row.id}", detail, incident.number)


def _set_next(uow: UnitOfWork, matter: str, key: int, incident_id: int, start: dt.datetime, due: dt.datetime) -> None:
    stage = next_stage(start, due, uow.now)
    if stage is not None:
        insert_timer(uow, stage, stage_at(start, due, stage), matter, key, incident_id)


def _asks_the_right(uow: UnitOfWork, matter: Matter, key: int, found: Paperwork) -> bool:
    """Withdraw the notices of departments that it was taken from; return whether those of the others stand."""
    asked = _departments(found)
    _withdraw(uow, matter, key, asked)
    known = {one.department_id for one in notices.notices_about(Subject(matter, key), PAPERWORK) if _stands(one)}
    return bool(asked) and set(asked) <= known


def _withdraw(uow: UnitOfWork, matter: Matter, key: int, but: Collection[int] = ()) -> None:
    for notice in notices.notices_about(Subject(matter, key), PAPERWORK):
        if _stands(notice) and notice.department_id not in but:
            answers.record_answer(uow, notice, "withdrawn", AnswerSource("document"))


def _stands(notice: Notice) -> bool:
    return notice.state not in rules_of_notice.FINISHED


def _matter(name: str) -> Matter:
    return next(one for one in MATTERS if one == name)


def _stage(name: str) -> Stage:
    return "soon" if name == "soon" else "due" if name == "due" else "late"
