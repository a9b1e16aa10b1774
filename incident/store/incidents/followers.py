"""Who follows which incident, and what each is still mailed about."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import ForeignKey, Index, case, delete, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.incidents.news import MAIL_AFTER
from incident.store.db.database import Base, db, upsert

MAIL_WAITING = text("mail_due_at IS NOT NULL")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""


class IncidentFollower(Base):
    """A person who is notified of changes on an incident, and the outbox of the mail about it.

    `news_at` is the last change, `mail_since_at` the first one of which the next mail tells; without it none waits.
    `mail_due_at` is when that mail is tried next, `mail_not_before_at` the earliest moment of the one after it.
    """

    __tablename__ = "incident_followers"
    __table_args__ = (
        Index(
            "ix_incident_followers_mail_due_at",
            "mail_due_at",
            sqlite_where=MAIL_WAITING,
            postgresql_where=MAIL_WAITING,
        ),
    )

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    followed_at: Mapped[dt.datetime]
    news_at: Mapped[dt.datetime | None]
    mail_since_at: Mapped[dt.datetime | None]
    mail_due_at: Mapped[dt.datetime | None]
    mail_not_before_at: Mapped[dt.datetime | None]
    mail_attempts: Mapped[int] = mapped_column(default=0, server_default="0")


def follow(incident_id: int, person_id: int, now: dt.datetime) -> None:
    """Let a person follow an incident, who may do so already."""
    row = upsert(IncidentFollower).values(incident_id=incident_id, person_id=person_id, followed_at=now)
    db.session.execute(row.on_conflict_do_nothing())


def unfollow(incident_id: int, person_id: int) -> None:
    """Let a person follow an incident no longer; a mail that waits is not sent."""
    its = (IncidentFollower.incident_id == incident_id, IncidentFollower.person_id == person_id)
    db.session.execute(delete(IncidentFollower).where(*its))


def followers_of(incident_id: int) -> Sequence[int]:
    """Return the ids of the people who follow an incident."""
    return db.session.scalars(
        select(IncidentFollower.person_id).where(IncidentFollower.incident_id == incident_id)
    ).all()


def is_following(incident_id: int, person_id: int) -> bool:
    """Return whether a person follows an incident."""
    return db.session.get(IncidentFollower, (incident_id, person_id)) is not None


def queue_mails(incident_id: int, person_ids: Collection[int], now: dt.datetime) -> None:
    """Let those of some people who follow an incident get a mail soon, with all changes until then."""
    if not person_ids:
        return
    its, earliest = IncidentFollower, now + MAIL_AFTER
    later = case((its.mail_not_before_at > earliest, its.mail_not_before_at), else_=earliest)
    queued = update(its).where(its.incident_id == incident_id, its.person_id.in_(list(person_ids)))
    queued = queued.values(
        news_at=now,
        mail_since_at=func.coalesce(its.mail_since_at, now),
        mail_due_at=func.coalesce(its.mail_due_at, later),
    )
    db.session.execute(queued.execution_options(synchronize_session=False))


def lock_due_mail(now: dt.datetime) -> IncidentFollower | None:
    """Lock and return the follower whose mail is due, the longest waiting first; None when there is none."""
    wanted = select(IncidentFollower).where(MAIL_WAITING, IncidentFollower.mail_due_at <= now)
    wanted = wanted.order_by(IncidentFollower.mail_due_at).limit(1).with_for_update(skip_locked=True)
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def has_due_mail(now: dt.datetime) -> bool:
    """Return whether a mail to a follower is due."""
    wanted = select(IncidentFollower.person_id).where(MAIL_WAITING, IncidentFollower.mail_due_at <= now)
    return db.session.scalar(wanted.limit(1)) is not None


def lock_follower(incident_id: int, person_id: int) -> IncidentFollower | None:
    """Lock and return a follower; None when the person follows the incident no longer."""
    key = (incident_id, person_id)
    return db.session.get(IncidentFollower, key, with_for_update=True, populate_existing=True)
