"""The routing rules; the newest row is in force, older ones stay for the record."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.database import Base, db


class RuleSet(Base):
    """All rules as they were put at one moment."""

    __tablename__ = "rule_sets"

    id: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[list[Any]]
    fallback: Mapped[dict[str, Any] | None]
    put_at: Mapped[dt.datetime]


_NEWEST = select(RuleSet).order_by(RuleSet.id.desc()).limit(1)


def rules_in_force() -> RuleSet | None:
    """Return the newest rule set."""
    return db.session.scalar(_NEWEST)
