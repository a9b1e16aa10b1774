"""Actions of people on the page of an incident: acknowledge, change, note, close, reopen, link reports."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from incident.actions.incidents import incidents as use_cases
from incident.actions.incidents.assignment_undo import undo_assignment
from incident.actions.incidents.incident_systems import put_systems
from incident.actions.reports import reports as report_use_cases
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.incidents.roles import ROLES
from incident.core.values.affiliation import AREAS
from incident.core.values.faults import RuleError
from incident.core.values.text import DESCRIPTION_LIMIT, TITLE_LIMIT
from incident.store.directory.people import people_of
from incident.store.incidents.incidents import people_on
from incident.store.queries.systems import systems_on
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import picked_departments
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, submit
from incident.web.pages.incident_forms import address, again, submit_on
from incident.web.pages.incidents.category_picker import typed_category
from incident.web.pages.incidents.fact_form import change_with_form, fact_texts
from incident.web.pages.incidents.people_views import role_texts
from incident.web.security import access, system_access
from incident.web.security.auth import needs, require_caller

RESOLUTION_LIMIT = 60


@pages.post("/incidents/<number>/acknowledge")
@needs("incident.acknowledge")
def acknowledge_incident_form(number: str) -> Page:
    """Take on an incident, or acknowledge it for the person's department."""
    found = access.visible_incident(number)
    asking = require_caller()
    department = access.answering_department(found, None)

    def use_case() -> None:
        use_cases.acknowledge_incident(
            found.id, department, asking.actor, "page", now(), person_id=access.owning_person()
        )

    return submit_on(found, use_case, "acknowledged" if department else "taken")


@pages.post("/incidents/<number>/change")
@needs("incident.change")
def change_incident_form(number: str) -> Page:
    """Change the fields of an incident that were typed into the form."""
    found = access.visible_incident(number)

    return submit_on(found, lambda: change_with_form(found, fact_texts, _changes), "changed")


def _changes(form: Form) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "title" in request.form:
        changes = {
            "title": " ".join(form.needed("title", TITLE_LIMIT).split()),
            "description": form.text("description", DESCRIPTION_LIMIT) or "",
            "category": typed_category(form.text("category")),
            "grade": form.grade(),
            **{name: form.area(name) for name in AREAS if name in request.form},
            "tlp": form.tlp(),
            "occurred_at": form.moment("occurred_at"),
            "detected_at": form.moment("detected_at"),
        }
    if "indicators" in request.form:
        changes["indicators"] = form.indicators()
    if "departments" in request.form:
        changes["departments"] = picked_departments()
    return changes


@pages.post("/incidents/<number>/systems")
@needs("incident.change")
def change_systems_form(number: str) -> Page:
    """Add a system to an incident, or remove one."""
    found = access.visible_incident(number)

    def use_case() -> None:
        version, codes = found.version, [one.code for one in systems_on(found.id)]
        added, removed = request.form.get("add", "").strip(), request.form.get("remove")
        if added and system_access.system_or_none(added) is None:
            raise RuleError("system.unknown", {"code": added}, pointer="/add")
        wanted = [code for code in codes if code != removed] + ([added] if added else [])
        put_systems(found.id, wanted, version, require_caller().actor, now())

    return submit_on(found, use_case, "changed", "systems")


@pages.post("/incidents/<number>/owner")
@needs("incident.change")
def assign_incident_form(number: str) -> Page:
    """Give an incident another owner, liaison or speaker, or none; a new owner alone can be undone."""
    found = access.visible_incident(number)
    before = role_texts(found)

    def to() -> str:
        is_undoable = access.may_see(found) and _is_of_owner(before, role_texts(found))
        return url_for("pages.incident", number=number, undo=found.version) if is_undoable else address(found)

    return submit(lambda: change_with_form(found, role_texts, _roles), lambda: again(found), to, "assigned")


def _is_of_owner(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return [name for name in before if before[name] != after[name]] == ["owner"]


def _roles(form: Form) -> dict[str, str | None]:
    return {name: form.text(name) for name in ("owner", *ROLES) if name in request.form}


@pages.post("/incidents/<number>/owner/undo")
@needs("incident.change")
def undo_assignment_form(number: str) -> Page:
    """Undo the assignment that the same person made last."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        version = form.number("version") or 0
        form.finish()
        undo_assignment(found.id, version, require_caller().actor, now())

    return submit_on(found, use_case, "assignment_undone")


@pages.post("/incidents/<number>/people")
@needs("incident.change")
def name_people_form(number: str) -> Page:
    """Name a person on an incident, or name one no longer."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        added, removed = form.text("name_person"), form.text("unname_person")
        form.finish()
        named = [one.login for one in people_of(people_on(found.id)) if one.login != removed]
        wanted = [*named, added] if added else named
        use_cases.change_incident(found.id, {"people": wanted}, found.version, require_caller().actor, now())

    return submit_on(found, use_case, "changed")


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
        if form.faults and "override" in request.form and reason is None and not form.has_fault("reason"):
            form.faults.append(RuleError("incident.override_needs_reason", pointer="/reason"))
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
