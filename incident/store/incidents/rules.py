"""The routing rules; the newest row is in force, older ones remain for the record."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, table_of
from incident.store.db.prepared import fetch_one


class RuleSet(Base):
    """All rules as stored at one moment."""

    __tablename__ = "rule_sets"

    id: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[list[Any]]
    fallback: Mapped[dict[str, Any] | None]
    put_at: Mapped[dt.datetime]


_NEWEST = select(RuleSet).order_by(RuleSet.id.desc()).limit(1)
_NEWEST_ID = select(table_of(RuleSet).c.id, table_of(RuleSet).c.put_at).order_by(RuleSet.id.desc()).limit(1)


def rules_in_force() -> RuleSet | None:
    """Return the newest rule set."""
    return db.session.scalar(_NEWEST)


def which_in_force() -> tuple[int, dt.datetime] | None:
    """Return id and moment of the newest rule set, which show whether cached rules are still valid."""
    row = fetch_one(db.session.connection(), _NEWEST_ID)
    return None if row is None else (row[0], row[1])
