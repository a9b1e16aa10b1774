"""Timers: rows that come due."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.database import Base, db


class Timer(Base):
    """A row that comes due: a delay or timeout of a run's step, or the next level of a notice."""

    __tablename__ = "timers"
    __table_args__ = (
        CheckConstraint("(run_id IS NULL) <> (notice_id IS NULL)", name="one_owner"),
        Index(
            "ix_timers_due",
            "due_at",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_timers_run_id_step_visit", "run_id", "step", "visit"),
        Index("ix_timers_notice_id_state", "notice_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    due_at: Mapped[dt.datetime]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    step: Mapped[str | None] = mapped_column(String(600))
    visit: Mapped[int | None]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))
    state: Mapped[str] = mapped_column(String(10), default="pending")
    ended_at: Mapped[dt.datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(500))


def claim_due(now: dt.datetime, limit: int, only: int | None = None) -> Sequence[Timer]:
    """Mark due timers as fired and return them; a timer that another process has claimed is left out.

    Args:
        now: the moment.
        limit: how many at most.
        only: the id of the one timer to claim.
    """
    due = select(Timer.id).where(Timer.state == "pending", Timer.due_at <= now)
    if only is not None:
        due = due.where(Timer.id == only)
    due = due.order_by(Timer.due_at, Timer.id).limit(limit).with_for_update(skip_locked=True)
    claimed = (
        update(Timer)
        .where(Timer.id.in_(due), Timer.state == "pending")
        .values(state="fired", ended_at=now)
        .returning(Timer)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(db.session.scalars(claimed), key=lambda timer: (timer.due_at, timer.id))


def due_ids(now: dt.datetime, limit: int) -> Sequence[int]:
    """Return the ids of due timers, the oldest first, without claiming them."""
    wanted = select(Timer.id).where(Timer.state == "pending", Timer.due_at <= now)
    return db.session.scalars(wanted.order_by(Timer.due_at, Timer.id).limit(limit)).all()


def next_due_at() -> dt.datetime | None:
    """Return when the next timer comes due."""
    return db.session.scalar(select(func.min(Timer.due_at)).where(Timer.state == "pending"))


def cancel_step_timer(run_id: int, kind: str, step: str, visit: int, now: dt.datetime) -> None:
    """Cancel the pending timer of a step."""
    db.session.execute(
        update(Timer)
        .where(
            Timer.run_id == run_id,
            Timer.kind == kind,
            Timer.step == step,
            Timer.visit == visit,
            Timer.state == "pending",
        )
        .values(state="cancelled", ended_at=now)
        .execution_options(synchronize_session=False)
    )


def cancel_notice_timers(notice_id: int, now: dt.datetime) -> None:
    """Cancel the pending timers of a notice."""
    db.session.execute(
        update(Timer)
        .where(Timer.notice_id == notice_id, Timer.state == "pending")
        .values(state="cancelled", ended_at=now)
        .execution_options(synchronize_session=False)
    )
