"""Timers: rows with a due time."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, bindparam, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, table_of
from incident.store.db.prepared import execute
from incident.store.incidents.incidents import Incident

PENDING = text("state = 'pending'")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""


class Timer(Base):
    """A row with a due time: a delay or timeout of a step, a notice's next level or reminder."""

    __tablename__ = "timers"
    __table_args__ = (
        CheckConstraint("(run_id IS NULL) <> (notice_id IS NULL)", name="one_owner"),
        Index(
            "ix_timers_due",
            "due_at",
            "id",
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
        Index("ix_timers_run_id_step_visit", "run_id", "step", "visit"),
        Index("ix_timers_notice_id_state", "notice_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    due_at: Mapped[dt.datetime]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    step: Mapped[str | None] = mapped_column(String(600))
    visit: Mapped[int | None]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))
    state: Mapped[str] = mapped_column(String(10), default="pending")
    ended_at: Mapped[dt.datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(500))


def due_timers(now: dt.datetime, limit: int) -> Sequence[int]:
    """Return the ids of due timers, the oldest first, without claiming them."""
    wanted = select(Timer.id).where(PENDING, Timer.due_at <= now)
    return db.session.scalars(wanted.order_by(Timer.due_at, Timer.id).limit(limit)).all()


def lock_due(now: dt.datetime, limit: int, only: int | None) -> dict[int, Incident]:
    """Lock due timers, the oldest first, with their incidents; return their ids with these.

    Timers that another process has locked are skipped, so that several processes fire different timers at the same
    time. An incident is locked before its timer, as by every use case; it stays loaded for as long as the result is
    kept.

    Args:
        now: the moment (UTC).
        limit: the maximum number.
        only: the id of a single timer; None for all.
    """
    wanted = select(Timer.id, Incident).join(Incident, Incident.id == Timer.incident_id)
    wanted = wanted.where(PENDING, Timer.due_at <= now).order_by(Timer.due_at, Timer.id).limit(limit)
    if only is not None:
        wanted = wanted.where(Timer.id == only)
    wanted = wanted.with_for_update(skip_locked=True, key_share=True, of=(Incident, Timer))
    return {row[0]: row[1] for row in db.session.execute(wanted)}


def claim(timer_ids: Collection[int], now: dt.datetime) -> Sequence[Timer]:
    """Mark timers as fired and return those that nobody had claimed or cancelled before, the oldest first."""
    claimed = (
        update(Timer)
        .where(Timer.id.in_(list(timer_ids)), Timer.state == "pending")
        .values(state="fired", ended_at=now)
        .returning(Timer)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(db.session.scalars(claimed), key=lambda timer: (timer.due_at, timer.id))


def next_due_at() -> dt.datetime | None:
    """Return when the next timer is due."""
    return db.session.scalar(select(func.min(Timer.due_at)).where(PENDING))


_timers = table_of(Timer).c
_CANCEL_OF_STEP = (
    update(table_of(Timer))
    .where(
        _timers.run_id == bindparam("of_run"),
        _timers.kind == bindparam("of_kind"),
        _timers.step == bindparam("of_step"),
        _timers.visit == bindparam("of_visit"),
        _timers.state == "pending",
    )
    .values(state="cancelled", ended_at=bindparam("at"))
)
_CANCEL_OF_NOTICE = (
    update(table_of(Timer))
    .where(_timers.notice_id == bindparam("of_notice"), _timers.state == "pending")
    .values(state="cancelled", ended_at=bindparam("at"))
)


def cancel_step_timer(run_id: int, kind: str, step: str, visit: int, now: dt.datetime) -> None:
    """Cancel the pending timer of a step."""
    parameters = {"of_run": run_id, "of_kind": kind, "of_step": step, "of_visit": visit, "at": now}
    execute(db.session.connection(), _CANCEL_OF_STEP, **parameters)


def cancel_notice_timers(notice_id: int, now: dt.datetime) -> None:
    """Cancel the pending timers of a notice."""
    execute(db.session.connection(), _CANCEL_OF_NOTICE, of_notice=notice_id, at=now)


def failing_timers(limit: int = 20) -> Sequence[Timer]:
    """Return pending timers that failed, worst first."""
    query = select(Timer).where(Timer.state == "pending", Timer.failures > 0)
    return db.session.scalars(query.order_by(Timer.failures.desc()).limit(limit)).all()
