"""Handing over a shift: what is open, promised and due, to whom, and the confirmation of that person."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from werkzeug.exceptions import Forbidden

from incident.actions.duty import handovers as use_cases
from incident.core.duty.handover import NOTE_LIMIT
from incident.store.db.database import db
from incident.store.directory import people
from incident.store.directory.departments import Department, departments_of
from incident.store.duty import handovers as store
from incident.store.duty.handovers import ShiftHandover
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.handover_access import giving_person, shown_lists, visible_handover

HANDOVER = "/handovers/<int(max=2147483647):handover_id>"
MAX_LISTED = 60


@dataclass(frozen=True)
class HandoverLine:
    """A handover with the names of its department and of both people."""

    row: ShiftHandover
    department: Department
    giver: str
    receiver: str
    is_mine_to_confirm: bool


def handover_lines(rows: Sequence[ShiftHandover]) -> list[HandoverLine]:
    """Return handovers with their names, in the same order."""
    known = departments_of({one.department_id for one in rows})
    names = people.names_of_people({one for row in rows for one in (row.from_person_id, row.to_person_id)})
    person_id = require_caller().person_id
    return [
        HandoverLine(
            one,
            known[one.department_id],
            names[one.from_person_id],
            names[one.to_person_id],
            one.confirmed_at is None and one.to_person_id == person_id,
        )
        for one in rows
    ]


def unconfirmed() -> list[HandoverLine]:
    """Return the handovers from or to the viewer that wait for a confirmation."""
    person_id = require_caller().person_id
    return [] if person_id is None else handover_lines(store.unconfirmed_handovers(person_id, MAX_LISTED))


@pages.get("/handovers")
@needs("notice.acknowledge")
def handover_list() -> Page:
    """Show the handovers that the viewer gave and got."""
    person_id = require_caller().person_id
    rows = [] if person_id is None else store.handovers_of(person_id, None, MAX_LISTED)
    return render("handovers/list.html", listed=handover_lines(rows))


@pages.get("/handovers/new")
@needs("notice.acknowledge")
def new_handover() -> Page:
    """Show what would be handed over, and to whom."""
    return _form()


@pages.post("/handovers")
@needs("notice.acknowledge")
def give_handover() -> Page:
    """Hand over a shift."""
    giver, department, made = giving_person(), _department(), []

    def use_case() -> None:
        form = Form()
        to, note = form.needed("to"), form.text("note", NOTE_LIMIT)
        form.finish()
        made.append(use_cases.hand_over(department, giver, to, note, require_caller().actor, now()).id)

    return submit(use_case, _form, lambda: url_for("pages.handover", handover_id=made[0]), "handed_over")


@pages.get(HANDOVER)
@needs("notice.acknowledge")
def handover(handover_id: int) -> Page:
    """Show a handover, with the lists as they were then."""
    row = visible_handover(handover_id)
    return render("handovers/one.html", it=handover_lines([row])[0], lists=shown_lists(row))


@pages.post(f"{HANDOVER}/confirm")
@needs("notice.acknowledge")
def confirm_handover_form(handover_id: int) -> Page:
    """Confirm that one has taken over."""
    row, asking = visible_handover(handover_id), require_caller()

    def use_case() -> None:
        use_cases.confirm_handover(row.id, asking.person_id, asking.actor, now())

    return submit(use_case, lambda: handover(handover_id), lambda: url_for("pages.inbox"), "taken_over")


def _form() -> Page:
    giver, department = giving_person(), _department()
    following = use_cases.next_officer(department, giver, now())
    return render(
        "handovers/new.html",
        department=department,
        following=following,
        given=request.form,
        lists=use_cases.lists_of(department, giver, following),
        officers=[(one.login, one.name) for one in use_cases.officers_of(department) if one.id != giver.id],
    )


def _department() -> Department:
    """Return the department of the form or the address, by default the viewer's own."""
    if code := request.values.get("department", "").strip():
        return access.visible_own_department(code)
    own = require_caller().department_id
    if own is None:
        raise Forbidden
    return db.session.get_one(Department, own)
