"""The form for the incidents that a department is responsible for."""

from typing import Any

from flask import request, url_for

from incident.actions.directory.departments import change_department
from incident.core.incidents.competence import read_competence
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.directory.departments import show_department
from incident.web.pages.forms import Form, words_of
from incident.web.pages.frame import Page, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller


@pages.post("/departments/<code>/competence")
@needs("department.write")
def change_competence(code: str) -> Page:
    """Set the incidents that a department is responsible for."""
    found = access.visible_department(code)

    def use_case() -> None:
        form = Form()
        version = form.number("version")
        form.finish()
        changes = {"competence": _typed()}
        change_department(found.id, changes, version, require_caller().actor, now())

    return submit(use_case, lambda: show_department(code), lambda: url_for("pages.department", code=code), "changed")


def _typed() -> dict[str, Any] | None:
    """Return the typed lists, grades and sectors; None when rules must not consider it."""
    if "is_competent" not in request.form:
        return None
    document: dict[str, Any] = {
        "categories": words_of(request.form.get("categories", "")),
        "grades": [int(one) for one in request.form.getlist("grades") if one in {"1", "2", "3", "4"}],
        "regions": words_of(request.form.get("regions", "")),
        "sectors": request.form.getlist("sectors") + words_of(request.form.get("other_sectors", "")),
    }
    return read_competence({name: values for name, values in document.items() if values}).to_json()
