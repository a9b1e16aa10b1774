"""Alerts from monitoring systems."""

from collections.abc import Iterator
from typing import Any

from flask import Response
from flask_babel import gettext

from incident.actions.incidents.receive import Decided, receive_alerts
from incident.core.incidents.alert import Alert
from incident.core.incidents.triage import REASON_WORDS
from incident.core.values.error_messages import fill
from incident.sources import IGNORED_WORDS, SOURCES, Ignored, Item, read_alerts
from incident.web.api.arguments import require_body
from incident.web.api.endpoint import noun
from incident.web.api.incidents.incident_schemas import AlertsOut
from incident.web.http.body_limits import LARGE, max_body
from incident.web.http.conditional import respond
from incident.web.instance import current_instance, now
from incident.web.security.alert_limit import take_alerts
from incident.web.security.auth import needs, require_caller

_SOURCE = {"in": "path", "name": "source", "schema": {"type": "string", "enum": list(SOURCES)}}

blueprint = noun("alerts", "What machines tell.")


@blueprint.route("/alerts/<source>", methods=["POST"], parameters=[_SOURCE])
@needs("alert.post")
@max_body(LARGE)
@blueprint.response(202, AlertsOut)
@blueprint.doc(
    requestBody={
        "required": True,
        "description": "generic: one alert; alertmanager: its webhook, version 4; suricata: EVE, one object or NDJSON",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {"title": "Disk is full", "fingerprint": "disk:web-1", "status": "firing", "grade": 3},
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
)
def receive(source: str) -> Response:
    """Receive alerts; the response says whether each opened an incident, joined one or was dropped, and why."""
    items = read_alerts(source, require_body(), now())
    take_alerts(max(1, len(items)))
    alerts = [item for item in items if isinstance(item, Alert)]
    decided = iter(receive_alerts(alerts, require_caller().actor, now(), current_instance().settings.zone))
    return respond({"items": [_said(item, decided) for item in items]}, status=202)


def _said(item: Item, decided: Iterator[Decided]) -> dict[str, Any]:
    if isinstance(item, Ignored):
        reason = fill(gettext(IGNORED_WORDS[item.reason]), item.arguments)
        return {"decision": "ignored", "incident": None, "reason": reason, "code": item.reason}
    one = next(decided)
    reason = gettext(REASON_WORDS[one.reason])
    return {"decision": one.decision, "incident": one.incident, "reason": reason, "code": one.reason}
