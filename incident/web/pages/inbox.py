"""The inbox of a department: what waits for an answer and what is to be done, made for a thumb on a phone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for

from incident.actions.answers import acknowledge_notice
from incident.core import access as rules
from incident.core.faults import RuleError
from incident.core.question import Question
from incident.store import departments, journal, listing, overview
from incident.store.departments import Department
from incident.store.incidents import Incident
from incident.store.listing import WorkFilter
from incident.store.notices import Notice
from incident.store.tasks import Task
from incident.web import access
from incident.web.auth import needs, require_caller
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, go, show
from incident.web.pages.questions import questions_by_task

SHOWN_MOST = 100
FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class InboxNotice:
    """A notice in the inbox; the incident's content is shown only to who may see it."""

    notice: Notice
    incident: Incident
    department: Department
    is_readable: bool
    may_acknowledge: bool


@dataclass(frozen=True)
class InboxTask:
    """A task in the inbox, with what it asks."""

    task: Task
    incident: Incident
    department: Department | None
    may_complete: bool
    questions: Sequence[Question]


@pages.get("/inbox")
@needs("notice.read")
def inbox() -> Page:
    """Show what waits for the departments of who looks, what is due first on top."""
    return _show(200)


def again() -> Page:
    """Make the inbox again after a form of it was refused."""
    return _show(200)


def _show(status: int) -> Page:
    code = request.args.get("department", "")
    chosen = departments.department_by_code(code) if code and code.isprintable() else None
    template = "inbox/live.html" if request.headers.get("HX-Request") else "inbox/inbox.html"
    return show(
        template,
        status,
        chosen=chosen,
        given=request.form,
        departments=departments.list_departments() if access.viewer().role != "department" else (),
        own=departments.departments_of({one for one in access.viewer().department_ids if isinstance(one, int)}),
        notices=_notices(chosen),
        seq=journal.last_change_of(None),
        tasks=_tasks(chosen),
    )


def _wanted(chosen: Department | None) -> int | None:
    """Return whose work is shown: the chosen department's, else one's own, else (None) everybody's."""
    return chosen.id if chosen is not None else require_caller().department_id


def _notices(chosen: Department | None) -> Sequence[InboxNotice]:
    rows: list[Notice] = []
    for state in overview.WAITING:
        wanted = WorkFilter(department_id=_wanted(chosen), state=state)
        rows += listing.list_notices(access.viewer(), wanted, None, SHOWN_MOST)
    found = overview.incidents_by_id({one.incident_id for one in rows})
    known = departments.departments_of({one.department_id for one in rows})
    views = [_notice(one, found[one.incident_id], known[one.department_id]) for one in rows]
    return sorted(views, key=lambda view: (view.notice.state != "exhausted", view.notice.next_at or FAR))


def _notice(notice: Notice, incident: Incident, department: Department) -> InboxNotice:
    facts = access.facts_of(incident)
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
    rows = listing.list_tasks(access.viewer(), wanted, None, SHOWN_MOST)
    found = overview.incidents_by_id({one.incident_id for one in rows})
    known = departments.departments_of({one.department_id for one in rows if one.department_id})
    asked = questions_by_task(rows)
    views = [
        _task(one, found[one.incident_id], known.get(one.department_id or 0), asked.get(one.id, ())) for one in rows
    ]
    return sorted(views, key=lambda view: view.task.due_at or FAR)


def _task(task: Task, incident: Incident, department: Department | None, asked: Sequence[Question]) -> InboxTask:
    on_it = frozenset() if task.department_id is None else frozenset({task.department_id})
    may = rules.may_complete_task(access.viewer(), on_it, access.facts_of(incident))
    return InboxTask(task, incident, department, may, asked)


@pages.post("/notices/<int(max=2147483647):notice_id>/acknowledge")
@needs("notice.acknowledge")
def acknowledge_notice_page(notice_id: int) -> Page:
    """Acknowledge a notice for its department; one that is not open any more stays as it is."""
    notice = access.own_notice(notice_id)
    incident = overview.incidents_by_id({notice.incident_id})[notice.incident_id]
    number = incident.number
    try:
        has_counted = acknowledge_notice(notice_id, require_caller().actor, "inbox", now()).has_counted
    except RuleError:
        has_counted = False
    is_from_inbox = request.form.get("from") == "inbox"
    to = url_for("pages.inbox") if is_from_inbox else url_for("pages.incident", number=number)
    return go(to, "acknowledged" if has_counted else "already")
