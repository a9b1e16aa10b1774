"""Timers: rows with a due time."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import ForeignKey, Index, String, and_, bindparam, func, null, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, table_of
from incident.store.db.prepared import execute
from incident.store.incidents.incidents import Incident

PENDING = text("state = 'pending'")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""

ORDINARY: Final = 2
"""The urgency of nearly all timers; more urgent ones, with a lower number, are fired before them."""

PATIENT: Final = 3
"""The urgency of work on many incidents: a few at a time, when nothing else is due."""

PATIENT_LIMIT: Final = 5
"""Patient timers in one transaction, which keeps other writers waiting for their time."""

URGENT = text("state = 'pending' AND urgency < 2")
OF_NO_INCIDENT = text("state = 'pending' AND incident_id IS NULL")


class Timer(Base):
    """A row with a due time, about a subject: a run, a notice, a clock.

    `kind` says what to do then, such as `delay`, `timeout`, `escalate`, `remind` or `warn`. `incident_id` is the
    incident that the subject belongs to, null where it belongs to none. `step` and `visit` are those of a run.
    """

    __tablename__ = "timers"
    __table_args__ = (
        Index(
            "ix_timers_due",
            "due_at",
            "id",
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
        Index("ix_timers_urgent", "urgency", "due_at", "id", sqlite_where=URGENT, postgresql_where=URGENT),
        Index("ix_timers_of_no_incident", "due_at", "id", sqlite_where=OF_NO_INCIDENT, postgresql_where=OF_NO_INCIDENT),
        Index("ix_timers_subject", "subject_type", "subject_id", sqlite_where=PENDING, postgresql_where=PENDING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    due_at: Mapped[dt.datetime]
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    step: Mapped[str | None] = mapped_column(String(600))
    visit: Mapped[int | None]
    urgency: Mapped[int] = mapped_column(default=ORDINARY, server_default=str(ORDINARY))
    state: Mapped[str] = mapped_column(String(10), default="pending")
    ended_at: Mapped[dt.datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(500))


def due_timers(now: dt.datetime, limit: int) -> Sequence[int]:
    """Return the ids of due timers, the most urgent and then the oldest first, without claiming them."""
    wanted = select(Timer.id).where(PENDING, Timer.due_at <= now)
    return db.session.scalars(wanted.order_by(Timer.urgency, Timer.due_at, Timer.id).limit(limit)).all()


def lock_due(now: dt.datetime, limit: int, only: int | None) -> dict[int, Incident | None]:
    """Lock due timers, the most urgent and then the oldest first, with their incidents; return their ids with these.

    Patient ones are locked when no other is due, a few at a time.

    Timers that another process has locked are skipped, so that several processes fire different timers at the same
    time. An incident is locked before its timer, as by every use case; it stays loaded for as long as the result is
    kept.

    Args:
        now: the moment (UTC).
        limit: the maximum number.
        only: the id of a single timer; None for all.
    """
    its_incident = select(Timer.id, Incident).join(Incident, Incident.id == Timer.incident_id)
    alone = select(Timer.id, null())
    found: dict[int, Incident | None] = {}
    for query, condition, rows in (
        (its_incident.order_by(Timer.urgency), URGENT, (Incident, Timer)),
        (alone, OF_NO_INCIDENT, (Timer,)),
        (its_incident, and_(PENDING, Timer.urgency == ORDINARY), (Incident, Timer)),
    ):
        wanted = query.where(condition, Timer.due_at <= now).order_by(Timer.due_at, Timer.id)
        wanted = wanted.where(Timer.id == only) if only is not None else wanted.limit(limit - len(found))
        wanted = wanted.with_for_update(skip_locked=True, key_share=True, of=rows)
        found |= {row[0]: row[1] for row in db.session.execute(wanted)}
        if len(found) >= (1 if only is not None else limit):
            break
    if not found:
        wanted = its_incident.where(PENDING, Timer.urgency == PATIENT, Timer.due_at <= now)
        wanted = wanted.where(Timer.id == only) if only is not None else wanted.limit(min(limit, PATIENT_LIMIT))
        wanted = wanted.order_by(Timer.due_at, Timer.id)
        wanted = wanted.with_for_update(skip_locked=True, key_share=True, of=(Incident, Timer))
        found = {row[0]: row[1] for row in db.session.execute(wanted)}
    return found


def claim(timer_ids: Collection[int], now: dt.datetime) -> Sequence[Timer]:
    """Mark timers as fired and return those that nobody had claimed or cancelled before, the most urgent first."""
    claimed = (
        update(Timer)
        .where(Timer.id.in_(list(timer_ids)), Timer.state == "pending")
        .values(state="fired", ended_at=now)
        .returning(Timer)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(db.session.scalars(claimed), key=lambda timer: (timer.urgency, timer.due_at, timer.id))


def next_due_at() -> dt.datetime | None:
    """Return when the next timer is due."""
    return db.session.scalar(select(func.min(Timer.due_at)).where(PENDING))


_timers = table_of(Timer).c
_CANCELLED = {"state": "cancelled", "ended_at": bindparam("at")}
_CANCEL_OF_STEP = (
    update(table_of(Timer))
    .where(
        PENDING,
        _timers.subject_type == "run",
        _timers.subject_id == bindparam("of_run"),
        _timers.kind == bindparam("of_kind"),
        _timers.step == bindparam("of_step"),
        _timers.visit == bindparam("of_visit"),
    )
    .values(_CANCELLED)
)
_CANCEL_OF_SUBJECT = (
    update(table_of(Timer))
    .where(PENDING, _timers.subject_type == bindparam("of_type"), _timers.subject_id == bindparam("of_id"))
    .values(_CANCELLED)
)


def cancel_step_timer(run_id: int, kind: str, step: str, visit: int, now: dt.datetime) -> None:
    """Cancel the pending timer of a step."""
    parameters = {"of_run": run_id, "of_kind": kind, "of_step": step, "of_visit": visit, "at": now}
    execute(db.session.connection(), _CANCEL_OF_STEP, **parameters)


def cancel_timers(subject_type: str, subject_id: int, now: dt.datetime) -> None:
    """Cancel the pending timers of a subject."""
    execute(db.session.connection(), _CANCEL_OF_SUBJECT, of_type=subject_type, of_id=subject_id, at=now)


def failing_timers(limit: int = 20) -> Sequence[Timer]:
    """Return pending timers that failed, worst first."""
    query = select(Timer).where(Timer.state == "pending", Timer.failures > 0)
    return db.session.scalars(query.order_by(Timer.failures.desc()).limit(limit)).all()
