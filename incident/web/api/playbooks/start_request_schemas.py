"""The shapes of requests to start a playbook."""

from marshmallow import Schema

from incident.web.api import schema_parts


class StartRequestOut(Schema):
    """A request to start a playbook on an incident.

    It is pending until the playbook starts or somebody declines; it is scheduled while it waits for approval.
    """

    id = schema_parts.number()
    incident = schema_parts.text()
    playbook = schema_parts.text("its CACAO id")
    name = schema_parts.text("of the playbook")
    note = schema_parts.maybe()
    state = schema_parts.text(enum=["pending", "scheduled", "started", "declined", "refused"])
    asked_at = schema_parts.at()
    asked_by = schema_parts.text()
    ended_at = schema_parts.maybe_at()
    ended_by = schema_parts.maybe()
    reason = schema_parts.maybe("why it was declined")
