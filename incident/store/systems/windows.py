"""Maintenance windows, and the alerts that they hold."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, exists, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.systems.window import WindowScope
from incident.store.db.database import Base, db

WINDOWS_DATA = "maintenance_windows"
FIRING = text("state = 'firing'")
"""A literal, as everywhere: a partial index serves only queries that contain its condition."""


class MaintenanceWindow(Base):
    """A time in which alerts of a source, with labels, or about a system open no incident.

    `ends_at` is also when one ended that was ended early, and `ended_by` who did so.
    """

    __tablename__ = "maintenance_windows"

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))
    begins_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)
    source: Mapped[str | None] = mapped_column(String(64))
    system_id: Mapped[int | None] = mapped_column(ForeignKey("systems.id"), index=True)
    labels: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str] = mapped_column(String(300))
    ended_by: Mapped[str | None] = mapped_column(String(300))
    version: Mapped[int] = mapped_column(default=1)


class HeldAlert(Base):
    """An alert that a window holds, as it came last, and how often it came.

    `state` is `firing`, `resolved` when its sender said so, or `released` when the window ended and it was received
    again: then `incident_id` is where it went.
    """

    __tablename__ = "held_alerts"
    __table_args__ = (
        UniqueConstraint("window_id", "source", "fingerprint"),
        Index(
            "ix_held_alerts_source_fingerprint", "source", "fingerprint", sqlite_where=FIRING, postgresql_where=FIRING
        ),
        Index("ix_held_alerts_window_id_firing", "window_id", sqlite_where=FIRING, postgresql_where=FIRING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(ForeignKey("maintenance_windows.id"))
    source: Mapped[str] = mapped_column(String(40))
    fingerprint: Mapped[str] = mapped_column(String(200))
    sender: Mapped[str] = mapped_column(String(300))
    alert: Mapped[dict[str, Any]]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10))
    times: Mapped[int]
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))


def scopes_ahead(now: dt.datetime) -> list[WindowScope]:
    """Return the windows that are not over, in the form of the decision."""
    found = db.session.scalars(select(MaintenanceWindow).where(MaintenanceWindow.ends_at > now))
    return [WindowScope(one.id, one.begins_at, one.ends_at, one.source, one.system_id, one.labels) for one in found]


def windows_in_force(now: dt.datetime) -> Sequence[MaintenanceWindow]:
    """Return the windows in force, the one that ends first first."""
    wanted = select(MaintenanceWindow).where(MaintenanceWindow.begins_at <= now, MaintenanceWindow.ends_at > now)
    return db.session.scalars(wanted.order_by(MaintenanceWindow.ends_at, MaintenanceWindow.id)).all()


def list_windows(before: int | None, limit: int) -> Sequence[MaintenanceWindow]:
    """Return windows, the newest first, before the last one of the previous page."""
    query = select(MaintenanceWindow).order_by(MaintenanceWindow.id.desc()).limit(limit)
    return db.session.scalars(query if before is None else query.where(MaintenanceWindow.id < before)).all()


def count_ahead(now: dt.datetime) -> int:
    """Return how many windows are not over."""
    wanted = select(func.count()).select_from(MaintenanceWindow).where(MaintenanceWindow.ends_at > now)
    return db.session.scalar(wanted) or 0


def lock_window(window_id: int) -> MaintenanceWindow | None:
    """Return a window and lock its row until the transaction ends."""
    wanted = select(MaintenanceWindow).where(MaintenanceWindow.id == window_id).with_for_update()
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def held_in(window_id: int, source: str, fingerprint: str) -> HeldAlert | None:
    """Return an alert that a window holds, and lock its row."""
    wanted = select(HeldAlert).where(
        HeldAlert.window_id == window_id, HeldAlert.source == source, HeldAlert.fingerprint == fingerprint
    )
    return db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def firing_held(source: str, fingerprint: str) -> Sequence[HeldAlert]:
    """Return where an alert is held and fires, and lock these rows."""
    wanted = select(HeldAlert).where(FIRING, HeldAlert.source == source, HeldAlert.fingerprint == fingerprint)
    return db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).all()


def due_held(now: dt.datetime, limit: int) -> Sequence[HeldAlert]:
    """Return alerts that fire in windows that are over, the oldest first."""
    wanted = select(HeldAlert).join(MaintenanceWindow, MaintenanceWindow.id == HeldAlert.window_id)
    wanted = wanted.where(text("held_alerts.state = 'firing'"), MaintenanceWindow.ends_at <= now)
    return db.session.scalars(wanted.order_by(HeldAlert.id).limit(limit)).all()


def held_alerts_of(window_id: int, after: int, limit: int) -> Sequence[HeldAlert]:
    """Return the alerts of a window in the order in which each came first."""
    wanted = select(HeldAlert).where(HeldAlert.window_id == window_id, HeldAlert.id > after)
    return db.session.scalars(wanted.order_by(HeldAlert.id).limit(limit)).all()


def held_counts(window_ids: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """Return how many different alerts each window holds or held, and how often these came."""
    query = select(HeldAlert.window_id, func.count(), func.sum(HeldAlert.times)).where(
        HeldAlert.window_id.in_(list(window_ids))
    )
    return {row[0]: (row[1], int(row[2])) for row in db.session.execute(query.group_by(HeldAlert.window_id))}


def forget_windows(ended_before: dt.datetime, most: int) -> None:
    """Delete windows that ended before a moment, with the alerts that they held; none whose alerts still fire.

    Args:
        ended_before: the moment (UTC).
        most: how many windows at the most.
    """
    fires = exists().where(HeldAlert.window_id == MaintenanceWindow.id, FIRING)
    wanted = select(MaintenanceWindow.id).where(MaintenanceWindow.ends_at < ended_before, ~fires)
    old = db.session.scalars(wanted.order_by(MaintenanceWindow.ends_at).limit(most)).all()
    if old:
        db.session.execute(delete(HeldAlert).where(HeldAlert.window_id.in_(old)))
        db.session.execute(delete(MaintenanceWindow).where(MaintenanceWindow.id.in_(old)))


def add_held(row: HeldAlert) -> None:
    """Store an alert that a window holds."""
    db.session.add(row)
