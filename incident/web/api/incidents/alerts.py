"""Alerts from monitoring systems."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from flask import Response, request
from flask_babel import gettext

from incident.actions.incidents.receive import Decided, receive_alerts
from incident.actions.incidents.sources import own_mapping
from incident.core.incidents.alert import Alert
from incident.core.incidents.source import SOURCE_NAME
from incident.core.incidents.triage import REASON_WORDS
from incident.core.values.error_messages import fill
from incident.core.values.faults import RuleError
from incident.sources import IGNORED_WORDS, SOURCES, Ignored, Item, read_alerts
from incident.web.api.arguments import require_body
from incident.web.api.endpoint import noun
from incident.web.api.incidents.incident_schemas import AlertsOut, VerificationOut
from incident.web.http.body_limits import LARGE, max_body
from incident.web.http.conditional import respond
from incident.web.instance import current_instance, now
from incident.web.security.alert_limit import take_alerts
from incident.web.security.auth import needs, require_caller
from incident.web.security.sender_signatures import note_received
from incident.web.security.sns_messages import SNS, accept_sns_message

_SOURCE = {
    "in": "path",
    "name": "source",
    "schema": {"type": "string", "pattern": f"^{SOURCE_NAME}$"},
    "description": f"{', '.join(SOURCES)}, or a source of your own",
    "example": "generic",
}

CHALLENGE: Final = "X-Okta-Verification-Challenge"
_CHALLENGE = {"in": "header", "name": CHALLENGE, "schema": {"type": "string"}}

blueprint = noun("alerts", "What machines tell.")


@blueprint.route("/alerts/<source>", methods=["POST"], parameters=[_SOURCE])
@needs("alert.post")
@max_body(LARGE)
@blueprint.response(202, AlertsOut)
@blueprint.doc(
    requestBody={
        "required": True,
        "description": "generic: one alert; alertmanager: its webhook, version 4; suricata: EVE, one object or NDJSON; "
        "others: what the sender sends, one object, a list or NDJSON",
        "content": {
            "application/json": {
                "schema": {"anyOf": [{"type": "object"}, {"type": "array", "items": {}}]},
                "example": {"title": "Disk is full", "fingerprint": "disk:web-1", "status": "firing", "grade": 3},
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
)
def receive(source: str) -> Response:
    """Receive alerts; the response says whether each opened an incident, joined one or was dropped, and why.

    A token of one source is accepted as bearer, as the password of basic authentication, or behind the address. A
    source with a signing secret takes signed requests only.
    """
    body, notice = require_body(), None
    if source == SNS:
        notice = accept_sns_message(body)
    items = [notice] if notice else read_alerts(source, body, now(), _event_attributes(source), own_mapping)
    take_alerts(max(1, len(items)))
    alerts, settings = [item for item in items if isinstance(item, Alert)], current_instance().settings
    actor = require_caller().actor
    decided = iter(receive_alerts(alerts, actor, now(), settings.zone, settings.storm))
    note_received(actor)
    return respond({"items": [_decision_document(item, decided) for item in items]}, status=202)


@blueprint.route("/alerts/<source>", methods=["GET"], parameters=[_SOURCE, _CHALLENGE])
@needs("alert.post")
@blueprint.response(200, VerificationOut)
def verify(source: str) -> Response:
    """Answer the one request with which Okta verifies the address of an event hook."""
    if source != "okta":
        raise RuleError("source.no_verification", kind="not_found")
    challenge = request.headers.get(CHALLENGE)
    if not challenge:
        raise RuleError("source.no_challenge", {"header": CHALLENGE})
    return respond({"verification": challenge})


def _event_attributes(source: str) -> dict[str, str]:
    """Return the attributes of a CloudEvent in binary mode, which come as headers."""
    if source != "cloudevents" or "ce-specversion" not in request.headers:
        return {}
    named = ((name.lower(), value) for name, value in request.headers)
    return {name[3:]: unquote(value) for name, value in named if name.startswith("ce-")}


def _decision_document(item: Item, decided: Iterator[Decided]) -> dict[str, Any]:
    if isinstance(item, Ignored):
        reason = fill(gettext(IGNORED_WORDS[item.reason]), item.arguments)
        return {"decision": "ignored", "incident": None, "reason": reason, "code": item.reason}
    one = next(decided)
    reason = fill(gettext(REASON_WORDS[one.reason]), {"window": one.window})
    document = {"decision": one.decision, "incident": one.incident, "reason": reason, "code": one.reason}
    return document if one.window is None else document | {"maintenance_window": one.window}
