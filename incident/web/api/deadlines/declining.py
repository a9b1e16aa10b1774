"""Answers to a second person who declines a record, the same for every kind of record."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response

from incident.actions.approvals import decline_as_second
from incident.store.approvals import TwoPersonRecord
from incident.web.api.document_parts import Document
from incident.web.http.idempotency import create
from incident.web.instance import now
from incident.web.security.auth import require_caller

Declined = TypeVar("Declined", bound=TwoPersonRecord)


def answer_decline(
    model: type[Declined], record_id: int, reason: str, document: Callable[[Declined], Document]
) -> Response:
    """Decline a record as the second person, and answer with it.

    Args:
        model: the table of the record.
        record_id: the record, which the caller may see.
        reason: why.
        document: serializes the record.
    """
    actor = require_caller().actor
    return create(
        lambda idempotency: decline_as_second(model, record_id, reason, actor, now(), idempotency),
        document,
        status=200,
    )
