"""Read receipts: once for a message's link, and once for each person who saw the notice in the inbox."""

import datetime as dt
from collections.abc import Collection

from incident.actions.notifications import answers
from incident.actions.notifications.answers import AnswerSource
from incident.actions.unit_of_work import transaction
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notice_events
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice


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
        incident = db.session.get_one(Incident, message.incident_id)
        answers.record_event(uow, notice, "opened", trace)
        detail = {"notice": notice.id, "via": trace.via, "evidence": trace.evidence}
        uow.record("message.opened", f"message:{message.webhook_id}", detail, incident.number)


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
        for notice_id in fresh:
            notice = db.session.get_one(Notice, notice_id)
            incident = db.session.get_one(Incident, notice.incident_id)
            answers.record_event(uow, notice, "opened", AnswerSource("inbox"))
            uow.record("notice.opened", f"notice:{notice.id}", {"via": "inbox"}, incident.number)
