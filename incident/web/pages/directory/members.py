"""The members of a department, and its settings: name, parent, time zone and calendar."""

from typing import Any

from flask import request, url_for

from incident.actions.directory import departments
from incident.actions.directory import members as use_cases
from incident.core.duty.daytime import read_span
from incident.core.values.faults import RuleError
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.directory.departments import show_department
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

POSITIONS = ("head", "deputy", "member")


@pages.post("/departments/<code>/members")
@needs("rota.write")
def put_members_form(code: str) -> Page:
    """Replace the members of a department; rows without a person are ignored."""
    found = access.visible_department(code)

    def use_case() -> None:
        form = Form()
        version = form.number("version")
        form.finish()
        rows = zip(request.form.getlist("member"), request.form.getlist("position"), strict=False)
        named = [
            use_cases.NamedMember(login, position if position in POSITIONS else "member")
            for login, position in rows
            if login
        ]
        use_cases.put_members(found.id, named, version, require_caller().actor, now())

    return submit(use_case, lambda: show_department(code), lambda: url_for("pages.department", code=code), "changed")


@pages.post("/departments/<code>/settings")
@needs("department.write")
def change_department_form(code: str) -> Page:
    """Change a department."""
    found = access.visible_department(code)

    def use_case() -> None:
        form = Form()
        version = form.number("version")
        changes: dict[str, Any] = {
            "name": form.named("name"),
            "parent": typed_department(form.text("parent", 200)),
            "timezone": form.needed("timezone", 64),
            "calendar": form.needed("calendar", 64),
            "working_hours": _hours(form),
        }
        form.finish()
        departments.change_department(found.id, changes, version, require_caller().actor, now())

    return submit(use_case, lambda: show_department(code), lambda: url_for("pages.department", code=code), "changed")


def _hours(form: Form) -> dict[str, str] | None:
    start, end = form.raw("works_from"), form.raw("works_until")
    if not start and not end:
        return None
    try:
        return read_span({"from": start, "until": end}, "/working_hours").to_json()
    except RuleError as fault:
        form.faults += fault.all
        return None
