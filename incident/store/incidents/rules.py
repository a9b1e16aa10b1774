"""The routing rules; the newest row is in force, older ones remain for the record."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class RuleSet(Base):
    """All rules as stored at one moment."""

    __tablename__ = "rule_sets"

    id: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[list[Any]]
    fallback: Mapped[dict[str, Any] | None]
    put_at: Mapped[dt.datetime]


_NEWEST = select(RuleSet).order_by(RuleSet.id.desc()).limit(1)


def rules_in_force() -> RuleSet | None:
    """Return the newest rule set."""
    return db.session.scalar(_NEWEST)


def rule_sets_before(rule_set_id: int | None, count: int) -> Sequence[RuleSet]:
    """Return earlier rule sets, the newest first.

    Args:
        rule_set_id: the set whose predecessors are wanted; None for the newest of all.
        count: how many at most.
    """
    wanted = select(RuleSet).order_by(RuleSet.id.desc()).limit(count)
    return db.session.scalars(wanted if rule_set_id is None else wanted.where(RuleSet.id < rule_set_id)).all()


def rule_set_of(rule_set_id: int) -> RuleSet | None:
    """Return the rule set with an id, None when there is none."""
    return db.session.get(RuleSet, rule_set_id)
