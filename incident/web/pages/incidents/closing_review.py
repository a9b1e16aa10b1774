"""The review after closing, on the page of an incident: what went well, what did not, and actions."""

from typing import Final

from incident.actions.incidents import closing_reviews as use_cases
from incident.actions.incidents.closing_reviews import NewReviewAction
from incident.core.incidents.closing_review import ACTION_LIMIT, REVIEW_LIMIT
from incident.core.values.faults import RuleError
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.pages.incident_forms import submit_on
from incident.web.security import access, review_access
from incident.web.security.auth import needs, require_caller

_ONE: Final = "/incidents/<number>/review/actions/<int(max=2147483647):action_id>"
PLACE: Final = "review"


@pages.post("/incidents/<number>/review")
@needs("incident.change")
def write_review_form(number: str) -> Page:
    """Write what went well on a closed incident, and what did not."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        well, wrong = form.text("went_well", REVIEW_LIMIT) or "", form.text("went_wrong", REVIEW_LIMIT) or ""
        form.finish()
        use_cases.write_review(found.id, well, wrong, require_caller().actor, now())

    return submit_on(found, use_case, "review_written", PLACE)


@pages.post("/incidents/<number>/review/actions")
@needs("incident.change")
def add_review_action_form(number: str) -> Page:
    """Add an action with owner, due and reminder."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        title, owner = form.needed("action_title", ACTION_LIMIT), form.needed("action_owner")
        due_at, remind_at = form.bound("due_at"), form.bound("remind_at")
        if due_at is None and not form.has_fault("due_at"):
            form.faults.append(RuleError("document.missing", pointer="/due_at"))
        form.finish()
        if due_at is not None:
            new = NewReviewAction(" ".join(title.split()), owner, due_at, remind_at)
            _add(found.id, new)

    return submit_on(found, use_case, "action_added", PLACE)


def _add(incident_id: int, new: NewReviewAction) -> None:
    """Add an action; a fault of its owner is shown at the field of this form."""
    try:
        use_cases.add_review_action(incident_id, new, require_caller().actor, now())
    except RuleError as fault:
        if fault.pointer != "/owner":
            raise
        raise RuleError(fault.code, fault.arguments, pointer="/action_owner", kind=fault.kind) from fault


@pages.post(f"{_ONE}/done")
@needs("incident.read")
def end_review_action_form(number: str, action_id: int) -> Page:
    """Mark an action as done: its owner does, or who may change the incident."""
    found, row = access.visible_incident(number), review_access.endable_review_action(number, action_id)

    def use_case() -> None:
        use_cases.end_review_action(row.id, require_caller().actor, now())

    return submit_on(found, use_case, "action_done", PLACE)


@pages.post(f"{_ONE}/remove")
@needs("incident.change")
def remove_review_action_form(number: str, action_id: int) -> Page:
    """Remove an action from the review."""
    found, row = access.visible_incident(number), review_access.visible_review_action(number, action_id)

    def use_case() -> None:
        use_cases.remove_review_action(row.id, require_caller().actor, now())

    return submit_on(found, use_case, "removed", PLACE)
