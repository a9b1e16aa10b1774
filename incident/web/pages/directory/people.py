"""People who sign in; for administrators."""

from collections.abc import Callable

from flask import request, url_for

from incident.actions.directory import people as use_cases
from incident.core.notifications.message import LANGUAGES
from incident.core.values.access import ROLES_OF_PEOPLE
from incident.store.directory.people import all_people
from incident.web.account_links import MadeLink, can_mail, make_link, require_mail
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.directory.person import open_links
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import needs, require_caller


@pages.get("/people")
@needs("person.read")
def people() -> Page:
    """List people."""
    return _list()


def _list(changed: int | None = None, linked: int | None = None, link: MadeLink | None = None) -> Page:
    rows = all_people()
    for one in rows:
        note_read("person", one.id)
    return render(
        "people/people.html",
        201 if link else 200,
        can_mail=can_mail(),
        changed=changed,
        given={} if link else request.form,
        link=link,
        linked=linked,
        links=open_links(rows),
        roles=ROLES_OF_PEOPLE,
        rows=rows,
    )


@pages.post("/people/<int(max=2147483647):person_id>")
@needs("person.write")
def change_person(person_id: int) -> Page:
    """Change a person, or record that they have left."""

    def use_case() -> None:
        form = Form()
        name, language = form.named("name"), form.raw("language")
        changes = {
            "name": name,
            "role": form.raw("role"),
            "department": typed_department(form.text("department", 200)),
            "language": language if language in LANGUAGES else "en",
            "is_active": form.raw("is_active") == "1",
        }
        form.finish()
        use_cases.change_person(person_id, changes, require_caller().actor, now())

    return submit(use_case, lambda: _list(person_id), lambda: url_for("pages.people"), "changed")


@pages.post("/people/<int(max=2147483647):person_id>/link")
@needs("person.write")
def make_password_link(person_id: int) -> Page:
    """Create a link that sets a person's password; it is mailed, or shown on the next page, once."""
    return _with_link(lambda: make_link(person_id, require_mail(Form().raw("mail"))), person_id)


@pages.post("/people")
@needs("person.write")
def add_person_form() -> Page:
    """Add a person who signs in, and invite them by a link."""

    def use_case() -> MadeLink:
        form = Form()
        login, name = form.login(), form.named("name")
        role, department, language = (
            form.raw("role"),
            typed_department(form.text("department", 200)),
            form.raw("language"),
        )
        mail = form.checked("mail", lambda: require_mail(form.raw("mail")))
        form.finish()
        chosen_language = language if language in LANGUAGES else "en"
        by = require_caller().actor
        return make_link(use_cases.add_person(login, name, role, department, None, chosen_language, by, now()).id, mail)

    return _with_link(use_case)


def _with_link(use_case: Callable[[], MadeLink], person_id: int | None = None) -> Page:
    made: list[MadeLink] = []
    answer = submit(
        lambda: made.append(use_case()), lambda: _list(linked=person_id), lambda: url_for("pages.people"), "added"
    )
    return _list(link=made[0]) if made else answer
