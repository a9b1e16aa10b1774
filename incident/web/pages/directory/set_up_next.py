"""The set-up after the playbooks: the departments that they ask, then what is still missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request, url_for

from incident.actions.directory.departments import add_department
from incident.actions.directory.first_run import marked_steps
from incident.core.directory.first_run import FIRST_STEPS
from incident.data.first_run import DepartmentSet, department_sets
from incident.store.deadlines.profiles import latest_profile
from incident.store.directory import departments, people
from incident.store.directory.departments import Department
from incident.store.incidents.rules import rules_in_force
from incident.store.playbooks import playbooks
from incident.store.playbooks.playbooks import Playbook
from incident.store.queries.drills import list_drills
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
    """A part of the set-up, whether it is done or skipped, and the page where it is done."""

    key: str
    title: str
    hint: str
    is_done: bool
    words: str
    url: str
    without_contact: Sequence[Department] = ()
    is_skipped: bool = False


@pages.get("/setup/departments")
@needs("department.write")
def missing_departments_page() -> Page:
    """Show the departments that the playbooks ask and that do not exist yet."""
    return render("sign_in/set_up_departments.html", missing=_missing(), given=request.form, sets=_sets())


def _sets() -> list[tuple[DepartmentSet, int]]:
    """Return the sets of departments to start from, each with how many of it do not exist yet."""
    known = departments.names_by_code()
    return [(one, len([code for code in one.departments if code not in known])) for one in department_sets()]


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
    """Show the steps of the first run: what is done, what was skipped, and what is left."""
    steps = first_steps()
    left = [one for one in steps if not one.is_done and not one.is_skipped]
    return render("sign_in/set_up_next.html", following=left[0] if left else None, steps=steps)


def next_step_url() -> str:
    """Return the page of the first step that is left, the list of all when none is."""
    left = [one for one in first_steps() if not one.is_done and not one.is_skipped]
    return left[0].url if left else url_for("pages.set_up_next")


def count_left() -> int:
    """Count the steps of the first run that are neither done nor skipped."""
    return len([one for one in first_steps() if not one.is_done and not one.is_skipped])


def _missing(rows: Sequence[Playbook] | None = None) -> Mapping[str, str]:
    """Return the titles of the departments that the playbooks here ask and that do not exist, by code."""
    asked: dict[str, str] = {}
    for row in playbooks.list_playbooks(access.viewer()) if rows is None else rows:
        asked = {**departments_of(row), **asked}
    return missing_departments(asked)


def first_steps() -> list[SetUpStep]:
    """Return the steps of the first run in their order."""
    marks, rows = marked_steps(), playbooks.list_playbooks(access.viewer())
    made = {
        one.key: one
        for one in (
            *_own_steps(marks.get("language") == "done", has_playbooks=bool(rows)),
            *_department_steps(rows),
            *_later_steps(),
        )
    }
    return [replace(made[key], is_skipped=marks.get(key) == "skipped" and not made[key].is_done) for key in FIRST_STEPS]


def _own_steps(is_language_done: bool, has_playbooks: bool) -> Iterator[SetUpStep]:
    yield SetUpStep(
        "language",
        _("Language and time zone"),
        _("Times are shown in the zone %(zone)s.", zone=current_instance().settings.timezone),
        is_language_done,
        _("Choose"),
        url_for("pages.first_language"),
    )
    yield SetUpStep(
        "organization",
        _("Describe your organisation"),
        _("It decides which deadlines of authorities apply to you."),
        latest_profile() is not None,
        _("Organisation"),
        url_for("pages.organization", first=1),
    )
    yield SetUpStep(
        "playbooks",
        _("Choose playbooks"),
        _("A playbook says who does what, step by step."),
        has_playbooks,
        _("Choose playbooks"),
        url_for("pages.shipped_playbooks"),
    )


def _department_steps(rows: Sequence[Playbook]) -> Iterator[SetUpStep]:
    known, missing = departments.departments_after(None, LOOKED_AT), _missing(rows)
    counts = departments.contact_counts([one.id for one in known])
    without = [one for one in known if not counts.get(one.id)]
    yield SetUpStep(
        "departments",
        _("Add departments"),
        _("Your playbooks need some departments that do not exist yet.")
        if missing
        else _("Departments are notified of incidents and get tasks."),
        bool(known) and not missing,
        _("Add departments"),
        url_for("pages.missing_departments_page"),
    )
    yield SetUpStep(
        "contacts",
        _("Add contacts"),
        _("A department without a contact cannot be notified."),
        bool(known) and not without,
        _("Add a contact and test it"),
        url_for("pages.first_contact"),
        without[:SHOWN],
    )


def _later_steps() -> Iterator[SetUpStep]:
    yield SetUpStep(
        "people",
        _("Invite people"),
        _("Each person gets a link and sets their own password."),
        people.has_others(),
        _("People"),
        url_for("pages.people", first=1),
    )
    has_rules = rules_in_force() is not None
    yield SetUpStep(
        "rules",
        _("Set routing rules"),
        _("Rules decide who is notified of an incident, and which playbook starts."),
        has_rules,
        _("Rules") if has_rules else _("See the proposal"),
        url_for("pages.rules" if has_rules else "pages.first_rules"),
    )
    yield SetUpStep(
        "drill",
        _("Run a drill"),
        _("It shows whether messages arrive and who answers. Nothing leaves this machine."),
        bool(list_drills(access.viewer(), None, None, 1)),
        _("New drill"),
        url_for("pages.new_drill", first=1),
    )
