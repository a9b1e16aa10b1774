"""The inbox across departments: what waits for an answer and which tasks are open, what runs out first on top."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from flask import request, url_for

from incident.core.values.error_messages import N_
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.directory.people import names_of_people
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.playbooks.tasks import Task
from incident.store.queries import urgent_work
from incident.store.queries.urgent_work import WAITING_GROUPS, WaitingGroup, WorkCount
from incident.store.queries.work_filter import WorkFilter
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.notifications.inbox_notices import InboxNotice, inbox_notices
from incident.web.security import access

T = TypeVar("T")

SHOWN: Final = 20
"""Rows of each of the two tables."""

MAX_SKIP: Final = 100_000
QUERY: Final = ("view", "department", "why", "exercise", "due", "skip", "skip_tasks")
"""The members of the query that links of the page keep."""

GROUP_WORDS: Final = {
    "running": N_("Counting down"),
    "exhausted": N_("No one acknowledged"),
    "declined": N_("Declined"),
    "unreached": N_("No contact"),
}


@dataclass(frozen=True)
class GroupLink:
    """A link to the notices that wait for one reason, with their number as text."""

    words: str
    count: str
    url: str
    is_here: bool
    is_bad: bool


@dataclass(frozen=True)
class OpenTask:
    """A row of the table of tasks."""

    task: Task
    incident: Incident
    department: Department | None
    assignee: str | None


@dataclass(frozen=True)
class WorkTable(Generic[T]):
    """A page of a table, and the addresses of its neighbours; None where there is none."""

    rows: Sequence[T]
    first: str | None
    following: str | None


def across(chosen: Department | None) -> dict[str, Any]:
    """Return what the page across departments shows, of one department if one was chosen."""
    viewer = access.viewer()
    wanted = WorkFilter(department_id=None if chosen is None else chosen.id, is_real=is_real_only())
    counts = urgent_work.count_waiting(viewer, wanted)
    tasks, overdue = urgent_work.count_open_tasks(viewer, wanted, now())
    return {
        "groups": _groups(counts),
        "waiting": _waiting(wanted),
        "open_tasks": _open_tasks(wanted),
        "task_count": _words(tasks),
        "overdue": _words(overdue) if overdue.number else None,
        "overdue_url": _address("to-do", due="overdue", skip_tasks=None),
    }


def is_real_only() -> bool:
    """Return whether the address leaves out what belongs to exercises."""
    return request.args.get("exercise") == "false"


def only_late_at() -> dt.datetime | None:
    """Return the moment at which tasks must be overdue to be shown; None when all open ones are."""
    return now() if request.args.get("due") == "overdue" else None


def filters_shown() -> list[tuple[str, str]]:
    """Return the filters of the address in words, each with the address without it."""
    found = [(_("Without exercises"), _address(exercise=None, skip=None, skip_tasks=None))] if is_real_only() else []
    return found + ([(_("Only overdue tasks"), _address(due=None, skip_tasks=None))] if only_late_at() else [])


def _waiting(wanted: WorkFilter) -> WorkTable[InboxNotice]:
    skip = _skip("skip")
    rows = urgent_work.urgent_notices(access.viewer(), wanted, _group(), skip, SHOWN + 1)
    return WorkTable(inbox_notices(rows[:SHOWN]), *_neighbours("skip", skip, len(rows)))


def _open_tasks(wanted: WorkFilter) -> WorkTable[OpenTask]:
    skip = _skip("skip_tasks")
    rows = urgent_work.urgent_tasks(access.viewer(), replace(wanted, late_at=only_late_at()), skip, SHOWN + 1)
    shown = rows[:SHOWN]
    found = incidents_by_id({one.incident_id for one in shown})
    known = departments.departments_of({one.department_id for one in shown if one.department_id})
    names = names_of_people({one.assignee_id for one in shown if one.assignee_id is not None})
    views = [
        OpenTask(one, found[one.incident_id], known.get(one.department_id or 0), names.get(one.assignee_id or 0))
        for one in shown
    ]
    return WorkTable(views, *_neighbours("skip_tasks", skip, len(rows)))


def _groups(counts: Any) -> list[GroupLink]:
    chosen = _group()
    every = WorkCount(sum(one.number for one in counts.values()), any(one.is_more for one in counts.values()))
    links = [GroupLink(_("All"), _words(every), _address(why=None, skip=None), chosen is None, False)]
    return links + [
        GroupLink(
            _(GROUP_WORDS[group]),
            _words(counts[group]),
            _address(why=group, skip=None),
            chosen == group,
            group != "running",
        )
        for group in WAITING_GROUPS
        if counts[group].number or chosen == group
    ]


def _words(count: WorkCount) -> str:
    return f"{count.number:,}+" if count.is_more else f"{count.number:,}"


def _group() -> WaitingGroup | None:
    return next((one for one in WAITING_GROUPS if one == request.args.get("why")), None)


def _skip(name: str) -> int:
    typed = request.args.get(name, "")
    return min(int(typed), MAX_SKIP) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _neighbours(name: str, skip: int, found: int) -> tuple[str | None, str | None]:
    place = "to-do" if name == "skip_tasks" else "to-answer"
    first = _address(place, **{name: None}) if skip else None
    return first, _address(place, **{name: str(skip + SHOWN)}) if found > SHOWN else None


def _address(place: str | None = None, **changed: str | None) -> str:
    """Return this page's address with some members of the query changed; empty ones are left out."""
    kept = {name: request.args.get(name) for name in QUERY}
    query: dict[str, Any] = {name: value for name, value in (kept | changed).items() if value}
    return url_for("pages.inbox", _anchor=place, **query)
