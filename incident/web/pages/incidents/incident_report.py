"""The report on an incident, to be printed: facts, people, decisions, notices and answers, tasks, timeline."""

from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.pages.incidents.incident_page import view_of
from incident.web.security import access
from incident.web.security.auth import needs


@pages.get("/incidents/<number>/report")
@needs("incident.read")
def incident_report(number: str) -> Page:
    """Show the report on an incident: no form and no button, the oldest entry of the timeline first."""
    view = view_of(access.visible_incident(number), asked={"journal": "all"})
    entries = list(reversed(view.entries))
    return render(
        "incidents/report.html",
        view=view,
        it=view.incident,
        entries=entries,
        decisions=[one for one in entries if one.is_decision],
        made_at=now(),
    )
