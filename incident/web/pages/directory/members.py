"""The members of a department, and its settings: name, parent, time zone and calendar."""

from typing import Any

from flask import request, url_for

from incident.actions.directory import departments
from incident.actions.directory import members as use_cases
from incident.core.duty.daytime import read_span
from incident.core.values.faults import RuleError, raise_all
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.directory.departments import show_department
from incident.web.pages.forms import Form, typed_daytime
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
        rows = enumerate(zip(request.form.getlist("member"), request.form.getlist("position"), strict=False))
        named = {
            number: use_cases.NamedMember(login, position if position in POSITIONS else "member")
            for number, (login, position) in rows
            if login
        }
        try:
            use_cases.put_members(found.id, [*named.values()], version, require_caller().actor, now())
        except RuleError as fault:
            raise_all(_at_row(one, [*named]) for one in fault.all)

    return submit(use_case, lambda: show_department(code), lambda: url_for("pages.department", code=code), "changed")


def _at_row(fault: RuleError, rows: list[int]) -> RuleError:
    """Return a fault of a member at the row of the form, which may follow empty rows."""
    parts = fault.pointer.split("/")
    if parts[1:2] != ["members"]:
        return fault
    pointer = "/".join(["", "members", str(rows[int(parts[2])]), *parts[3:]])
    return RuleError(fault.code, fault.arguments, pointer=pointer, kind=fault.kind)


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
        read = {name: value for name, value in changes.items() if not form.has_fault(name)}
        form.checked("name", lambda: departments.checked_changes(found, read))
        form.finish()
        departments.change_department(found.id, changes, version, require_caller().actor, now())

    return submit(use_case, lambda: show_department(code), lambda: url_for("pages.department", code=code), "changed")


def _hours(form: Form) -> dict[str, str] | None:
    start, end = typed_daytime(form.raw("works_from")), typed_daytime(form.raw("works_until"))
    if not start and not end:
        return None
    try:
        return read_span({"from": start, "until": end}, "/working_hours").to_json()
    except RuleError as fault:
        form.faults += fault.all
        return None
