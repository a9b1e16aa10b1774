"""Incidents: the form for a new one, and the page of one."""

from dataclasses import replace
from typing import Any

from flask import request, url_for

from incident.actions.incidents import routing
from incident.actions.incidents.incidents import open_incident
from incident.actions.incidents.open_incident import NewIncident
from incident.core.incidents.routing import RoutingInput
from incident.core.values.affiliation import AREAS
from incident.core.values.text import DESCRIPTION_LIMIT, TITLE_LIMIT
from incident.data.report_categories import incident_category
from incident.store.incidents import alerts
from incident.store.incidents.incidents import Incident
from incident.store.reports.reports import Report
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import spoken
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import picked_departments
from incident.web.pages.forms import Form, is_whole_number
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.pages.incidents.category_picker import typed_category
from incident.web.pages.incidents.incident_page import view_of
from incident.web.pages.notifications.own_news import note_news_read
from incident.web.pages.playbooks.start_choices import startable
from incident.web.pages.template_filters import local_input
from incident.web.security import access, starts
from incident.web.security.auth import needs, require_caller

ALERTS_LIMIT = 200


@pages.get("/incidents/new")
@needs("incident.create")
def new_incident() -> Page:
    """Show the form for an incident, prefilled from a report if it is opened from one."""
    return _new_form(_from_report(request.args.get("report", "")))


@pages.post("/incidents")
@needs("incident.create")
def create_incident() -> Page:
    """Open an incident, or show who would be notified if it were opened."""
    opened: list[Incident] = []
    typed = {**request.form, "departments": picked_departments()}
    if request.form.get("step") == "preview":
        return _new_form(typed)

    def use_case() -> None:
        new = replace(_read_new(), person_id=require_caller().person_id)
        opened.append(open_incident(new, require_caller().actor, now(), current_instance().settings.zone))

    return submit(
        use_case,
        lambda: _new_form(typed),
        lambda: url_for("pages.incident", number=opened[0].number),
        lambda: "opened_alone" if opened[0].is_unreached else "opened",
    )


def _read_new() -> NewIncident:
    form = Form()
    category = typed_category(form.text("category"))
    said = RoutingInput(source="manual", category=category, grade=form.grade(), **_areas(form))
    title = " ".join(form.needed("title", TITLE_LIMIT).split())
    new = NewIncident(
        title=title,
        description=form.text("description", DESCRIPTION_LIMIT) or "",
        category=category,
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
    if not (is_whole_number(number) and is_permitted("report.read")):
        return {}
    report: Report = access.visible_report(int(number))
    first = report.text.strip().splitlines()[0] if report.text.strip() else ""
    return {
        "title": first[:120],
        "description": report.text,
        "category": incident_category(report.category),
        "reports": str(report.id),
        "indicators": report.url or "",
        "occurred_at": local_input(report.occurred_at),
    }


MORE_FIELDS = (*AREAS, "playbook", "occurred_at", "detected_at", "indicators", "reports")
"""The fields of a new incident that are folded away while none of them is filled in."""


def _who_is_notified(given: dict[str, Any]) -> routing.Trial | None:
    """Return who would be notified of the incident in the form; unreadable values are ignored."""
    if not is_permitted("rules.read"):
        return None
    form = Form({name: value for name, value in given.items() if isinstance(value, str)})
    asked = RoutingInput(
        source="manual",
        category=typed_category(form.text("category")),
        grade=form.grade(),
        departments=tuple(given.get("departments") or ()),
        playbook=form.text("playbook"),
        **_areas(form),
    )
    return routing.try_rules(asked, now())


def _new_form(given: dict[str, Any]) -> Page:
    return render(
        "incidents/new.html",
        given=given | {"category": typed_category(given.get("category"))},
        is_more=any(given.get(name) for name in MORE_FIELDS),
        trial=_who_is_notified(given),
        playbooks=[(one.cacao_id, spoken(one.name)) for one in startable(None)[0]],
    )


@pages.get("/incidents/<number>")
@needs("incident.read")
def incident(number: str) -> Page:
    """Show one incident."""
    given = dict(request.form.items())  # of a form on this page that was refused
    found = access.visible_incident(number)
    if not given:
        note_news_read(found)
    return render("incidents/one.html", view=view_of(found, asked=request.args, given=given))


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
    return render("incidents/live.html", view=view_of(access.visible_incident(number), asked=request.args))
