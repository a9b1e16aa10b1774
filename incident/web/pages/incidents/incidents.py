"""Incidents: the list, the form for a new one, and the page of one."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for

from incident.actions.incidents.incidents import open_incident
from incident.actions.incidents.open_incident import NewIncident
from incident.core.incidents.affiliation import AREA_LIMIT, AREAS
from incident.core.incidents.incident import STATUSES
from incident.core.incidents.routing import RoutingInput
from incident.core.values.text import DESCRIPTION_LIMIT, TITLE_LIMIT
from incident.store.directory import departments
from incident.store.incidents import alerts
from incident.store.journal import journal
from incident.store.queries import incident_list
from incident.store.queries.incident_list import department_codes_by_incident
from incident.store.queries.notice_list import declined_notices, notification_progress, unreached_notices
from incident.store.queries.search import search_filter
from incident.store.reports.reports import Report
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import spoken
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import picked_departments, typed_department
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.pages.incidents.incident_page import view_of
from incident.web.pages.playbooks.start_choices import startable
from incident.web.pages.states import look
from incident.web.pages.template_filters import local_input, zone
from incident.web.security import access, starts
from incident.web.security.access_log_writer import note_listed
from incident.web.security.auth import needs, require_caller

PAGE_LIMIT = 50
ALERTS_LIMIT = 200
FILTERS = ("q", "status", "grade", "category", "sector", "region", "campaign", "department", "exercise", "from", "to")


@dataclass(frozen=True)
class Listed:
    """One page of a list, and the cursor of the next."""

    rows: Any
    codes: Any
    progress: Any
    older: str | None


@pages.get("/incidents")
@needs("incident.read")
def incidents() -> Page:
    """List incidents: those without any notified department first, then the newest."""
    seq = journal.last_change_of(None)  # first of all: the stream reports every change after this entry
    given = {name: request.args.get(name, "").strip() for name in FILTERS}
    listed = _listed(given)
    is_plain = not any(given.values())
    cannot = unreached_notices(access.viewer()) if is_plain else ()
    declined = declined_notices(access.viewer()) if is_plain and access.viewer().role != "department" else ()
    note_listed([*listed.rows, *cannot, *declined])
    template = "incidents/live_list.html" if request.headers.get("HX-Request") else "incidents/list.html"
    return render(
        template,
        declined=declined,
        cannot=cannot,
        given=given,
        is_filtered=not is_plain,
        is_first="cursor" not in request.args,
        listed=listed,
        seq=seq,
        statuses=[(status, look(f"incident.{status}").words) for status in STATUSES],
    )


def _listed(given: dict[str, str]) -> Listed:
    after = read_cursor(request.args.get("cursor"), (int, int))
    wanted = _filter(given)
    rows = [] if wanted is None else incident_list.list_incidents(access.viewer(), wanted, after, PAGE_LIMIT + 1)
    shown, following = cut(rows, PAGE_LIMIT, lambda row: (int(row.is_unreached), row.id))
    ids = [row.id for row in shown]
    kept = {name: value for name, value in given.items() if value}
    older = f"{url_for('pages.incidents')}?{urlencode({**kept, 'cursor': following})}" if following else None
    return Listed(shown, department_codes_by_incident(ids), notification_progress(ids), older)


def _filter(given: dict[str, str]) -> incident_list.IncidentFilter | None:
    """Return the filter for incidents; None when the query is invalid."""
    code = typed_department(given["department"])
    department = departments.department_by_code(code) if code and code.isprintable() else None
    grade = int(given["grade"]) if given["grade"] in {"1", "2", "3", "4"} else None
    if (given["department"] and department is None) or not "".join(given.values()).isprintable():
        return None
    return incident_list.IncidentFilter(
        status=given["status"] if given["status"] in STATUSES else None,
        grade=grade,
        category=given["category"] or None,
        sector=given["sector"][:AREA_LIMIT] or None,
        region=given["region"][:AREA_LIMIT] or None,
        campaign=given["campaign"][:AREA_LIMIT] or None,
        department_id=None if department is None else department.id,
        since=_day(given["from"]),
        until=_day(given["to"], is_end=True),
        found=search_filter(given["q"][:500], reads_journal=is_permitted("journal.read")),
        is_exercise=given["exercise"] == "true",
    )


def _day(typed: str, *, is_end: bool = False) -> dt.datetime | None:
    """Return the begin or the end of a day on the instance's calendar."""
    try:
        day = dt.date.fromisoformat(typed)
        began = dt.datetime(day.year, day.month, day.day, tzinfo=zone())
        return (began + dt.timedelta(days=1) if is_end else began).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


@pages.get("/incidents/new")
@needs("incident.create")
def new_incident() -> Page:
    """Show the form for an incident, prefilled from a report if it is opened from one."""
    return _new_form(_from_report(request.args.get("report", "")))


@pages.post("/incidents")
@needs("incident.create")
def create_incident() -> Page:
    """Open an incident."""
    opened: list[str] = []

    def use_case() -> None:
        new = replace(_read_new(), person_id=require_caller().person_id)
        opened.append(open_incident(new, require_caller().actor, now(), current_instance().settings.zone).number)

    typed = {**request.form, "departments": picked_departments()}
    return submit(use_case, lambda: _new_form(typed), lambda: url_for("pages.incident", number=opened[0]), "opened")


def _read_new() -> NewIncident:
    form = Form()
    said = RoutingInput(source="manual", category=form.text("category"), grade=form.grade(), **_areas(form))
    title = " ".join(form.needed("title", TITLE_LIMIT).split())
    new = NewIncident(
        title=title,
        description=form.text("description", DESCRIPTION_LIMIT) or "",
        category=form.text("category"),
        grade=form.grade(),
        sector=form.area("sector"),
        region=form.area("region"),
        campaign=form.area("campaign"),
        tlp=form.tlp(),
        occurred_at=form.moment("occurred_at"),
        detected_at=form.moment("detected_at"),
        departments=picked_departments() or None,
        playbook=starts.startable_playbook(form.text("playbook"), said),
        reports=access.named_reports(form.numbers("reports")) if is_permitted("report.link") else (),
        indicators=form.indicators(),
    )
    form.finish()
    return new


def _areas(form: Form) -> dict[str, Any]:
    return {name: form.area(name) for name in AREAS}


def _from_report(number: str) -> dict[str, Any]:
    if not (number.isdigit() and is_permitted("report.read")):
        return {}
    report: Report = access.visible_report(int(number[:9]))
    first = report.text.strip().splitlines()[0] if report.text.strip() else ""
    return {
        "title": first[:120],
        "description": report.text,
        "category": report.category,
        "reports": str(report.id),
        "indicators": report.url or "",
        "occurred_at": local_input(report.occurred_at),
    }


def _new_form(given: dict[str, Any]) -> Page:
    return render(
        "incidents/new.html",
        given=given,
        playbooks=[(one.cacao_id, spoken(one.name)) for one in startable(None)[0]],
    )


@pages.get("/incidents/<number>")
@needs("incident.read")
def incident(number: str) -> Page:
    """Show one incident."""
    given = dict(request.form.items())  # of a form on this page that was refused
    return render(
        "incidents/one.html", view=view_of(access.visible_incident(number), is_whole=_is_whole(), given=given)
    )


@pages.get("/incidents/<number>/alerts")
@needs("incident.read")
def incident_alerts(number: str) -> Page:
    """Show the alerts of an incident, with those grouped into it, in the order in which each came first."""
    shown = access.visible_incident(number)
    after = read_cursor(request.args.get("after"), (int,)) or (0,)
    rows, following = cut(
        alerts.alerts_in(shown.id, after[0], ALERTS_LIMIT + 1), ALERTS_LIMIT, lambda row: (row.first_id,)
    )
    return render(
        "incidents/alerts.html",
        incident=shown,
        rows=rows,
        count=alerts.count_alerts_in(shown.id),
        further=following and url_for("pages.incident_alerts", number=number, after=following),
    )


@pages.get("/incidents/<number>/live")
@needs("incident.read")
def incident_now(number: str) -> Page:
    """Show the changing part of an incident's page in its present state."""
    return render("incidents/live.html", view=view_of(access.visible_incident(number), is_whole=_is_whole()))


def _is_whole() -> bool:
    return request.args.get("journal") == "all"
