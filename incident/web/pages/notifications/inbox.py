"""The inbox of a department: open notices and tasks, designed for use with a thumb on a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import structlog
from flask import request
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from incident.actions.notifications.notice_events import note_seen
from incident.core.notifications import notice as rules_of_notice
from incident.core.playbooks.question import Question
from incident.core.values import access as rules
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.journal import journal
from incident.store.playbooks.tasks import Task
from incident.store.queries import start_requests, urgent_work
from incident.store.queries.notice_list import list_notices
from incident.store.queries.own_review_actions import own_open_actions
from incident.store.queries.start_requests import StartRequest
from incident.store.queries.urgent_work import Assignment
from incident.store.queries.waiting_approvals import second_person_work
from incident.store.queries.work_filter import WorkFilter
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.duty.handovers import unconfirmed
from incident.web.pages.duty.own_duty import own_duty
from incident.web.pages.frame import Page, is_permitted, render
from incident.web.pages.notifications.inbox_across import across, filters_shown, is_real_only, only_late_at
from incident.web.pages.notifications.inbox_notices import InboxNotice, inbox_notices
from incident.web.pages.notifications.own_news import own_news
from incident.web.pages.playbooks.approvals import approvals_of
from incident.web.pages.playbooks.assignees import assignees_of, may_take
from incident.web.pages.playbooks.filings import FilingView, filing_views
from incident.web.pages.playbooks.questions import questions_by_task
from incident.web.pages.reports.urgent_reports import urgent_notices_shown
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import documents_for_caller
from incident.web.security.paper_access import papers_for_caller
from incident.web.security.visible import facts_of_each

MAX_SHOWN = 30
ASSIGNMENTS: Final[tuple[Assignment, ...]] = get_args(Assignment)
NO_DEPARTMENT = 0


@dataclass(frozen=True)
class InboxTask:
    """A task in the inbox with its questions, who does it, and to whom the viewer may give it."""

    task: Task
    incident: Incident
    department: Department | None
    may_complete: bool
    questions: Sequence[Question]
    assignee: Person | None
    assignees: Sequence[tuple[str, str]]
    is_own: bool
    may_take: bool
    filing: FilingView | None = None


@pages.get("/inbox")
@needs("notice.read")
def inbox() -> Page:
    """Show the open work of the viewer, or across departments, what runs out first on top."""
    seq = journal.last_change_of(None)  # first of all: the stream reports every change after this entry
    code = typed_department(request.args.get("department", "").strip())
    chosen = departments.department_by_code(code) if code and code.isprintable() else None
    is_across = _is_across(chosen)
    requests = _requests()
    template = "inbox/live.html" if request.headers.get("HX-Request") else "inbox/inbox.html"
    return render(
        template,
        chosen=chosen,
        filters=filters_shown(),
        given=request.form,
        handovers=unconfirmed(),
        can_choose=_may_choose(),
        is_across=is_across,
        news=own_news(),
        own=departments.departments_of({one for one in access.viewer().department_ids if isinstance(one, int)}),
        seq=seq,
        requests=requests,
        documents=documents_for_caller(MAX_SHOWN),
        papers=papers_for_caller(MAX_SHOWN),
        urgent=urgent_notices_shown(),
        review_actions=own_open_actions(access.viewer(), MAX_SHOWN),
        present=now(),
        approvals=approvals_of(row for row, _ in requests),
        **_second_person(),
        **(_across(chosen) if is_across else _own_work()),
    )


def _may_choose() -> bool:
    return access.viewer().role != "department"


def _is_across(chosen: Department | None) -> bool:
    """Return whether the work of all departments is shown: to coordinators, and to people without a department."""
    if not _may_choose():
        return False
    view = request.args.get("view")
    if chosen is not None or view == "all":
        return True
    is_coordinating = is_permitted("notice.withdraw") or require_caller().department_id is None
    return is_coordinating and view != "mine"


def _own_work() -> dict[str, Any]:
    viewer = access.viewer()
    waiting = inbox_notices(urgent_work.urgent_notices(viewer, _wanted(), None, 0, MAX_SHOWN))
    _note_seen(waiting)
    in_hand = [
        one for state in rules_of_notice.IN_HAND for one in list_notices(viewer, _wanted(state), None, MAX_SHOWN)
    ]
    return {
        "duty": own_duty(),
        "notices": waiting,
        "in_hand": [one for one in inbox_notices(in_hand) if not one.is_over],
        "tasks": _tasks(urgent_work.assigned_tasks(viewer, _wanted(), ASSIGNMENTS, MAX_SHOWN)),
    }


def _across(chosen: Department | None) -> dict[str, Any]:
    """Return the work of departments, with the tasks that were given to the viewer on top."""
    own = {} if chosen else _tasks(urgent_work.assigned_tasks(access.viewer(), _wanted(), ["own"], MAX_SHOWN))
    return across(chosen) | {"own_tasks": own.get("own", ())}


def _requests() -> Sequence[Row[StartRequest, Incident]]:
    """Return the requests to start a playbook that the viewer may start or approve."""
    if not (is_permitted("run.start") or is_permitted("playbook.approve")):
        return ()
    return start_requests.list_requests(access.viewer(), None, None, MAX_SHOWN)


def _second_person() -> dict[str, Any]:
    """Return what the viewer may confirm as the second person, and decisions that somebody must look at again."""
    if require_caller().person_id is None or not is_permitted("incident.change"):
        return {"proposals": (), "reviews": ()}
    proposals, reviews = second_person_work(access.viewer(), now(), MAX_SHOWN)
    return {"proposals": proposals, "reviews": reviews}


def _wanted(state: str | None = None) -> WorkFilter:
    """Return the filter of the viewer's own work; a person without a department has none."""
    own = require_caller().department_id or NO_DEPARTMENT
    return WorkFilter(department_id=own, state=state, is_real=is_real_only(), late_at=only_late_at())


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


def _tasks(assigned: Mapping[Assignment, Sequence[Task]]) -> Mapping[Assignment, Sequence[InboxTask]]:
    rows = [one for some in assigned.values() for one in some]
    found = incidents_by_id({one.incident_id for one in rows})
    known = departments.departments_of({one.department_id for one in rows if one.department_id})
    filings = filing_views(rows)
    asked, facts, viewer = questions_by_task(rows), facts_of_each(found.values(), ()), access.viewer()
    people = {one: db.session.get_one(Person, one) for one in {task.assignee_id for task in rows} if one is not None}
    shown = {
        one.id: InboxTask(
            one,
            found[one.incident_id],
            known.get(one.department_id or 0),
            rules.may_complete_task(viewer, _on_it(one), facts[one.incident_id]),
            asked.get(one.id, ()),
            assignee=None if one.assignee_id is None else people[one.assignee_id],
            assignees=assignees_of(one),
            is_own=one.assignee_id is not None and one.assignee_id == viewer.person_id,
            may_take=may_take(one),
            filing=filings.get(one.id),
        )
        for one in rows
    }
    return {assignment: [shown[one.id] for one in some] for assignment, some in assigned.items()}


def _on_it(task: Task) -> frozenset[int]:
    return frozenset() if task.department_id is None else frozenset({task.department_id})
