"""The inbox of a department: open notices and tasks, designed for use with a thumb on a phone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from flask import request
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from incident.actions.notifications.notice_events import note_seen
from incident.core.notifications import notice as rules_of_notice
from incident.core.notifications.notice import NoticeEventKind, State
from incident.core.playbooks.question import Question
from incident.core.values import access as rules
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.journal import journal
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task
from incident.store.queries import start_requests
from incident.store.queries.notice_list import list_notices
from incident.store.queries.start_requests import StartRequest
from incident.store.queries.task_list import list_tasks
from incident.store.queries.work_filter import WorkFilter
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.frame import Page, is_permitted, render
from incident.web.pages.playbooks.approvals import approvals_of
from incident.web.pages.playbooks.questions import questions_by_task
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

MAX_SHOWN = 100
FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class InboxNotice:
    """A notice in the inbox; the incident's content is only shown to viewers who may see it."""

    notice: Notice
    incident: Incident
    department: Department
    is_readable: bool
    may_answer: bool

    @property
    def possible(self) -> frozenset[NoticeEventKind]:
        """The answers that would change the state."""
        return possible_of(self.notice, self.incident) if self.may_answer else frozenset()


def possible_of(notice: Notice, incident: Incident) -> frozenset[NoticeEventKind]:
    """Return the possible answers to a notice; on a closed incident, work cannot be accepted or declined."""
    stands: State = next(one for one in rules_of_notice.STATES if one == notice.state)
    kinds = {kind for kind in rules_of_notice.MOVES if rules_of_notice.is_possible(stands, kind)} - {"exhausted"}
    return frozenset(kinds - {"accepted", "declined"} if incident.status == "closed" else kinds)


@dataclass(frozen=True)
class InboxTask:
    """A task in the inbox with its questions."""

    task: Task
    incident: Incident
    department: Department | None
    may_complete: bool
    questions: Sequence[Question]


@pages.get("/inbox")
@needs("notice.read")
def inbox() -> Page:
    """Show the open work of the viewer's departments, in order of the due time."""
    seq = journal.last_change_of(None)  # first of all: the stream reports every change after this entry
    code = typed_department(request.args.get("department", "").strip())
    chosen = departments.department_by_code(code) if code and code.isprintable() else None
    waiting = _notices(chosen, rules_of_notice.UNANSWERED)
    _note_seen(waiting)
    requests = _requests()
    template = "inbox/live.html" if request.headers.get("HX-Request") else "inbox/inbox.html"
    return render(
        template,
        chosen=chosen,
        given=request.form,
        can_choose=access.viewer().role != "department",
        own=departments.departments_of({one for one in access.viewer().department_ids if isinstance(one, int)}),
        in_hand=[one for one in _notices(chosen, rules_of_notice.IN_HAND) if one.incident.status != "closed"],
        notices=waiting,
        seq=seq,
        requests=requests,
        approvals=approvals_of(row for row, _ in requests),
        tasks=_tasks(chosen),
    )


def _requests() -> Sequence[Row[StartRequest, Incident]]:
    """Return the requests to start a playbook that the viewer may start or approve."""
    if not (is_permitted("run.start") or is_permitted("playbook.approve")):
        return ()
    return start_requests.list_requests(access.viewer(), None, None, MAX_SHOWN)


def _wanted(chosen: Department | None) -> int | None:
    """Return the department whose work is shown: the selected one, else the viewer's own, else None for all."""
    return chosen.id if chosen is not None else require_caller().department_id


def _note_seen(shown: Sequence[InboxNotice]) -> None:
    """Record what a member of the department sees here; only for people who are signed in."""
    asking = require_caller()
    own = asking.viewer.department_ids
    seen = [one.notice.id for one in shown if one.department.id in own]
    if asking.person_id is None or not seen:
        return
    try:
        note_seen(seen, asking.actor, now())
    except SQLAlchemyError as error:  # recording that it was seen matters less than the page itself
        db.session.rollback()
        structlog.get_logger().warning("seen notices could not be recorded", error=str(error))


def _notices(chosen: Department | None, states: Sequence[str]) -> Sequence[InboxNotice]:
    rows: list[Notice] = []
    for state in states:
        wanted = WorkFilter(department_id=_wanted(chosen), state=state)
        rows += list_notices(access.viewer(), wanted, None, MAX_SHOWN)
    found = incidents_by_id({one.incident_id for one in rows})
    known = departments.departments_of({one.department_id for one in rows})
    views = [_notice(one, found[one.incident_id], known[one.department_id]) for one in rows]
    return sorted(views, key=lambda view: (view.notice.state == "open", view.notice.next_at or FAR))


def _notice(notice: Notice, incident: Incident, department: Department) -> InboxNotice:
    facts = access.incident_facts(incident)
    viewer = access.viewer()
    return InboxNotice(
        notice,
        incident,
        department,
        rules.may_see_incident(viewer, facts),
        access.may_answer(notice, facts),
    )


def _tasks(chosen: Department | None) -> Sequence[InboxTask]:
    wanted = WorkFilter(department_id=_wanted(chosen), state="open")
    rows = list_tasks(access.viewer(), wanted, None, MAX_SHOWN)
    found = incidents_by_id({one.incident_id for one in rows})
    known = departments.departments_of({one.department_id for one in rows if one.department_id})
    asked = questions_by_task(rows)
    views = [
        _task(one, found[one.incident_id], known.get(one.department_id or 0), asked.get(one.id, ())) for one in rows
    ]
    return sorted(views, key=lambda view: view.task.due_at or FAR)


def _task(task: Task, incident: Incident, department: Department | None, asked: Sequence[Question]) -> InboxTask:
    on_it = frozenset() if task.department_id is None else frozenset({task.department_id})
    may = rules.may_complete_task(access.viewer(), on_it, access.incident_facts(incident))
    return InboxTask(task, incident, department, may, asked)
