"""The rows of the overview: what is overdue, who has not answered, what comes next, and who is on duty."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import url_for

from incident.actions.notifications.on_duty import plans_of
from incident.actions.regime_versions import regime_at
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.directory.people import names_of_people
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task
from incident.store.queries import red_runs, urgent_work
from incident.store.queries.clock_list import list_clocks
from incident.store.queries.duty_list import departments_with_rota
from incident.store.queries.urgent_work import WAITING_GROUPS
from incident.web.i18n import current, spoken
from incident.web.i18n import gettext as _
from incident.web.pages.names import no_contact_words
from incident.web.pages.notifications.inbox_notices import InboxNotice, inbox_notices
from incident.web.pages.overview.numbers import REAL, Counts
from incident.web.security import access

ROTAS: Final = 12
"""How many departments with a rota are shown."""


@dataclass(frozen=True)
class UrgentRow:
    """Something that people must do: `said` is what, `short` the same for a wall display where it differs.

    A wall display is read by everybody who passes: of incidents and playbooks marked TLP:RED, `short` names nothing.

    `moment` (UTC) is when `comes` happens. The title of an incident that the viewer may not see is None.
    """

    icon: str
    said: str
    incident: Incident
    title: str | None
    url: str
    moment: dt.datetime | None = None
    comes: str = ""
    since: dt.datetime | None = None
    more: str = ""
    short: str = ""


@dataclass(frozen=True)
class DutyRow:
    """Who is on duty in a department now, and until when; nobody is a gap."""

    department: Department
    people: Sequence[str]
    until: dt.datetime | None


def overdue_rows(counts: Counts, limit: int) -> list[UrgentRow]:
    """Return what is overdue, longest first: deadlines of authorities and tasks."""
    clocks = list_clocks(counts.viewer, None, counts.at, None, limit) if counts.late_clocks else ()
    late = replace(REAL, late_at=counts.at)
    tasks = urgent_work.urgent_tasks(counts.viewer, late, 0, limit) if counts.tasks[1].number else ()
    return sorted([*map(_clock_row, clocks), *_task_rows(tasks)], key=_moment)[:limit]


def next_rows(counts: Counts, limit: int) -> list[UrgentRow]:
    """Return what runs out next, soonest first: deadlines of authorities, levels of notices, and tasks."""
    clocks = list_clocks(counts.viewer, None, None, (counts.at, 0), limit)
    count = counts.waiting["running"].number
    running = urgent_work.urgent_notices(counts.viewer, REAL, "running", 0, limit) if count else ()
    tasks = urgent_work.next_tasks(counts.viewer, REAL, counts.at, limit) if counts.tasks[0].number else ()
    notices = inbox_notices([one for one in running if one.next_at is not None])
    rows = [*map(_clock_row, clocks), *map(_notice_row, notices), *_task_rows(tasks)]
    return sorted(rows, key=_moment)[:limit]


def _moment(row: UrgentRow) -> dt.datetime:
    return row.moment or dt.datetime.max.replace(tzinfo=dt.UTC)


def shared_rows(some: Sequence[UrgentRow], others: Sequence[UrgentRow], limit: int) -> list[UrgentRow]:
    """Return rows of two lists within one limit: each has half of it, and what the other leaves."""
    half = limit // 2
    kept = some[: max(limit - len(others), limit - half)]
    return [*kept, *others[: limit - len(kept)]]


def unanswered_rows(counts: Counts, limit: int) -> list[UrgentRow]:
    """Return notices that people must take care of: without a contact, declined, or unanswered at all levels.

    The gravest incidents come first, then the newest notices.
    """
    groups = [group for group in WAITING_GROUPS if group != "running" and counts.waiting[group].number]
    found = urgent_work.gravest_notices(counts.viewer, REAL, groups, limit) if groups else ()
    return [_notice_row(one) for one in inbox_notices(found)]


def duty_rows(counts: Counts) -> list[DutyRow]:
    """Return who is on duty now: gaps first, then the viewer's own departments, then by code."""
    found = departments_with_rota(counts.viewer, ROTAS)
    plans, rows = plans_of(found), list[DutyRow]()
    for one in found:
        plan = plans[one.id]
        people = [person.name for person in plan.people_of(plan.on_duty(counts.at))]
        rows.append(DutyRow(one, people, plan.until(counts.at)))
    return sorted(rows, key=lambda row: bool(row.people))


def _clock_row(row: tuple[IncidentClock, Incident]) -> UrgentRow:
    clock, incident = row
    stage = regime_at(clock.regime_hash).stage(clock.stage)
    said = stage.title["zh" if current().startswith("zh") else "en"]
    url = url_for("pages.incident_clocks", number=incident.number, _anchor=f"clock-{clock.id}")
    short = _("Report to an authority") if incident.tlp == "red" else ""
    return UrgentRow("gavel", said, incident, incident.title, url, clock.due_at, _("report due"), short=short)


def _task_rows(tasks: Sequence[Task]) -> Iterable[UrgentRow]:
    found = incidents_by_id({one.incident_id for one in tasks})
    known = departments.departments_of({one.department_id for one in tasks if one.department_id})
    names = names_of_people({one.assignee_id for one in tasks if one.assignee_id is not None})
    red = red_runs.audiences({f"task:{one.id}" for one in tasks})
    for one in tasks:
        incident = found[one.incident_id]
        department = known.get(one.department_id or 0)
        who = names.get(one.assignee_id or 0) or (department.name if department else one.agent)
        url = url_for("pages.incident", number=incident.number, _anchor=f"task-{one.id}")
        yield UrgentRow(
            "clipboard-list",
            spoken(one.title),
            incident,
            incident.title,
            url,
            one.until,
            _("task due"),
            more=spoken(who),
            short=_("A task") if incident.tlp == "red" or f"task:{one.id}" in red else "",
        )


def _notice_row(one: InboxNotice) -> UrgentRow:
    notice, incident = one.notice, one.incident
    url = url_for("pages.incident", number=incident.number, _anchor=f"notice-{notice.id}")
    if access.viewer().role == "department":
        url = url_for("pages.inbox", _anchor=f"notice-{notice.id}")
    said, more = _notice_words(notice, one.department.name)
    title = incident.title if one.is_readable else None
    comes = _("next level")
    return UrgentRow(
        "bell-ringing", said, incident, title, url, notice.next_at, comes, notice.opened_at, more, _short(notice, one)
    )


def _short(notice: Notice, one: InboxNotice) -> str:
    name = spoken(one.department.name)
    if notice.is_unreached:
        return _("%(department)s: no contact", department=name)
    return _("%(department)s: declined", department=name) if notice.state == "declined" else name


def _notice_words(notice: Notice, department: str) -> tuple[str, str]:
    """Return what is said of a notice without an answer, and what comes next."""
    name = spoken(department)
    if notice.is_unreached:
        return no_contact_words(department), ""
    if notice.state == "declined":
        return _("%(department)s declined.", department=name), notice.reason or ""
    if notice.state == "exhausted":
        return _("%(department)s has not acknowledged, and no level is left.", department=name), ""
    return _("%(department)s has not acknowledged.", department=name), ""
