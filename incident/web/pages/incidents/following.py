"""Following an incident, and the people whom a note on it can mention."""

import flask
from flask import request

from incident.actions.incidents.following import follow_incident
from incident.store.directory.people import active_people
from incident.store.queries.news_audience import who_may_see
from incident.web.i18n import spoken
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page
from incident.web.pages.incident_forms import submit_on
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

MAX_FOUND = 8


@pages.post("/incidents/<number>/follow")
@needs("incident.read")
def follow_incident_form(number: str) -> Page:
    """Let the person follow an incident, or follow it no longer."""
    found, asking = access.visible_incident(number), require_caller()
    person_id, is_wanted = asking.person_id, request.form.get("follow") != "no"
    if person_id is None:
        flask.abort(403)
    return submit_on(
        found,
        lambda: follow_incident(found.id, person_id, asking.actor, now(), is_wanted=is_wanted),
        "followed" if is_wanted else "unfollowed",
    )


@pages.get("/incidents/<number>/people")
@needs("note.write")
def find_mentionable(number: str) -> flask.Response:
    """Return login and name of the people whom a note can mention, found by a part of either."""
    found, typed = access.visible_incident(number), request.args.get("q", "").strip().lower()
    fitting = [one for one in active_people() if typed in one.login.lower() or typed in spoken(one.name).lower()]
    shown = who_may_see(found, fitting)[:MAX_FOUND]
    return flask.jsonify(items=[{"login": one.login, "name": spoken(one.name)} for one in shown])
