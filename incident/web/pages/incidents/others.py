"""Who else has the page of an incident open, by names that the viewer may see."""

from collections.abc import Sequence

from incident.core.incidents.presence import PRESENT_FOR, may_see_viewer
from incident.store.directory.people import people_of
from incident.store.incidents.incidents import Incident
from incident.store.incidents.presence import viewers_of
from incident.web.i18n import spoken
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.security import access
from incident.web.security.auth import needs


@pages.get("/incidents/<number>/others")
@needs("incident.read")
def others_here(number: str) -> Page:
    """Show who else has the page of an incident open."""
    return render("incidents/page/others.html", others=others_on(access.visible_incident(number)), number=number)


def others_on(incident: Incident) -> Sequence[str]:
    """Return the names of others who look at an incident now, as far as the viewer may see them."""
    viewer = access.viewer()
    ids = viewers_of([incident.id], now() - PRESENT_FOR)[incident.id] - {viewer.person_id}
    people = [one for one in (people_of(ids) if ids else ()) if one.is_active]
    return sorted(spoken(one.name) for one in people if may_see_viewer(viewer, one.id, one.department_id))
