"""Notices: one department's notification of one incident, which it must acknowledge."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.notifications.notice import UNANSWERED, State
from incident.store.db.database import Base, db

WAITING = text("state NOT IN ('acknowledged', 'accepted', 'done', 'withdrawn')")
"""The states of `UNANSWERED` as a literal: a partial index serves only queries that contain its condition.

It is negated because SQLite prefers an index on the state for a list of states, and then sorts all rows.
"""


class Notice(Base):
    """One per department and incident; the policy is fixed when it starts.

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
        UniqueConstraint("incident_id", "department_id"),
        Index("ix_notices_department_id_id", "department_id", "id"),
        Index("ix_notices_department_id_state_id", "department_id", "state", "id"),
        Index("ix_notices_state_id", "state", "id"),
        Index("ix_notices_waiting_next_at_id", "next_at", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
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


def notice_of(incident_id: int, department_id: int) -> Notice | None:
    """Return the notice of a department about an incident."""
    wanted = select(Notice).where(Notice.incident_id == incident_id, Notice.department_id == department_id)
    return db.session.scalar(wanted)


def notices_by_ids(ids: Collection[int]) -> Sequence[Notice]:
    """Return notices by their ids, with one query."""
    return db.session.scalars(select(Notice).where(Notice.id.in_(list(ids)))).all()


def notices_of(incident_id: int) -> Sequence[Notice]:
    """Return the notices of an incident, oldest first."""
    return db.session.scalars(select(Notice).where(Notice.incident_id == incident_id).order_by(Notice.id)).all()


def notices_on(incident_ids: Collection[int]) -> Sequence[Notice]:
    """Return the notices of several incidents, oldest first."""
    wanted = select(Notice).where(Notice.incident_id.in_(list(incident_ids)))
    return db.session.scalars(wanted.order_by(Notice.id)).all()


def unreached_of(department_id: int) -> Sequence[tuple[int, int]]:
    """Return id and incident id of a department's notices that reached no contact, by incident."""
    wanted = select(Notice.id, Notice.incident_id).where(
        Notice.department_id == department_id, Notice.state.in_(UNANSWERED), Notice.is_unreached.is_(True)
    )
    rows = db.session.execute(wanted.order_by(Notice.incident_id))
    return [(notice_id, incident_id) for notice_id, incident_id in rows]
