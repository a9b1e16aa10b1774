"""Representations of requests to start a playbook in the API."""

from incident.core.values.moment import format_moment
from incident.store.queries.start_requests import StartRequest
from incident.web.api.document_parts import Document, moment


def start_request_document(row: StartRequest, number: str) -> Document:
    """Serialize a request on the incident with this number."""
    return {
        "id": row.id,
        "incident": number,
        "playbook": row.playbook,
        "name": row.name,
        "note": row.note,
        "state": row.state,
        "asked_at": format_moment(row.asked_at),
        "asked_by": row.asked_by,
        "ended_at": moment(row.ended_at),
        "ended_by": row.ended_by,
        "reason": row.reason,
    }
