"""Mail to the followers of incidents: claimed before sending, its result recorded after; jobs/ does the sending."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from gettext import NullTranslations

from incident.actions.delivery.deliver import LEASE, SENDER
from incident.actions.unit_of_work import transaction
from incident.core.delivery.retry import next_attempt_at
from incident.core.incidents.news import MAIL_AFTER, MAIL_PAUSE
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.formats.news_mail import write_news_mail
from incident.store.db.database import db
from incident.store.incidents import followers
from incident.store.incidents.followers import IncidentFollower
from incident.store.operations import instance
from incident.store.queries.news_mail import CHANNEL, AddressedMail, news_mail


@dataclass(frozen=True)
class OutgoingNews:
    """One mail to send now; that of an exercise or a demonstration is not `is_leaving` the machine.

    `since_at` is the first change in it, `until_at` the last.
    """

    incident_id: int
    person_id: int
    since_at: dt.datetime
    until_at: dt.datetime
    message: Message
    is_leaving: bool


def claim_news_mail(
    public_url: str, catalogues: Mapping[str, NullTranslations], now: dt.datetime
) -> OutgoingNews | None:
    """Claim the mail that has been due longest; None when none is due.

    Mails that nobody should get any more are dropped: who has read it all or may not see the incident gets none.

    Args:
        public_url: that of the instance, for links.
        catalogues: the words of each language.
        now: when (UTC).
    """
    while _is_due(now):
        with transaction(SENDER, now):
            row = followers.lock_due_mail(now)
            if row is None or row.mail_since_at is None:
                return None
            found = news_mail(row.incident_id, row.person_id, row.mail_since_at)
            if found is not None:
                row.mail_attempts, row.mail_due_at = row.mail_attempts + 1, now + LEASE
                return _outgoing(row, found, public_url, catalogues, now)
            _end(row)
    return None


def record_news_mail(sent: OutgoingNews, outcome: Accepted | DeliveryError, jitter: float, now: dt.datetime) -> None:
    """Store the result of sending a mail; the next one has what changed meanwhile.

    Args:
        sent: the mail.
        outcome: the result from its channel.
        jitter: drawn from -1 to 1.
        now: when it ended (UTC).
    """
    with transaction(SENDER, now):
        row = followers.lock_follower(sent.incident_id, sent.person_id)
        if row is None or row.mail_since_at != sent.since_at:
            return
        if isinstance(outcome, DeliveryError) and not outcome.permanent:
            again_at = next_attempt_at(row.mail_attempts, sent.since_at, now, jitter, outcome.retry_after)
            if again_at is not None:
                row.mail_due_at = again_at
                return
        last = row.news_at
        _end(row)
        row.mail_not_before_at = now + MAIL_PAUSE
        if last is not None and last > sent.until_at:
            row.mail_since_at, row.mail_due_at = last, max(now + MAIL_AFTER, row.mail_not_before_at)


def _is_due(now: dt.datetime) -> bool:
    """Check before writing: a look with nothing due must not block other writers."""
    is_so = followers.has_due_mail(now)
    db.session.rollback()
    return is_so


def _end(row: IncidentFollower) -> None:
    row.mail_since_at, row.mail_due_at, row.mail_attempts = None, None, 0


def _outgoing(
    row: IncidentFollower,
    found: AddressedMail,
    public_url: str,
    catalogues: Mapping[str, NullTranslations],
    now: dt.datetime,
) -> OutgoingNews:
    since_at = row.mail_since_at or now
    written = write_news_mail(found.content, public_url, found.language, catalogues[found.language].gettext)
    message = Message(
        webhook_id=f"news_{row.incident_id}_{row.person_id}_{since_at:%Y%m%dT%H%M%S%f}",
        type="incident.followed",
        at=since_at,
        sent_at=now,
        contact=found.name,
        channel=CHANNEL,
        address=found.address,
        language=found.language,
        thread=found.content.number,
        subject=written.subject,
        text=written.text,
        asked=written.asked,
        links=written.links,
    )
    stays = found.content.is_exercise or bool(instance.instance_setting("is_demonstration"))
    return OutgoingNews(row.incident_id, row.person_id, since_at, row.news_at or since_at, message, not stays)
