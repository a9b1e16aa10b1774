"""The content of an incident's page, loaded in few queries. Rows the viewer may not see are excluded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incident.actions.notifications.outbox import TASK_CREATED
from incident.actions.playbooks import playbook_loader
from incident.core.cacao.engine.run import Run as Engine
from incident.core.drills.drill import in_real_time
from incident.core.notifications.notice import UNANSWERED, NoticeEventKind
from incident.core.playbooks.question import Question
from incident.core.values import access as rules
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Contact, Department, contacts_by_key
from incident.store.directory.people import names_of_people
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident, Indicator
from incident.store.journal import journal
from incident.store.notifications import messages, notices
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks import runs, tasks
from incident.store.playbooks.runs import LIVE, Run
from incident.store.playbooks.tasks import Task
from incident.store.queries import drills
from incident.store.queries.drills import Drill
from incident.store.reports import reports
from incident.store.reports.reports import Report
from incident.web.pages.department_picker import names_shown
from incident.web.pages.frame import is_permitted
from incident.web.pages.journal.timeline import TimelineSentence, describe_entry
from incident.web.pages.names import Names
from incident.web.pages.notifications.inbox import possible_of
from incident.web.pages.playbooks.outline import Line, lines_of_run, names_of
from incident.web.pages.playbooks.picture import picture_of
from incident.web.pages.playbooks.questions import questions_by_task
from incident.web.pages.playbooks.start_choices import Starts, starts_on
from incident.web.security import access
from incident.web.security.access_log_writer import note_read
from incident.web.security.visible import shown_entries, shown_runs, shown_tasks

ENTRIES_LIMIT = 60
MAX_ENTRIES = 2_000


@dataclass(frozen=True)
class Sent:
    """A message to one contact, and the contact's person; None for a desk."""

    message: Message
    contact: Contact
    person: str | None

    @property
    def is_settled_task(self) -> bool:
        """Whether it is a sent message about a later task: there are many of these, of little interest."""
        return self.message.type == TASK_CREATED and self.message.state == "sent"


@dataclass(frozen=True)
class NoticeView:
    """A notice with its department, policy levels and messages, and whether the viewer may answer it."""

    notice: Notice
    department: Department
    levels: int
    sent: Sequence[Sent]
    possible: frozenset[NoticeEventKind]

    @property
    def is_waiting(self) -> bool:
        """Whether the notice can still be answered."""
        return self.notice.state in UNANSWERED


@dataclass(frozen=True)
class TaskView:
    """A task with its department and questions, and whether the viewer may complete it."""

    task: Task
    department: Department | None
    may_complete: bool
    questions: Sequence[Question]


@dataclass(frozen=True)
class RunView:
    """A run and its steps; `picture` is the playbook for the browser to draw."""

    run: Run
    lines: Sequence[Line]
    is_live: bool
    picture: str | None


@dataclass(frozen=True)
class View:
    """The content of an incident's page."""

    incident: Incident
    earlier: Incident | None
    drill: Drill | None
    departments: Sequence[Department]
    notices: Sequence[NoticeView]
    open_tasks: Sequence[TaskView]
    ended_tasks: Sequence[TaskView]
    runs: Sequence[RunView]
    reports: Sequence[Report]
    indicators: Sequence[Indicator]
    entries: Sequence[TimelineSentence]
    has_more: bool
    seq: int
    starts: Starts
    given: Mapping[str, str]
    can: Mapping[str, bool]


def view_of(incident: Incident, *, is_whole: bool = False, given: Mapping[str, str] | None = None) -> View:
    """Load the content of an incident's page.

    Args:
        incident: an incident that the viewer may see.
        is_whole: show the whole journal instead of its newest entries.
        given: the typed values of a form that was refused.
    """
    shown = shown_entries(incident)
    # first of all: the stream reports every change after this entry
    seq = journal.last_change_of(incident.number, shown)
    db.session.refresh(incident)
    facts = access.incident_facts(incident)
    visible_notices: list[Notice] = access.answerable_notices(notices.notices_of(incident.id))
    its_runs = runs.runs_of(incident.id)
    work = shown_tasks(tasks.tasks_of(incident.id), its_runs)
    known = departments.departments_of({*facts_ids(facts), *(one.department_id for one in visible_notices)})
    rows = shown_runs(its_runs)
    run_views = _runs(rows, incident, names_shown()) if rows else []
    names = _names(visible_notices, work, run_views, known)
    entries, has_more = _entries(incident, names, shown, is_whole=is_whole)
    asked = questions_by_task(work)
    task_views = [_task(one, known, facts, asked.get(one.id, ())) for one in work]
    return View(
        incident=incident,
        earlier=db.session.get(Incident, incident.earlier_id) if incident.earlier_id else None,
        drill=_drill(incident, rows),
        departments=[known[one] for one in incidents.departments_on(incident.id) if one in known],
        notices=_notices(incident, visible_notices, known, facts),
        open_tasks=[one for one in task_views if one.task.state == "open"],
        ended_tasks=[one for one in task_views if one.task.state != "open"],
        runs=run_views,
        reports=_reports(incident),
        indicators=incidents.indicators_of(incident.id),
        entries=entries,
        has_more=has_more,
        seq=seq,
        starts=starts_on(incident),
        given=given or {},
        can=_can(incident),
    )


def _drill(incident: Incident, rows: Sequence[Run]) -> Drill | None:
    """Return the drill of an exercise incident, when its run is one of those shown."""
    found = drills.drill_on(incident.id) if incident.is_exercise else None
    return found if found is not None and any(row.id == found.run_id for row in rows) else None


def facts_ids(facts: rules.IncidentFacts) -> set[int]:
    """Return the ids of the departments on an incident."""
    return {one for one in facts.department_ids if isinstance(one, int)}


def _can(incident: Incident) -> dict[str, bool]:
    """Return the actions that the viewer may take now."""
    is_open = incident.status != "closed"
    return {
        "acknowledge": is_open
        and incident.status == "new"
        and access.viewer().role != "department"
        and is_permitted("incident.acknowledge"),
        "change": is_open and is_permitted("incident.change"),
        "close": is_open and is_permitted("incident.close"),
        "override": is_open and is_permitted("incident.override"),
        "reopen": not is_open and not incident.is_exercise and is_permitted("incident.reopen"),
        "note": is_permitted("note.write"),
        "start": is_open and is_permitted("run.start_proposed"),
        "start_any": is_permitted("run.start"),
        "cancel": is_permitted("run.cancel"),
        "link": is_open and not incident.is_exercise and is_permitted("report.link"),
        "unlink": is_permitted("report.link"),
        "journal": is_permitted("journal.read"),
    }


def _notices(
    incident: Incident, visible_notices: Sequence[Notice], known: Mapping[int, Department], facts: rules.IncidentFacts
) -> list[NoticeView]:
    sent = [
        one for one in messages.messages_of(incident.id) if one.notice_id in {notice.id for notice in visible_notices}
    ]
    contacts = contacts_by_key({one.contact_id for one in sent})
    names = names_of_people({one.person_id for one in sent if one.person_id is not None})
    views = [
        NoticeView(
            notice=notice,
            department=known[notice.department_id],
            levels=len(notice.policy.get("levels", ())),
            sent=[
                Sent(one, contacts[one.contact_id], names.get(one.person_id or 0))
                for one in sent
                if one.notice_id == notice.id
            ],
            possible=_possible(notice, incident, facts),
        )
        for notice in visible_notices
    ]
    return sorted(views, key=lambda view: (not view.is_waiting, view.notice.id))


def _possible(notice: Notice, incident: Incident, facts: rules.IncidentFacts) -> frozenset[NoticeEventKind]:
    """Return the answers that the viewer may give to a notice now."""
    answers: frozenset[NoticeEventKind] = possible_of(notice, incident)
    if not access.may_answer(notice, facts):
        answers &= {"withdrawn"}
    return answers


def _task(
    task: Task, known: Mapping[int, Department], facts: rules.IncidentFacts, asked: Sequence[Question]
) -> TaskView:
    on_it = frozenset() if task.department_id is None else frozenset({task.department_id})
    department = known.get(task.department_id) if task.department_id else None
    return TaskView(task, department, rules.may_complete_task(access.viewer(), on_it, facts), asked)


def _reports(incident: Incident) -> list[Report]:
    if not is_permitted("report.read"):
        return []
    shown = [one for one in reports.reports_of(incident.id) if access.may_see_report(one.id)]
    for one in shown:
        note_read("report", one.id)
    return shown


def _runs(rows: Sequence[Run], incident: Incident, names: Mapping[str, str]) -> list[RunView]:
    return [_run(row, incident, names) for row in rows]


def _run(run: Run, incident: Incident, names: Mapping[str, str]) -> RunView:
    bundle, state = playbook_loader.pinned(run.pins), in_real_time(Engine.from_json(run.document), incident.pace)
    lines = lines_of_run(bundle, state, names)
    picture = picture_of(bundle.main, {line.key: line.state for line in lines})
    return RunView(run, lines, run.state in LIVE, picture)


def _names(
    visible_notices: Sequence[Notice], work: Sequence[Task], shown: Sequence[RunView], known: Mapping[int, Department]
) -> Names:
    things: dict[str, Any] = {f"notice:{one.id}": known[one.department_id].name for one in visible_notices}
    things |= {f"task:{one.id}": one.title for one in work}
    things |= {f"run:{one.run.id}": one.run.name for one in shown}
    steps = {f"run:{one.run.id}": names_of(list(one.lines)) for one in shown}
    return Names(things, steps, {one.code: one.name for one in known.values()})


def _entries(
    incident: Incident, names: Names, shown: journal.Shown, *, is_whole: bool
) -> tuple[list[TimelineSentence], bool]:
    if not is_permitted("journal.read"):
        return [], False
    limit = MAX_ENTRIES if is_whole else ENTRIES_LIMIT
    rows = journal.latest_entries_of(incident.number, limit + 1, shown)
    return [describe_entry(row, names) for row in rows[:limit]], len(rows) > limit
