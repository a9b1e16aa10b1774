"""Notices and their deliveries as the API shows them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from incident.core.values.moment import format_moment
from incident.store.incidents.lookups import numbers_of
from incident.store.notifications.notices import Notice
from incident.store.queries import incident_view
from incident.web.api.document_parts import Document, department_codes, moment


def notice_documents(rows: Sequence[Notice]) -> list[Document]:
    """Serialize notices, each with the delivery status of its messages."""
    numbers = numbers_of({notice.incident_id for notice in rows})
    codes = department_codes(notice.department_id for notice in rows)
    sent = deliveries(incident_view.messages_of_notices([notice.id for notice in rows]) if rows else ())
    return [notice_document(notice, numbers.get(notice.incident_id), codes, sent) for notice in rows]


def notice_document(
    notice: Any, number: str | None, codes: Mapping[int, str], sent: Mapping[int, list[Document]]
) -> Document:
    """Serialize a notice, from the notice or a row with the same columns."""
    return {
        "id": notice.id,
        "subject": {"type": notice.subject_type, "id": notice.subject_id},
        "purpose": notice.purpose,
        "incident": number,
        "department": codes[notice.department_id],
        "state": notice.state,
        "level": notice.level,
        "round": notice.round,
        "opened_at": format_moment(notice.opened_at),
        "next_at": moment(notice.next_at),
        "acknowledged_at": moment(notice.acknowledged_at),
        "acknowledged_by": notice.acknowledged_by,
        "answered_at": moment(notice.answered_at),
        "answered_by": notice.answered_by,
        "reason": notice.reason,
        "ended_at": moment(notice.ended_at),
        "is_unreached": notice.is_unreached,
        "deliveries": sent.get(notice.id, []),
    }


def deliveries(rows: Iterable[Any]) -> Mapping[int, list[Document]]:
    """Serialize the delivery status of messages, by notice."""
    found: dict[int, list[Document]] = {}
    for row in rows:
        found.setdefault(row.notice_id, []).append(_delivery(row))
    return found


def _delivery(row: Any) -> Document:
    return {
        "webhook_id": row.webhook_id,
        "type": row.type,
        "contact": row.contact,
        "channel": row.channel,
        "level": row.level,
        "round": row.round,
        "state": row.state,
        "attempts": row.attempts,
        "fault": row.fault,
        "created_at": format_moment(row.created_at),
        "ended_at": moment(row.ended_at),
    }
