"""Systems: the list, one with its incidents, and the form."""

import re
from collections.abc import Callable
from typing import Any, Final

from flask import Response, jsonify, request, url_for

from incident.actions.systems import systems as use_cases
from incident.core.systems.system import (
    CRITICALITIES,
    LEAST_LEVEL,
    MOST_LEVEL,
    NOTE_LIMIT,
    SYSTEM_NAME_LIMIT,
    require_all,
    require_criticality,
    require_protection_level,
    require_system_address,
    require_system_name,
)
from incident.core.values.identifier import require_code
from incident.store.directory import departments
from incident.store.queries import incident_list
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.systems import systems as store
from incident.store.systems.systems import System
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, redirect_with_flash, render, submit
from incident.web.security import access, system_access
from incident.web.security.access_log_writer import note_listed
from incident.web.security.auth import needs, require_caller

PAGE_LIMIT: Final = 50
MAX_FOUND: Final = 20
WORDS_LIMIT: Final = 200
FIELDS: Final = (
    "code",
    "name",
    "owner",
    "protection_level",
    "criticality",
    "is_critical_infrastructure",
    "addresses",
    "names",
    "note",
    "is_active",
)


@pages.get("/systems")
@needs("system.read")
def system_list() -> Page:
    """List systems by code; people of a department see those that it owns."""
    words = _words()
    after = (read_cursor(request.args.get("cursor"), (str,)) or (None,))[0]
    found = store.list_systems(words, after, PAGE_LIMIT + 1, system_access.owners_shown())
    shown, following = cut(found, PAGE_LIMIT, lambda one: (one.code,))
    owners = departments.departments_of({one.department_id for one in shown if one.department_id is not None})
    older = url_for("pages.system_list", q=words or None, cursor=following) if following else None
    return render("systems/list.html", rows=shown, owners=owners, words=words, older=older)


def _words() -> str:
    words = request.args.get("q", "").strip()[:WORDS_LIMIT]
    return words if words.isprintable() else ""


@pages.get("/pick/systems")
@needs("system.read")
def pick_systems() -> Response:
    """Search systems by a part of their code, name, address or host."""
    found = store.list_systems(_words(), None, MAX_FOUND, system_access.owners_shown())
    return jsonify({"items": [{"code": one.code, "name": one.name} for one in found]})


@pages.get("/systems/new")
@needs("system.write")
def new_system() -> Page:
    """Show the form for a new system."""
    return _form({"is_active": "1"}, None)


def _form(given: dict[str, Any], row: System | None) -> Page:
    levels = [(level, str(level)) for level in range(LEAST_LEVEL, MOST_LEVEL + 1)]
    return render("systems/form.html", given=given, row=row, levels=levels, criticalities=CRITICALITIES)


@pages.post("/systems/new")
@needs("system.write")
def add_system_form() -> Page:
    """Add a system."""
    added: list[str] = []

    def use_case() -> None:
        form = Form()
        facts = _facts(form)
        code = form.needed("code")
        facts["code"] = code and form.checked("code", lambda: require_code(code, "/code"))
        form.finish()
        added.append(use_cases.add_system(facts, require_caller().actor, now()).code)

    return submit(use_case, lambda: _form(_typed(), None), lambda: url_for("pages.one_system", code=added[0]), "added")


def _typed() -> dict[str, Any]:
    return {name: request.form.get(name, "") for name in (*FIELDS, "version")}


def _facts(form: Form) -> dict[str, Any]:
    level, criticality = form.number("protection_level"), form.text("criticality")
    graded = form.checked("protection_level", lambda: level and require_protection_level(level, "/protection_level"))
    rated = form.checked("criticality", lambda: criticality and require_criticality(criticality, "/criticality"))
    return {
        "name": form.named("name", SYSTEM_NAME_LIMIT),
        "owner": typed_department(form.text("owner")),
        "protection_level": graded,
        "criticality": rated,
        "is_critical_infrastructure": form.raw("is_critical_infrastructure") == "1",
        "addresses": _values(form, "addresses", require_system_address),
        "names": _values(form, "names", require_system_name),
        "note": form.text("note", NOTE_LIMIT) or "",
        "is_active": form.raw("is_active") == "1",
    }


def _values(form: Form, name: str, require: Callable[[object, str], str]) -> tuple[str, ...]:
    typed = [one for one in (part.strip() for part in re.split(r"[\n,，;；]", form.raw(name))) if one]
    return form.checked(name, lambda: require_all(typed, require, f"/{name}")) or ()


@pages.get("/systems/<code>")
@needs("system.read")
def one_system(code: str) -> Page:
    """Show a system with its newest incidents, as far as the viewer may see them."""
    row = system_access.visible_system(code)
    wanted = IncidentFilter(system_id=row.id)
    found = incident_list.list_incidents(access.viewer(), wanted, None, PAGE_LIMIT + 1)
    note_listed(found)
    owner = departments.departments_of([row.department_id])[row.department_id] if row.department_id else None
    return render(
        "systems/one.html",
        row=row,
        owner=owner,
        incidents=found[:PAGE_LIMIT],
        has_more=len(found) > PAGE_LIMIT,
        can_change=is_permitted("system.write"),
    )


@pages.get("/systems/<code>/change")
@needs("system.write")
def edit_system(code: str) -> Page:
    """Show the form with the facts of a system."""
    row = system_access.visible_system(code)
    owner = departments.departments_of([row.department_id])[row.department_id].code if row.department_id else ""
    given = {name: getattr(row, name) for name in FIELDS if name != "owner"} | {
        "owner": owner,
        "addresses": "\n".join(row.addresses),
        "names": "\n".join(row.names),
        "is_active": "1" if row.is_active else "",
        "is_critical_infrastructure": "1" if row.is_critical_infrastructure else "",
    }
    return _form(given, row)


@pages.post("/systems/<code>/change")
@needs("system.write")
def change_system_form(code: str) -> Page:
    """Change a system."""
    row = system_access.visible_system(code)

    def use_case() -> None:
        form = Form()
        facts, version = _facts(form), form.number("version")
        form.finish()
        use_cases.change_system(row.id, facts, version, require_caller().actor, now())

    return submit(use_case, lambda: _form(_typed(), row), lambda: url_for("pages.one_system", code=code), "changed")


@pages.post("/systems/<code>/delete")
@needs("system.write")
def delete_system_form(code: str) -> Page:
    """Delete a system that no incident ever had."""
    row = system_access.visible_system(code)
    use_cases.delete_system(row.id, None, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.system_list"), "removed")
