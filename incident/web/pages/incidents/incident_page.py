"""The content of an incident's page, loaded in few queries. Rows the viewer may not see are excluded."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from incident.actions.playbooks import playbook_loader
from incident.core.cacao.engine.run import Run as Engine
from incident.core.drills.drill import in_real_time
from incident.core.journal.timeline_groups import GROUPS, MINOR, group_of
from incident.core.playbooks.question import Question, answers_of
from incident.core.values import access as rules
from incident.core.values.form_merge import fingerprints
from incident.data.attack import Technique
from incident.store.db.database import db
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident, Indicator
from incident.store.incidents.tickets import ExternalTicket, tickets_of
from incident.store.journal import journal
from incident.store.notifications import notices
from incident.store.notifications.notices import Notice
from incident.store.playbooks import runs, tasks
from incident.store.playbooks.runs import LIVE, Run
from incident.store.playbooks.tasks import Task
from incident.store.queries import drills
from incident.store.queries.drills import Drill
from incident.store.queries.systems import SystemOn
from incident.store.reports import reports
from incident.store.reports.reports import Report
from incident.web.i18n import current
from incident.web.pages.deadlines.clock_views import next_clock
from incident.web.pages.department_picker import names_shown
from incident.web.pages.frame import is_permitted
from incident.web.pages.incidents.evidence_views import EvidenceView, evidence_view
from incident.web.pages.incidents.fact_form import FactConflict, fact_texts, merged_facts
from incident.web.pages.incidents.indicators import IndicatorsView, indicators_view
from incident.web.pages.incidents.merge_views import MergingView, merging_view
from incident.web.pages.incidents.notice_views import NoticeView, notice_views
from incident.web.pages.incidents.others import others_on
from incident.web.pages.incidents.people_views import PeopleView, people_view
from incident.web.pages.incidents.review_views import ReviewView, review_view
from incident.web.pages.incidents.task_views import TaskView, task_view
from incident.web.pages.incidents.techniques import known_techniques
from incident.web.pages.journal.timeline import TimelineSentence, describe_entry
from incident.web.pages.names import Names
from incident.web.pages.playbooks.filings import filing_views
from incident.web.pages.playbooks.outline import Line, lines_of_run, names_of
from incident.web.pages.playbooks.picture import picture_of
from incident.web.pages.playbooks.questions import questions_by_task
from incident.web.pages.playbooks.start_choices import Starts, starts_on
from incident.web.security import access
from incident.web.security.access_log_writer import note_read
from incident.web.security.visible import shown_entries, shown_runs, shown_systems, shown_tasks

KEPT = ("journal", "show")
"""What a page keeps of its query when it asks for its present state."""

FAR = dt.datetime.max.replace(tzinfo=dt.UTC)
SHORT_RUN = 8
"""Up to so many steps a run is shown as a whole."""

ENDED = frozenset({"succeeded", "failed", "timed_out", "skipped", "overridden", "cancelled", "not_applicable"})
ENDED_WELL = ENDED - {"failed", "timed_out"}
ENTRIES_LIMIT = 60
MAX_ENTRIES = 2_000


@dataclass(frozen=True)
class RunView:
    """A run, its steps and what people answered; `picture` is the playbook for the browser to draw."""

    run: Run
    lines: Sequence[Line]
    is_live: bool
    picture: str | None
    answers: Sequence[tuple[Question, str]]

    @property
    def is_folded(self) -> bool:
        """Whether only the current steps are shown at first."""
        return len(self.lines) > SHORT_RUN

    @property
    def current(self) -> Sequence[Line]:
        """The steps that are in progress or have failed."""
        return [line for line in self.lines if line.record is not None and line.state not in ENDED_WELL]

    @property
    def ended(self) -> int:
        """How many steps have ended or will not be reached."""
        return sum(1 for line in self.lines if line.state in ENDED)


@dataclass(frozen=True)
class Clock:
    """What runs out first: a task of the viewer, or a level of a notice."""

    at: dt.datetime
    is_task: bool


@dataclass(frozen=True)
class View:
    """The content of an incident's page."""

    incident: Incident
    people: PeopleView
    others: Sequence[str]
    earlier: Incident | None
    drill: Drill | None
    notices: Sequence[NoticeView]
    open_tasks: Sequence[TaskView]
    ended_tasks: Sequence[TaskView]
    runs: Sequence[RunView]
    reports: Sequence[Report]
    indicators: Sequence[Indicator]
    iocs: IndicatorsView
    techniques: Sequence[Technique]
    merging: MergingView
    review: ReviewView
    tickets: Sequence[ExternalTicket]
    systems: Sequence[SystemOn]
    entries: Sequence[TimelineSentence]
    group: str
    has_more: bool
    seq: int
    evidence: EvidenceView
    law_clock: IncidentClock | None
    starts: Starts
    given: Mapping[str, str]
    seen: str
    conflicts: Sequence[FactConflict]
    can: Mapping[str, bool]
    kept: Mapping[str, str]
    opened: str

    @property
    def my_tasks(self) -> Sequence[TaskView]:
        """The open tasks that the viewer has to do."""
        return [one for one in self.open_tasks if one.is_mine]

    @property
    def waiting(self) -> Sequence[NoticeView]:
        """The notices that wait for an answer, what runs out first in front."""
        waiting = [one for one in self.notices if one.is_waiting]
        return sorted(waiting, key=lambda one: one.notice.next_at or FAR)

    @property
    def clock(self) -> Clock | None:
        """What runs out first."""
        due = [Clock(one.task.until, True) for one in self.my_tasks if one.task.until]
        due += [Clock(one.notice.next_at, False) for one in self.waiting if one.notice.next_at]
        return min(due, key=lambda one: one.at, default=None)


def view_of(
    incident: Incident, *, asked: Mapping[str, str] = MappingProxyType({}), given: Mapping[str, str] | None = None
) -> View:
    """Load the content of an incident's page.

    Args:
        incident: an incident that the viewer may see.
        asked: the query of the page: `journal` is `all` for the whole journal, `open` names a form to open.
        given: the typed values of a form that was refused.
    """
    shown, group = shown_entries(incident), asked.get("show", "")
    # first of all: the stream reports every change after this entry
    seq = journal.last_change_of(incident.number, shown)
    db.session.refresh(incident)
    facts = access.incident_facts(incident)
    every_notice: list[Notice] = access.answerable_notices(notices.every_notice_of(incident.id))
    visible_notices = [one for one in every_notice if one.purpose == "handling"]
    its_runs = runs.runs_of(incident.id)
    work = shown_tasks(tasks.tasks_of(incident.id), its_runs)
    known = departments.departments_of({*facts_ids(facts), *(one.department_id for one in every_notice)})
    rows = shown_runs(its_runs)
    run_views = _runs(rows, incident, names_shown()) if rows else []
    names = _names(every_notice, work, run_views, known)
    entries, has_more = _entries(incident, names, shown, group, is_whole=asked.get("journal") == "all")
    questions, filings = questions_by_task(work), filing_views(work)
    task_views = [task_view(one, known, facts, questions.get(one.id, ()), filings.get(one.id)) for one in work]
    open_tasks = [one for one in task_views if one.task.state == "open"]
    indicators = incidents.indicators_of(incident.id)
    present = fact_texts(incident, indicators)
    people = people_view(incident, [one for one in facts.named_person_ids if isinstance(one, int)])
    merging, techniques = merging_view(incident), known_techniques(incident.id)
    shown_again, conflicts = merged_facts(given or {}, present)
    shown_again, _roles = merged_facts(shown_again, people.logins)
    return View(
        incident=incident,
        people=people,
        others=others_on(incident),
        earlier=db.session.get(Incident, incident.earlier_id) if incident.earlier_id else None,
        drill=_drill(incident, rows),
        notices=notice_views(incident, visible_notices, known, facts),
        open_tasks=sorted(open_tasks, key=lambda one: (not one.is_mine, one.task.until or FAR)),
        ended_tasks=[one for one in task_views if one.task.state != "open"],
        runs=run_views,
        reports=_reports(incident),
        indicators=indicators,
        iocs=indicators_view(incident, len(indicators)),
        techniques=techniques,
        merging=merging,
        review=review_view(incident, is_merged=merging.away is not None),
        tickets=tickets_of(incident.id),
        systems=shown_systems(incident.id),
        entries=entries,
        group=group,
        has_more=has_more,
        seq=seq,
        evidence=evidence_view(incident),
        law_clock=next_clock(incident),
        starts=starts_on(incident, [one.id for one in techniques]),
        given=shown_again,
        seen=fingerprints(present),
        conflicts=conflicts,
        can=_can(incident, is_merged=merging.away is not None),
        kept={name: asked[name] for name in KEPT if asked.get(name)},
        opened=asked.get("open", ""),
    )


def _drill(incident: Incident, rows: Sequence[Run]) -> Drill | None:
    """Return the drill of an exercise incident, when its run is one of those shown."""
    found = drills.drill_on(incident.id) if incident.is_exercise else None
    return found if found is not None and any(row.id == found.run_id for row in rows) else None


def facts_ids(facts: rules.IncidentFacts) -> set[int]:
    """Return the ids of the departments on an incident."""
    return {one for one in facts.department_ids if isinstance(one, int)}


def _can(incident: Incident, *, is_merged: bool) -> dict[str, bool]:
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
        "reopen": not is_open and not incident.is_exercise and not is_merged and is_permitted("incident.reopen"),
        "note": is_permitted("note.write"),
        "start": is_open and is_permitted("run.start_proposed"),
        "start_any": is_permitted("run.start"),
        "cancel": is_permitted("run.cancel"),
        "steer": is_open and is_permitted("run.steer"),
        "link": is_open and not incident.is_exercise and is_permitted("report.link"),
        "unlink": is_permitted("report.link"),
        "ticket": is_permitted("incident.change"),
        "journal": is_permitted("journal.read"),
    }


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
    answers = answers_of(bundle.main, state, current()) if is_permitted("journal.read") else []
    return RunView(run, lines, run.state in LIVE, picture, answers)


def _names(
    visible_notices: Sequence[Notice], work: Sequence[Task], shown: Sequence[RunView], known: Mapping[int, Department]
) -> Names:
    things: dict[str, Any] = {f"notice:{one.id}": known[one.department_id].name for one in visible_notices}
    things |= {f"task:{one.id}": one.title for one in work}
    things |= {f"run:{one.run.id}": one.run.name for one in shown}
    steps = {f"run:{one.run.id}": names_of(list(one.lines)) for one in shown}
    return Names(things, steps, {one.code: one.name for one in known.values()})


def _entries(
    incident: Incident, names: Names, shown: journal.Shown, group: str, *, is_whole: bool
) -> tuple[list[TimelineSentence], bool]:
    if not is_permitted("journal.read"):
        return [], False
    limit = MAX_ENTRIES if is_whole else ENTRIES_LIMIT
    without = MINOR if group not in (*GROUPS, "all") else ()
    rows = journal.latest_entries_of(incident.number, limit + 1, shown, group_of(group), without)
    return [describe_entry(row, names) for row in rows[:limit]], len(rows) > limit
