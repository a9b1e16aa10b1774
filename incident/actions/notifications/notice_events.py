"""Events of a notice: the record of who did what, by which way, and the read receipts."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.notifications.acknowledge_link import AcknowledgeLink
from incident.core.notifications.notice import NoticeEventKind
from incident.store.db.database import db
from incident.store.incidents.lookups import numbers_of
from incident.store.notifications import notice_events
from incident.store.notifications.messages import Message
from incident.store.notifications.notice_events import NoticeEvent
from incident.store.notifications.notices import Notice, incident_of, notices_by_ids


@dataclass(frozen=True)
class AnswerSource:
    """The source of an answer, and its evidence.

    Args:
        via: `inbox`, `api` or `link`; `scheduler` and `close` for automatic events.
        message_id: the message whose link was used.
        contact_id: the contact of that link.
        link: that link; an answer by one that is no longer valid is refused.
        evidence: the client program's own identification, JSON values.
    """

    via: str
    message_id: int | None = None
    contact_id: int | None = None
    link: AcknowledgeLink | None = None
    evidence: Mapping[str, Any] | None = None


def record_event(
    uow: UnitOfWork, notice: Notice, kind: NoticeEventKind, trace: AnswerSource, reason: str | None = None
) -> None:
    """Record an event of a notice within the caller's transaction; it changes nothing else."""
    uow.insert(
        NoticeEvent,
        notice_id=notice.id,
        message_id=trace.message_id,
        kind=kind,
        at=uow.now,
        by=uow.by,
        via=trace.via,
        contact_id=trace.contact_id,
        level=notice.level,
        round=notice.round,
        reason=reason,
        evidence=None if trace.evidence is None else dict(trace.evidence),
    )


def note_opened(message: Message, by: str, trace: AnswerSource, now: dt.datetime) -> None:
    """Record that the link of a message was fetched, perhaps by a program that scans mails.

    Args:
        message: the message; when it is known to be opened, nothing is done.
        by: the link, as an actor.
        trace: the source of the request.
        now: when (UTC).
    """
    if notice_events.is_opened(message.id):
        return
    with transaction(by, now) as uow:
        notice = db.session.get_one(Notice, message.notice_id)
        incident = incident_of(notice)
        record_event(uow, notice, "opened", trace)
        detail = {"notice": notice.id, "via": trace.via, "evidence": trace.evidence}
        uow.record(
            "message.opened", f"message:{message.webhook_id}", detail, None if incident is None else incident.number
        )


def note_seen(notice_ids: Collection[int], by: str, now: dt.datetime) -> None:
    """Record that a member of the department saw notices in the inbox, each the first time.

    Args:
        notice_ids: the notices.
        by: who saw them.
        now: when (UTC).
    """
    fresh = sorted(set(notice_ids) - notice_events.looked_at(notice_ids, by)) if notice_ids else []
    if not fresh:
        return
    with transaction(by, now) as uow:
        its = sorted(notices_by_ids(fresh), key=lambda notice: notice.id)
        numbers = numbers_of({notice.incident_id for notice in its})
        for notice in its:
            record_event(uow, notice, "opened", AnswerSource("inbox"))
            uow.record("notice.opened", f"notice:{notice.id}", {"via": "inbox"}, numbers.get(notice.incident_id))
