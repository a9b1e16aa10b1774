"""The sources of alerts that people described, with every version of their mappings."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, ForeignKey, String, UniqueConstraint, bindparam, func, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, table_of
from incident.store.db.prepared import fetch_one


class AlertSource(Base):
    """A source; the mapping is in its version of the same number. A removed one stays, with `removed_at`."""

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    is_active: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    removed_at: Mapped[dt.datetime | None]


class AlertSourceVersion(Base):
    """A source as it was from one change to the next; never changed."""

    __tablename__ = "source_versions"
    __table_args__ = (UniqueConstraint("source_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    version: Mapped[int]
    mapping: Mapped[dict[str, Any]]
    is_active: Mapped[bool]
    put_at: Mapped[dt.datetime]
    put_by: Mapped[str] = mapped_column(String(300))


_columns = table_of(AlertSource).c
_CURRENT = select(_columns.id, _columns.version, _columns.is_active, _columns.changed_at).where(
    _columns.name == bindparam("name"), _columns.removed_at.is_(None)
)


class CurrentSource(NamedTuple):
    """The columns of a source that decide whether a cached mapping is still its mapping."""

    id: int
    version: int
    is_active: bool
    changed_at: dt.datetime


def current_source(name: str) -> CurrentSource | None:
    """Return what is current of a source, None where there is none; called for each request of its sender."""
    row = fetch_one(db.session.connection(), _CURRENT, name=name)
    return None if row is None else CurrentSource(*row)


def source_row(name: str) -> AlertSource | None:
    """Return the row of a name, also that of a removed source."""
    return db.session.scalar(select(AlertSource).where(AlertSource.name == name))


def source_by_name(name: str) -> AlertSource | None:
    """Return a source unless it was removed."""
    row = source_row(name)
    return None if row is None or row.removed_at is not None else row


def list_sources() -> Sequence[AlertSource]:
    """Return all sources that were not removed, by name."""
    query = select(AlertSource).where(AlertSource.removed_at.is_(None)).order_by(AlertSource.name)
    return db.session.scalars(query).all()


def count_sources() -> int:
    """Return how many sources were not removed."""
    return db.session.scalar(select(func.count()).where(AlertSource.removed_at.is_(None))) or 0


def names_among(connection: Connection, names: Collection[str]) -> Sequence[str]:
    """Return the names of own sources that are among these; none of a database from before there were own sources."""
    if not inspect(connection).has_table(AlertSource.__tablename__):
        return []
    query = select(_columns.name).where(_columns.removed_at.is_(None), _columns.name.in_(list(names)))
    return connection.execute(query.order_by(_columns.name)).scalars().all()


def source_version(source_id: int, version: int) -> AlertSourceVersion | None:
    """Return one version of a source."""
    wanted = select(AlertSourceVersion).where(
        AlertSourceVersion.source_id == source_id, AlertSourceVersion.version == version
    )
    return db.session.scalar(wanted)


def versions_of(source_id: int, before: int | None, limit: int) -> Sequence[AlertSourceVersion]:
    """Return versions of a source, the newest first, before the last one of the previous page."""
    query = select(AlertSourceVersion).where(AlertSourceVersion.source_id == source_id)
    if before is not None:
        query = query.where(AlertSourceVersion.version < before)
    return db.session.scalars(query.order_by(AlertSourceVersion.version.desc()).limit(limit)).all()
