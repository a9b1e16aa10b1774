"""Selection of departments in forms: a list for few departments, a search for many."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import flask
from flask import Response, g, jsonify, request
from werkzeug.datastructures import MultiDict

from incident.core.values.faults import RuleError
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.web.i18n import spoken
from incident.web.pages.blueprint import pages
from incident.web.security import access
from incident.web.security.auth import needs

FEW: Final = 100
"""The largest number of departments that a form lists in full."""

MAX_FOUND: Final = 20
WORDS_LIMIT: Final = 200

Choice = tuple[str, str]
"""A department's code and its name."""


def register(app: flask.Flask) -> None:
    """Provide the templates with the choices of departments."""
    app.jinja_env.globals.update(department_choices=department_choices, department_names=department_names)


def department_choices() -> Sequence[Choice] | None:
    """Return all departments; None when there are too many to list, so that the form offers a search."""
    if "department_choices" not in g:
        g.department_choices = _unless_many([(code, name) for code, name in departments.first_names(FEW + 1)])
    choices: Sequence[Choice] | None = g.department_choices
    return choices


def _unless_many(choices: Sequence[Choice]) -> Sequence[Choice] | None:
    return None if len(choices) > FEW else choices


def department_names(codes: Iterable[str | None]) -> list[Choice]:
    """Return departments with their names, in this order; an unknown code is named as it was typed."""
    wanted = list(dict.fromkeys(code for code in codes if code))
    known = departments.departments_by_codes(code for code in wanted if code.isprintable())
    return [(code, known[code].name if code in known else code) for code in wanted]


def names_shown() -> Mapping[str, str]:
    """Return the names of departments by code for the viewer: people of a department get those of their own."""
    if access.viewer().role != "department":
        names = departments.names_by_code()
        g.department_choices = _unless_many(sorted(names.items()))
        return names
    own = {one for one in access.viewer().department_ids if isinstance(one, int)}
    return {one.code: one.name for one in departments.departments_of(own).values()}


def typed_department(typed: str | None) -> str | None:
    """Return the code of a department typed as its code or its full name; anything else unchanged."""
    if not typed or not typed.isprintable():
        return typed
    return departments.code_of(typed[:WORDS_LIMIT]) or typed


def with_shared_names(faults: Iterable[RuleError]) -> tuple[RuleError, ...]:
    """Return faults of a form; a department typed by a name that others have too is not called unknown."""
    return tuple(
        RuleError("department.name_shared", one.arguments, pointer=one.pointer, kind=one.kind)
        if one.code == "department.unknown" and _is_shared(str(one.arguments.get("code", "")))
        else one
        for one in faults
    )


def _is_shared(typed: str) -> bool:
    return typed.isprintable() and departments.is_shared_name(typed[:WORDS_LIMIT])


def picked_departments(form: MultiDict[str, str] | None = None) -> list[str]:
    """Return the codes of the departments that were selected or typed in a form, without duplicates."""
    values = (request.form if form is None else form).getlist("departments")
    typed = [one.strip() for value in values for one in value.split(",")]
    return list(dict.fromkeys(code for one in typed if (code := typed_department(one))))


@pages.get("/pick/departments")
@needs("department.read")
def pick_departments() -> Response:
    """Search departments by a part of their code or name; people of a department find their own."""
    words = request.args.get("q", "").strip()[:WORDS_LIMIT]
    viewer = access.viewer()
    own = [one for one in viewer.department_ids if isinstance(one, int)] if viewer.role == "department" else None
    found = departments.search_departments(words, MAX_FOUND, among=own) if words.isprintable() else []
    return jsonify({"items": [{"code": code, "name": spoken(name)} for code, name in _choices(found)]})


def _choices(found: Iterable[Department]) -> list[Choice]:
    return [(one.code, one.name) for one in found]
