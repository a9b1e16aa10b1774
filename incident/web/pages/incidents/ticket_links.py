"""Links to tickets of other systems on the page of an incident."""

from incident.actions.incidents import tickets
from incident.outgoing.addresses import URL_LIMIT
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.pages.incident_forms import submit_on
from incident.web.security import access
from incident.web.security.auth import needs, require_caller


@pages.post("/incidents/<number>/tickets")
@needs("incident.change")
def link_ticket_form(number: str) -> Page:
    """Link an incident to a ticket in another system."""
    found = access.visible_incident(number)

    def use_case() -> None:
        form = Form()
        system, key = form.named("system", tickets.SYSTEM_LIMIT), form.named("key", tickets.KEY_LIMIT)
        url = form.needed("url", URL_LIMIT)
        form.finish()
        tickets.link_ticket(found.id, system, key, url, require_caller().actor, now())

    return submit_on(found, use_case, "ticket_linked", "tickets")


@pages.post("/incidents/<number>/tickets/<int(max=2147483647):ticket_id>/unlink")
@needs("incident.change")
def unlink_ticket_form(number: str, ticket_id: int) -> Page:
    """Remove the link to a ticket."""
    found = access.visible_incident(number)

    def use_case() -> None:
        tickets.unlink_ticket(found.id, ticket_id, require_caller().actor, now())

    return submit_on(found, use_case, "ticket_unlinked", "tickets")
