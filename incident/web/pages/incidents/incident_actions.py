"""Actions of people on the page of an incident: acknowledge, change, note, close, reopen, link reports."""

from typing import Any

from flask import request

from incident.actions.incidents import incidents as use_cases
from incident.actions.reports import reports as report_use_cases
from incident.core.incidents.affiliation import AREAS
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.text import DESCRIPTION_LIMIT, TITLE_LIMIT
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import picked_departments
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.pages.incident_forms import submit_on
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

FACTS = ("title", "description", "category", "grade", *AREAS, "tlp", "occurred_at", "detected_at", "indicators")
RESOLUTION_LIMIT = 60


@pages.post("/incidents/<number>/acknowledge")
@needs("incident.acknowledge")
def acknowledge_incident_form(number: str) -> Page:
    """Take on an incident, or acknowledge it for the person's department."""
    found = access.visible_incident(number)
    asking = require_caller()
    department = access.answering_department(found, None)

    def use_case() -> None:
        use_cases.acknowledge_incident(found.id, department, asking.actor, "page", now())

    return submit_on(found, use_case, "acknowledged" if department else "taken")


@pages.post("/incidents/<number>/change")
@needs("incident.change")
def change_incident_form(number: str) -> Page:
    """Change the fields of an incident that the form contains."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        changes = _changes(form)
        version = form.number("version")
        form.finish()
        use_cases.change_incident(found.id, changes, version, require_caller().actor, now())

    return submit_on(found, use_case, "changed")


def _changes(form: Form) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "title" in request.form:
        changes = {
            "title": " ".join(form.needed("title", TITLE_LIMIT).split()),
            "description": form.text("description", DESCRIPTION_LIMIT) or "",
            "category": form.text("category"),
            "grade": form.grade(),
            **{name: form.area(name) for name in AREAS if name in request.form},
            "tlp": form.tlp(),
            "occurred_at": form.moment("occurred_at"),
            "detected_at": form.moment("detected_at"),
            "indicators": form.indicators(),
        }
    if "departments" in request.form:
        changes["departments"] = picked_departments()
    return changes


@pages.post("/incidents/<number>/notes")
@needs("note.write")
def add_note_form(number: str) -> Page:
    """Add a note to the journal of an incident."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        text = form.needed("note", DESCRIPTION_LIMIT)
        form.finish()
        use_cases.add_note(found.id, text, require_caller().actor, now())

    return submit_on(found, use_case, "noted", "journal")


@pages.post("/incidents/<number>/close")
@needs("incident.close")
def close_incident_form(number: str) -> Page:
    """Close an incident; despite work in progress only with a reason."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        resolution, note = form.text("resolution", RESOLUTION_LIMIT), form.text("closing_note", DESCRIPTION_LIMIT)
        reason = form.text("reason", REASON_LIMIT)
        form.finish()
        override = (reason or "") if "override" in request.form else None
        use_cases.close_incident(found.id, resolution, note, override, require_caller().actor, now())

    return submit_on(found, use_case, "closed")


@pages.post("/incidents/<number>/reopen")
@needs("incident.reopen")
def reopen_incident_form(number: str) -> Page:
    """Reopen a closed incident."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        reason = form.text("reopen_reason", REASON_LIMIT)
        form.finish()
        use_cases.reopen_incident(found.id, reason, require_caller().actor, now())

    return submit_on(found, use_case, "reopened")


@pages.post("/incidents/<number>/reports")
@needs("report.link")
def link_report_form(number: str) -> Page:
    """Link a report to an incident."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        report = form.number("report")
        form.finish()
        access.named_reports([report or 0], "/report")
        report_use_cases.link_report(found.id, report or 0, require_caller().actor, now())

    return submit_on(found, use_case, "linked", "reports")


@pages.post("/incidents/<number>/reports/<int(max=2147483647):report_id>/unlink")
@needs("report.link")
def unlink_report_form(number: str, report_id: int) -> Page:
    """Unlink a report from an incident."""
    found = access.visible_incident(number)

    access.visible_report(report_id)

    def use_case() -> None:
        report_use_cases.unlink_report(found.id, report_id, require_caller().actor, now())

    return submit_on(found, use_case, "unlinked", "reports")
