"""People who sign in, for administrators."""

from flask import request, url_for

from incident.actions import people as deeds
from incident.actions import personnel
from incident.core.access import ROLES
from incident.core.message import LANGUAGES
from incident.core.password import PASSWORD_LEAST
from incident.store import overview
from incident.web.auth import needs, require_caller
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, attempt, show


@pages.get("/people")
@needs("person.read")
def people() -> Page:
    """List people."""
    return _list()


def _list(changed: int | None = None) -> Page:
    return show(
        "people/people.html",
        changed=changed,
        given=request.form,
        least=PASSWORD_LEAST,
        roles=[role for role in ROLES if role != "source"],
        rows=overview.list_people(),
    )


@pages.post("/people/<int(max=2147483647):person_id>")
@needs("person.write")
def change_person(person_id: int) -> Page:
    """Change somebody, or let them leave."""

    def deed() -> None:
        form = Form()
        name, language = form.needed("name"), form.raw("language")
        changes = {
            "name": name,
            "role": form.raw("role"),
            "department": typed_department(form.text("department", 200)),
            "language": language if language in LANGUAGES else "en",
            "is_active": form.raw("is_active") == "1",
        }
        form.finish()
        personnel.change_person(person_id, changes, require_caller().actor, now())

    return attempt(deed, lambda: _list(person_id), lambda: url_for("pages.people"), "changed")


@pages.post("/people")
@needs("person.write")
def add_person() -> Page:
    """Add somebody who signs in."""

    def deed() -> None:
        form = Form()
        login, name = form.needed("login"), form.needed("name")
        role, department, password = (
            form.raw("role"),
            typed_department(form.text("department", 200)),
            request.form.get("password", ""),
        )
        language = form.raw("language")
        form.finish()
        deeds.add_person(
            login,
            name,
            role,
            department,
            password,
            language if language in LANGUAGES else "en",
            require_caller().actor,
            now(),
        )

    return attempt(deed, _list, lambda: url_for("pages.people"), "added")
