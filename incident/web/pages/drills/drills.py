"""Drills: the list with scores, the form for a new one, and one drill from its start to its lessons."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import g, request, url_for

from incident.actions.drills import drills as use_cases
from incident.actions.drills.scoring import Report, Scored, report_on, scores_of
from incident.actions.playbooks import playbook_loader
from incident.core.drills.drill import RED_TITLE, SPEED_USUAL, SPEEDS, TITLE, require_speed
from incident.core.drills.score import FIGURES, Compared, Score, compare
from incident.core.values.error_messages import N_
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.incidents.lookups import incidents_by_id
from incident.store.journal import journal
from incident.store.playbooks import playbooks, runs
from incident.store.playbooks.playbooks import Playbook
from incident.store.queries import drills
from incident.store.queries.drills import Drill
from incident.web import i18n
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import picked_departments
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.pages.playbooks.picture import picture_of_run
from incident.web.pages.playbooks.runs import VARIABLE, typed_variables
from incident.web.pages.playbooks.start_run import before_start, value_faults
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.visible import shown_entries

PAGE_LIMIT = 20
FIGURE_WORDS: Final = {
    "share": N_("Answered and done on time"),
    "acknowledged_for": N_("Slowest acknowledgement"),
    "tasks_late": N_("Tasks done too late"),
    "tasks_never": N_("Tasks not done on time"),
    "steps_timed_out": N_("Steps that ran out of time"),
    "took_for": N_("Total time"),
}


@dataclass(frozen=True)
class DrillListed:
    """One drill in the list, with its score so far."""

    drill: Drill
    incident: Incident
    playbook: Playbook
    score: Score


@dataclass(frozen=True)
class FigureView:
    """One figure of a drill, with the median of earlier drills and of real runs."""

    name: str
    words: str
    drills: Compared
    real: Compared


@dataclass(frozen=True)
class Other:
    """A run that a drill is compared with, and the incident that it was on."""

    incident: Incident
    scored: Scored


@dataclass(frozen=True)
class DrillView:
    """The content of the page of a drill."""

    report: Report
    incident: Incident
    figures: Sequence[FigureView]
    others: Sequence[Other]
    seq: int
    picture: str | None

    @property
    def score(self) -> Score:
        """The score of the drill itself."""
        return self.report.own.score


@pages.get("/drills")
@needs("drill.read")
def drill_list() -> Page:
    """List drills with their scores, the newest first."""
    playbook = request.args.get("playbook", "").strip()[:200]
    after = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    wanted = playbook if playbook.isprintable() and playbook else None
    rows = drills.list_drills(access.viewer(), wanted, after[0], PAGE_LIMIT + 1)
    shown, following = cut(rows, PAGE_LIMIT, lambda row: (row.id,))
    older = url_for("pages.drill_list", cursor=following, playbook=wanted) if following else None
    return render(
        "drills/list.html",
        chosen=wanted,
        is_first="cursor" not in request.args,
        listed=_listed(shown),
        older=older,
        playbooks=_choices(),
    )


def _listed(rows: Sequence[Drill]) -> list[DrillListed]:
    incidents = incidents_by_id({row.incident_id for row in rows})
    versions = playbooks.versions_by_ids({row.playbook_id for row in rows})
    scores = scores_of(runs.runs_by_ids({row.run_id for row in rows}), access.viewer(), now())
    return [DrillListed(row, incidents[row.incident_id], versions[row.playbook_id], scores[row.run_id]) for row in rows]


def _choices() -> list[tuple[str, str]]:
    if not is_permitted("playbook.read"):
        return []
    return [(one.cacao_id, i18n.spoken(one.name)) for one in playbooks.list_playbooks(access.viewer())]


@pages.get("/drills/new")
@needs("drill.run")
def new_drill() -> Page:
    """Show the options of a drill, once its playbook is selected."""
    chosen = request.args.get("playbook", "").strip()
    return _new_form(access.visible_playbook(chosen) if chosen else None, {})


def _new_form(row: Playbook | None, given: Mapping[str, Any]) -> Page:
    if row is None:
        return render("drills/choose.html", playbooks=_choices())
    own = [one.code for one in use_cases.departments_of(playbook_loader.bundle_for(row))]
    typed = {name: value for name, value in given.items() if name.startswith(VARIABLE)}
    return render(
        "drills/new.html",
        before=before_start(row),
        chosen=given.get("departments", own),
        own=own,
        row=row,
        speed=given.get("speed", SPEED_USUAL),
        speeds=[(speed, _speed_words(speed)) for speed in SPEEDS],
        typed=typed,
    )


def _speed_words(speed: int) -> str:
    if speed == 1:
        return _("as fast as in a real incident")
    hour = i18n.span(dt.timedelta(hours=1) / speed)
    return _("%(speed)s times faster: an hour takes %(time)s", speed=speed, time=hour)


@pages.post("/drills")
@needs("drill.run")
def start_drill_form() -> Page:
    """Start a drill."""
    row = access.visible_playbook(request.form.get("playbook", ""))
    started: list[int] = []

    def use_case() -> None:
        form = Form()
        speed = form.number("speed", SPEED_USUAL) or 0
        form.checked("speed", lambda: require_speed(speed, "/speed"))
        if form.faults:
            g.playbook_faults = value_faults(row)
        form.finish()
        new = use_cases.NewDrill(
            titles=i18n.in_every_language(TITLE),
            red_titles=i18n.in_every_language(RED_TITLE),
            playbook=row.cacao_id,
            speed=speed,
            departments=picked_departments(),
            values=typed_variables(),
            person_id=require_caller().person_id,
        )
        started.append(use_cases.start_drill(new, require_caller().actor, now(), current_instance().settings.zone).id)

    given = {**request.form, "departments": picked_departments()}
    return submit(
        use_case, lambda: _new_form(row, given), lambda: url_for("pages.drill", drill_id=started[0]), "drill_started"
    )


@pages.get("/drills/<int(max=2147483647):drill_id>")
@needs("drill.read")
def drill(drill_id: int) -> Page:
    """Show a drill: its progress while it runs, then its lessons."""
    return render("drills/one.html", view=_view(access.visible_drill(drill_id)))


@pages.get("/drills/<int(max=2147483647):drill_id>/live")
@needs("drill.read")
def drill_now(drill_id: int) -> Page:
    """Show the changing part of a drill's page in its present state."""
    return render("drills/live.html", view=_view(access.visible_drill(drill_id)))


@pages.post("/drills/<int(max=2147483647):drill_id>/end")
@needs("drill.run")
def end_drill_form(drill_id: int) -> Page:
    """End a drill before its run has ended."""
    found = access.visible_drill(drill_id)
    return submit(
        lambda: use_cases.end_drill(drill_id, require_caller().actor, now()),
        lambda: render("drills/one.html", view=_view(found)),
        lambda: url_for("pages.drill", drill_id=drill_id),
        "drill_ended",
    )


def _view(found: Drill) -> DrillView:
    own = incidents_by_id({found.incident_id})[found.incident_id]
    seq = journal.last_change_of(own.number, shown_entries(own))
    db.session.refresh(own)  # the state is as of that entry or later, so that no change is lost between the two
    report = report_on(found, access.viewer(), now())
    others = sorted((*report.earlier, *report.real), key=lambda one: one.run.started_at, reverse=True)
    incidents = incidents_by_id({one.run.incident_id for one in others})
    return DrillView(
        report=report,
        incident=own,
        figures=_figures(report),
        others=[Other(incidents[one.run.incident_id], one) for one in others],
        seq=seq,
        picture=picture_of_run(report.own.run),
    )


def _figures(report: Report) -> list[FigureView]:
    beside = [compare(report.own.score, [one.score for one in others]) for others in (report.earlier, report.real)]
    return [
        FigureView(name, _(FIGURE_WORDS[name]), in_drills, in_real)
        for name, in_drills, in_real in zip(FIGURES, *beside, strict=True)
    ]
