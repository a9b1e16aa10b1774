"""The live streams of pages."""

import flask
from flask import request
from werkzeug.exceptions import NotFound

from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from incident.web.pages.blueprint import pages
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.visible import shown_entries
from incident.web.streams import sse
from incident.web.streams.stream_messages import ANY

TOPICS = 60
"""The largest number of topics of one stream."""


@pages.get("/live/incidents")
@needs("notice.read")
def live_incidents() -> flask.Response:
    """Stream a signal when any incident changes, without naming the incident."""
    return sse.stream_response(
        None, _after(), lambda after: max(after, journal.last_change_of(None)), _key(), access.viewer()
    )


@pages.get("/live/incidents/<number>")
@needs("incident.read")
def live_incident(number: str) -> flask.Response:
    """Stream a signal when one incident changes."""
    found = access.visible_incident(number)
    number, shown = found.number, shown_entries(found)
    return sse.stream_response(
        number, _after(), lambda after: max(after, journal.last_change_of(number, shown)), _key(), access.viewer()
    )


@pages.get("/live/pages")
@needs("incident.read")
def live_pages() -> flask.Response:
    """Stream which of the requested topics change, and on which others come or leave, for all pages of a browser.

    A topic is the number of an incident, or `any`; what the viewer may not see never changes.
    """
    asked = list(dict.fromkeys(request.args.getlist("of")))[:TOPICS]
    seen = {one: incident for one in asked if one != ANY and (incident := _visible(one))}
    topics = {number: shown_entries(incident) for number, incident in seen.items()}
    open_pages = {incident.id: number for number, incident in seen.items()}

    def missed(after: int) -> dict[str, int]:
        found = {number: max(after, journal.last_change_of(number, entries)) for number, entries in topics.items()}
        return found | ({ANY: max(after, journal.last_change_of(None))} if ANY in asked else {})

    follows = {*topics, ANY} & set(asked)
    return sse.pages_response(follows, _after(), missed, _key(), access.viewer(), open_pages)


def _visible(number: str) -> Incident | None:
    """Return an incident, None when the viewer may not see it."""
    try:
        return access.visible_incident(number)
    except NotFound:
        return None


def _key() -> str:
    """Return the key by which streams are counted: a session, or a token; never an address."""
    asking = require_caller()
    return asking.owner if asking.session_id is None else f"session:{asking.session_id}"


def _after() -> int:
    """Return the last entry that the page knows: the last one streamed, else the one it was rendered with."""
    last_event_id = request.headers.get("Last-Event-ID") or request.args.get("after") or "0"
    return int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 16 else 0
