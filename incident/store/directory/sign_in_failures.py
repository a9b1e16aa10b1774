"""Failed sign-in attempts, counted in windows of an hour: each window writes one entry in the journal."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from sqlalchemy import String, case, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.directory.sign_in_throttle import WINDOW
from incident.store.db.database import Base, db, upsert

UNKNOWN: Final = "sign_in:unknown"
"""The key of all unknown sign-in names."""


class SignInFailures(Base):
    """How many attempts failed in a window; the key is the owner of the name, such as `person:3`."""

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    forget_at: Mapped[dt.datetime] = mapped_column(index=True)


def count_failure(key: str, now: dt.datetime) -> int:
    """Count a failure; return the number in this window, including this one.

    Args:
        key: the owner of the sign-in name.
        now: when (UTC).
    """
    end = now + WINDOW
    # A window that ends later than one from now on was begun before the system clock was set back.
    is_over = (SignInFailures.forget_at <= now) | (SignInFailures.forget_at > end)
    counted = upsert(SignInFailures).values(key=key, count=1, forget_at=end)
    changed = {
        "count": case((is_over, 1), else_=SignInFailures.count + 1),
        "forget_at": case((is_over, counted.excluded.forget_at), else_=SignInFailures.forget_at),
    }
    again = counted.on_conflict_do_update(index_elements=["key"], set_=changed)
    return db.session.scalars(again.returning(SignInFailures.count)).one()


def count_live(now: dt.datetime) -> Mapping[str, int]:
    """Count the failures in the current windows, by whether the name is a person's: `known`, `unknown`."""
    kind = case((SignInFailures.key == UNKNOWN, "unknown"), else_="known")
    is_live = (SignInFailures.forget_at > now) & (SignInFailures.forget_at <= now + WINDOW)
    query = select(kind, func.sum(SignInFailures.count)).where(is_live).group_by(kind)
    return {"known": 0, "unknown": 0} | {row[0]: int(row[1]) for row in db.session.execute(query)}


def forget_failures(now: dt.datetime) -> None:
    """Delete the windows that are over."""
    db.session.execute(delete(SignInFailures).where(SignInFailures.forget_at <= now))
