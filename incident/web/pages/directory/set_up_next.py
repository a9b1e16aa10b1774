"""The set-up after the playbooks: the departments that they ask, then what is still missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for

from incident.actions.directory.departments import add_department
from incident.store.directory import departments, people
from incident.store.directory.departments import Department
from incident.store.incidents.rules import rules_in_force
from incident.store.playbooks import playbooks
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render, submit
from incident.web.pages.playbooks.library import departments_of, missing_departments
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

LOOKED_AT = 500
"""How many departments are looked at: a set-up has few."""

SHOWN = 20
"""How many departments without a contact are listed."""


@dataclass(frozen=True)
class SetUpStep:
    """A part of the set-up, whether it is done, and the page where it is done."""

    title: str
    hint: str
    is_done: bool
    words: str
    url: str
    without_contact: Sequence[Department] = ()


@pages.get("/setup/departments")
@needs("department.write")
def missing_departments_page() -> Page:
    """Show the departments that the playbooks ask and that do not exist yet."""
    return render("sign_in/set_up_departments.html", missing=_missing(), given=request.form)


@pages.post("/setup/departments")
@needs("department.write")
def add_missing_departments() -> Page:
    """Add the selected departments, with the titles that the playbooks give them."""
    chosen, titles = set(request.form.getlist("department")), _missing()

    def use_case() -> None:
        actor, timezone = require_caller().actor, current_instance().settings.timezone
        for code, title in titles.items():
            if code in chosen:
                add_department(code, title, None, actor, now(), timezone=timezone)

    return submit(
        use_case, missing_departments_page, lambda: url_for("pages.set_up_next"), "added" if chosen else "changed"
    )


@pages.get("/setup/next")
@needs("department.write")
def set_up_next() -> Page:
    """Show what the set-up still needs: departments, contacts, people, rules, and a drill."""
    return render("sign_in/set_up_next.html", steps=_steps())


def _missing() -> Mapping[str, str]:
    """Return the titles of the departments that the playbooks here ask and that do not exist, by code."""
    asked: dict[str, str] = {}
    for row in playbooks.list_playbooks(access.viewer()):
        asked = {**departments_of(row), **asked}
    return missing_departments(asked)


def _steps() -> list[SetUpStep]:
    known, missing = departments.departments_after(None, LOOKED_AT), _missing()
    counts = departments.contact_counts([one.id for one in known])
    without = [one for one in known if not counts.get(one.id)]
    return [
        SetUpStep(
            _("Add departments"),
            _("Your playbooks need some departments that do not exist yet.")
            if missing
            else _("Departments are notified of incidents and get tasks."),
            bool(known) and not missing,
            _("Add departments"),
            url_for("pages.missing_departments_page" if missing else "pages.departments"),
        ),
        SetUpStep(
            _("Add contacts"),
            _("A department without a contact cannot be notified."),
            bool(known) and not without,
            _("Departments"),
            url_for("pages.departments"),
            without[:SHOWN],
        ),
        SetUpStep(
            _("Invite people"),
            _("Each person gets a link and sets their own password."),
            len(people.active_people()) > 1,
            _("People"),
            url_for("pages.people"),
        ),
        SetUpStep(
            _("Set routing rules"),
            _("Rules decide who is notified of an incident, and which playbook starts."),
            rules_in_force() is not None,
            _("Rules"),
            url_for("pages.rules"),
        ),
    ]
