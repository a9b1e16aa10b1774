"""The live streams of pages."""

import flask
from flask import request

from incident.store.journal import journal
from incident.web.pages.blueprint import pages
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.visible import shown_entries
from incident.web.streams import sse


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


def _key() -> str:
    """Return the key by which streams are counted: a session, or a token; never an address."""
    asking = require_caller()
    return asking.owner if asking.session_id is None else f"session:{asking.session_id}"


def _after() -> int:
    """Return the last entry that the page knows: the last one streamed, else the one it was rendered with."""
    last_event_id = request.headers.get("Last-Event-ID") or request.args.get("after") or "0"
    return int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 16 else 0
