"""One change to several incidents of the list: each in its own transaction, with a result for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import Forbidden, NotFound

from incident.actions.incidents import incidents as use_cases
from incident.actions.incidents.assignment_undo import undo_assignment
from incident.core.incidents.grade import require_grade
from incident.core.values.error_messages import N_, say
from incident.core.values.faults import RuleError
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.store.incidents.incidents import Incident
from incident.web.i18n import gettext as _
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form, is_whole_number
from incident.web.pages.frame import Page, is_permitted, render
from incident.web.pages.incidents.incident_list import list_url
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

MOST = 60
"""Incidents that one request changes: those of one page of the list."""

RESOLUTION_LIMIT = 60
PERMISSIONS = {
    "assign": "incident.change",
    "grade": "incident.change",
    "note": "note.write",
    "close": "incident.close",
}
HEADINGS = {
    "assign": N_("Assign incidents"),
    "grade": N_("Grade incidents"),
    "note": N_("Add a note to incidents"),
    "close": N_("Close incidents"),
    "undo": N_("Undo the assignment"),
    "": N_("Change incidents"),
}


@dataclass(frozen=True)
class BulkResult:
    """The result for one incident; `why` is empty when it was changed.

    `undo` is its version after a change that can be undone.
    """

    number: str
    title: str
    is_exercise: bool
    why: Sequence[str] = ()
    undo: int | None = None


@pages.post("/incidents/bulk")
@needs("incident.read")
def change_many() -> Page:
    """Change the selected incidents, and show of each whether it was changed, and if not, why."""
    action = request.form.get("do", "")
    if not is_permitted(PERMISSIONS.get(action, "incident.change")):
        raise Forbidden
    numbers = list(dict.fromkeys(request.form.getlist("numbers")))
    try:
        change = _read_change(action, numbers)
    except RuleError as fault:
        return _page(action, [], [say(one.code, one.arguments, _) for one in fault.all], 422)
    is_undoable = action == "assign"
    return _page(action, [_result(number, change, is_undoable=is_undoable) for number in numbers], [], 200)


@pages.post("/incidents/bulk/undo")
@needs("incident.change")
def undo_many() -> Page:
    """Undo the assignments that one request made, and show of each whether it was undone."""
    given = [one.rpartition(":")[::2] for one in list(dict.fromkeys(request.form.getlist("undo")))[:MOST]]
    versions = {number: int(version) for number, version in given if is_whole_number(version)}
    return _page("undo", [_undo(number, version) for number, version in versions.items()], [], 200)


def _undo(number: str, version: int) -> BulkResult:
    return _result(number, lambda found: undo_assignment(found.id, version, require_caller().actor, now()))


def _page(action: str, results: Sequence[BulkResult], faults: Sequence[str], status: int) -> Page:
    return render(
        "incidents/bulk.html",
        status,
        heading=_(HEADINGS.get(action, HEADINGS[""])),
        done=[one for one in results if not one.why],
        failed=[one for one in results if one.why],
        faults=faults,
        back=list_url(request.form.get("query", "")),
        query=request.form.get("query", ""),
    )


def _read_change(action: str, numbers: Sequence[str]) -> Callable[[Incident], object]:
    """Return the use case to run on each incident.

    Raises:
        RuleError: when none or too many incidents are selected, or a field is wrong.
    """
    if not numbers:
        raise RuleError("bulk.none_selected")
    if len(numbers) > MOST:
        raise RuleError("bulk.too_many", {"most": MOST})
    change = _changes(Form(), require_caller().actor).get(action)
    if change is None:
        raise RuleError("bulk.no_action")
    return change()


def _changes(form: Form, by: str) -> dict[str, Callable[[], Callable[[Incident], object]]]:
    def facts(**changes: object) -> Callable[[Incident], object]:
        return lambda incident: use_cases.change_incident(incident.id, changes, None, by, now())

    def note() -> Callable[[Incident], object]:
        text = form.needed("note", DESCRIPTION_LIMIT)
        form.finish()
        return lambda incident: use_cases.add_note(incident.id, text, by, now())

    def close() -> Callable[[Incident], object]:
        resolution, text = form.needed("resolution", RESOLUTION_LIMIT), form.text("closing_note", DESCRIPTION_LIMIT)
        form.finish()
        return lambda incident: use_cases.close_incident(incident.id, resolution, text, None, by, now())

    def assign() -> Callable[[Incident], object]:
        owner = form.text("owner")
        form.finish()  # an owner that cannot be read is not nobody
        return facts(owner=owner)

    def grade() -> Callable[[Incident], object]:
        return facts(grade=require_grade(form.number("grade"), "/grade"))

    return {"assign": assign, "grade": grade, "note": note, "close": close}


def _result(number: str, change: Callable[[Incident], object], *, is_undoable: bool = False) -> BulkResult:
    try:
        found = access.visible_incident(number)
    except NotFound:
        return BulkResult(
            number[:24], "", False, [_("There is no such incident, or you do not have permission to see it.")]
        )
    title, is_exercise, version = found.title, found.is_exercise, found.version
    try:
        change(found)
    except RuleError as fault:
        return BulkResult(number, title, is_exercise, [say(one.code, one.arguments, _) for one in fault.all])
    return BulkResult(
        number, title, is_exercise, (), found.version if is_undoable and found.version != version else None
    )
