"""Backups that were made of the instance: when, and under which name."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db

NAME_LIMIT = 200


class MadeBackup(Base):
    """A backup file; `name` is without its folder."""

    __tablename__ = "made_backups"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[dt.datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))


def backups_between(begin: dt.datetime, end: dt.datetime) -> Sequence[MadeBackup]:
    """Return the backups that were made between two moments, the first one first."""
    wanted = select(MadeBackup).where(MadeBackup.made_at >= begin, MadeBackup.made_at <= end)
    return db.session.scalars(wanted.order_by(MadeBackup.made_at, MadeBackup.id)).all()
