"""Runs of playbooks, and their machine commands."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db

IN_HAND = text("state IN ('pending', 'sending')")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""

RED = text("is_red")
"""The same for runs of playbooks that are marked `TLP:RED`."""

RED_RUNS = text("runs.is_red")
"""The same, qualified for joins."""

LIVE = ("scheduled", "running", "waiting", "paused")


class Run(Base):
    """One execution of a playbook version; `document` is the engine's state.

    `pins` is the content hash of each playbook by its id (P11). `is_red` is true when one of them is marked `TLP:RED`.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_incident_id_state", "incident_id", "state"),
        Index("ix_runs_playbook_id_started_at", "playbook_id", "started_at"),
        Index("ix_runs_red", "incident_id", "id", sqlite_where=RED, postgresql_where=RED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    playbook_id: Mapped[int] = mapped_column(ForeignKey("playbooks.id"))
    pins: Mapped[dict[str, Any]]
    name: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12))
    document: Mapped[dict[str, Any]]
    given: Mapped[dict[str, Any]]
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    is_red: Mapped[bool] = mapped_column(default=False, server_default=false())


class Command(Base):
    """A command of a run that an executor of this program performs."""

    __tablename__ = "commands"
    __table_args__ = (
        Index(
            "ix_commands_due",
            "next_attempt_at",
            sqlite_where=IN_HAND,
            postgresql_where=IN_HAND,
        ),
        Index("ix_commands_run_id_step_visit", "run_id", "step", "visit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    step: Mapped[str] = mapped_column(String(600))
    visit: Mapped[int]
    command: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    order: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[dt.datetime]
    began_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(12))
    detail: Mapped[str | None] = mapped_column(String(500))


def runs_between(incident_id: int, playbook_id: int, since: dt.datetime, until: dt.datetime) -> Sequence[Run]:
    """Return the runs of a playbook's version on an incident that were started in a period (UTC)."""
    is_asked = (Run.incident_id == incident_id, Run.playbook_id == playbook_id)
    return db.session.scalars(select(Run).where(*is_asked, Run.started_at > since, Run.started_at <= until)).all()


def live_runs_of(incident_id: int) -> Sequence[Run]:
    """Return the runs of an incident that have not ended."""
    return db.session.scalars(select(Run).where(Run.incident_id == incident_id, Run.state.in_(LIVE))).all()


def runs_by_ids(ids: Collection[int]) -> Sequence[Run]:
    """Return runs by their ids, with one query."""
    return db.session.scalars(select(Run).where(Run.id.in_(list(ids)))).all()


def runs_of(incident_id: int) -> Sequence[Run]:
    """Return the runs of an incident, oldest first."""
    return db.session.scalars(select(Run).where(Run.incident_id == incident_id).order_by(Run.id)).all()


def is_red(run_id: int) -> bool:
    """Whether a run comes from a playbook that is marked `TLP:RED`."""
    return db.session.scalar(select(Run.id).where(Run.id == run_id, RED_RUNS)) is not None
