"""People who sign in, for administrators."""

from flask import request, url_for

from incident.actions import people as deeds
from incident.core.access import ROLES
from incident.core.message import LANGUAGES
from incident.store import departments, overview
from incident.web.auth import needs, require_caller
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, attempt, show

PASSWORD_LIMIT = 1_000


@pages.get("/people")
@needs("person.read")
def people() -> Page:
    """List people."""
    return _list()


def _list() -> Page:
    return show(
        "people/people.html",
        departments=departments.list_departments(),
        given=request.form,
        least=deeds.PASSWORD_LEAST,
        roles=[role for role in ROLES if role != "source"],
        rows=overview.list_people(),
    )


@pages.post("/people")
@needs("person.write")
def add_person() -> Page:
    """Add somebody who signs in."""

    def deed() -> None:
        form = Form()
        login, name = form.needed("login"), form.needed("name")
        role, department, password = form.raw("role"), form.text("department", 60), request.form.get("password", "")
        language = form.raw("language")
        form.finish()
        deeds.add_person(
            login,
            name,
            role,
            department,
            password[:PASSWORD_LIMIT],
            language if language in LANGUAGES else "en",
            require_caller().actor,
            now(),
        )

    return attempt(deed, _list, lambda: url_for("pages.people"), "added")
