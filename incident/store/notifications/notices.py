"""Notices: one department's notification of one subject, which it must acknowledge."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.notifications.notice import UNANSWERED, State
from incident.core.notifications.subject import Purpose, Subject, SubjectType
from incident.store.db.by_id import rows_by_ids
from incident.store.db.database import Base, db
from incident.store.incidents.incidents import Incident

WAITING = text("state NOT IN ('acknowledged', 'accepted', 'done', 'withdrawn')")
"""The states of `UNANSWERED` as a literal: a partial index serves only queries that contain its condition.

It is negated because SQLite prefers an index on the state for a list of states, and then sorts all rows.
"""


class Notice(Base):
    """One per subject, purpose and department; the policy is fixed when it starts.

    `incident_id` is the incident that the subject belongs to, null where it belongs to none.
    `opened_at` changes when the incident is reopened: a link that was sent before it belongs to an older escalation.
    Level 0 is that of a notice which quiet hours delay; `notified_at` is when the level was notified, `reminders` the
    number of reminders sent after an answer. The last answer beyond an acknowledgement is `answered_at`, `answered_by`
    and its `reason`; all answers are in `notice_events`.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'acknowledged', 'accepted', 'declined', 'done', 'exhausted', 'withdrawn')", name="state"
        ),
        UniqueConstraint("subject_type", "subject_id", "purpose", "department_id"),
        Index("ix_notices_incident_id", "incident_id"),
        Index("ix_notices_department_id_id", "department_id", "id"),
        Index("ix_notices_department_id_state_id", "department_id", "state", "id"),
        Index("ix_notices_state_id", "state", "id"),
        Index("ix_notices_waiting_next_at_id", "next_at", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[SubjectType] = mapped_column(String(20))
    subject_id: Mapped[int]
    purpose: Mapped[Purpose] = mapped_column(String(20))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    state: Mapped[State] = mapped_column(String(14), default="open")
    policy: Mapped[dict[str, Any]]
    level: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    is_unreached: Mapped[bool] = mapped_column(default=False, index=True)
    opened_at: Mapped[dt.datetime]
    notified_at: Mapped[dt.datetime | None]
    next_at: Mapped[dt.datetime | None]
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(300))
    reminders: Mapped[int] = mapped_column(default=0, server_default="0")
    answered_at: Mapped[dt.datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(300))
    reason: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return Subject(self.subject_type, self.subject_id)


OF_INCIDENT: Final = Notice.subject_type != "report"
"""The condition on notices that belong to an incident; the others are shown in places of their own.

It is not about the incident, as the index on that would be preferred to the one that gives the order.
"""

HANDLING: Final = Notice.purpose == "handling"
"""The condition on notices by which departments are asked to handle an incident."""


def incident_of(notice: Notice) -> Incident | None:
    """Return the incident that the subject of a notice belongs to, None where it belongs to none."""
    return None if notice.incident_id is None else db.session.get_one(Incident, notice.incident_id)


def require_incident_of(notice: Notice) -> Incident:
    """Return the incident of a notice that has one; raises LookupError."""
    found = incident_of(notice)
    if found is None:
        raise LookupError(f"notice {notice.id} belongs to no incident")
    return found


def notice_about(subject: Subject, purpose: Purpose, department_id: int) -> Notice | None:
    """Return the notice of a department about a subject for a purpose."""
    wanted = select(Notice).where(*_about(subject, purpose), Notice.department_id == department_id)
    return db.session.scalar(wanted)


def notices_about(subject: Subject, purpose: Purpose) -> Sequence[Notice]:
    """Return the notices about a subject for a purpose, oldest first."""
    return db.session.scalars(select(Notice).where(*_about(subject, purpose)).order_by(Notice.id)).all()


def newest_notice_for(subject_type: SubjectType, purpose: Purpose, department_id: int) -> Notice | None:
    """Return the newest notice of a department about any subject of a type for a purpose."""
    wanted = select(Notice).where(Notice.subject_type == subject_type, Notice.purpose == purpose)
    return db.session.scalar(wanted.where(Notice.department_id == department_id).order_by(Notice.id.desc()).limit(1))


def notices_about_each(subject_type: str, ids: Collection[int], purpose: Purpose) -> Sequence[Notice]:
    """Return the notices about several subjects of a type for a purpose, oldest first."""
    if not ids:
        return ()
    wanted = select(Notice).where(Notice.subject_type == subject_type, Notice.subject_id.in_(list(ids)))
    return db.session.scalars(wanted.where(Notice.purpose == purpose).order_by(Notice.id)).all()


def _about(subject: Subject, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    return Notice.subject_type == subject.type, Notice.subject_id == subject.id, Notice.purpose == purpose


def notice_of(incident_id: int, department_id: int) -> Notice | None:
    """Return the notice by which a department is asked to handle an incident."""
    return notice_about(Subject("incident", incident_id), "handling", department_id)


def notices_by_ids(ids: Collection[int]) -> Sequence[Notice]:
    """Return notices by their ids, with one query."""
    return list(rows_by_ids(Notice, ids).values())


def notices_of(incident_id: int) -> Sequence[Notice]:
    """Return the notices by which departments are asked to handle an incident, oldest first."""
    return notices_about(Subject("incident", incident_id), "handling")


def every_notice_of(incident_id: int) -> Sequence[Notice]:
    """Return the notices of an incident and of all that belongs to it, for whatever purpose, oldest first."""
    return db.session.scalars(select(Notice).where(Notice.incident_id == incident_id).order_by(Notice.id)).all()


def notices_of_purpose(incident_id: int, purpose: Purpose) -> Sequence[Notice]:
    """Return the notices of an incident and of what belongs to it for a purpose, oldest first."""
    wanted = select(Notice).where(Notice.incident_id == incident_id, Notice.purpose == purpose)
    return db.session.scalars(wanted.order_by(Notice.id)).all()


def notices_on(incident_ids: Collection[int | None]) -> Sequence[Notice]:
    """Return the notices by which departments are asked to handle several incidents, oldest first."""
    wanted = select(Notice).where(Notice.incident_id.in_(list(incident_ids)), HANDLING)
    return db.session.scalars(wanted.order_by(Notice.id)).all()


def unreached_of(department_id: int) -> Sequence[tuple[int, int | None]]:
    """Return id and incident id of a department's notices that reached no contact, by incident."""
    wanted = select(Notice.id, Notice.incident_id).where(
        Notice.department_id == department_id, Notice.state.in_(UNANSWERED), Notice.is_unreached.is_(True)
    )
    rows = db.session.execute(wanted.order_by(Notice.incident_id))
    return [(notice_id, incident_id) for notice_id, incident_id in rows]
