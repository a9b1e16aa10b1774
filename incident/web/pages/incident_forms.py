"""Forms about an incident, on its page or in the inbox; each returns to where it was sent."""

from collections.abc import Callable
from typing import Any

from flask import current_app, make_response, request, url_for

from incident.store.incidents.incidents import Incident
from incident.web.pages.frame import Page, submit
from incident.web.security import access


def is_from_inbox() -> bool:
    """Return whether the form was sent in the inbox."""
    return request.form.get("from") == "inbox"


def submit_on(
    incident: Incident, use_case: Callable[[], object], said: str | Callable[[], str], place: str = ""
) -> Page:
    """Run a use case and redirect to the page of the form; if refused, show that page again.

    Args:
        incident: the incident of the form.
        use_case: the action to run.
        said: the code of the message shown after success, or a function that returns it.
        place: the part of the incident's page to return to.
    """
    return submit(use_case, lambda: again(incident), lambda: address(incident, place), said)


def address(incident: Incident, place: str = "") -> str:
    """Return the address of the page of the form, for an incident's page with the part to show."""
    endpoint, values = _page(incident)
    return url_for(endpoint, _anchor=place if values and place else None, **values)


def again(incident: Incident) -> Page:
    """Render the page of the form again, with what was typed."""
    endpoint, values = _page(incident)
    return make_response(current_app.view_functions[endpoint](**values))


def _page(incident: Incident) -> tuple[str, dict[str, Any]]:
    """Return the page of the form; who may not see the incident has only the inbox."""
    if is_from_inbox() or not access.may_see(incident):
        return "pages.inbox", {}
    return "pages.incident", {"number": incident.number}
