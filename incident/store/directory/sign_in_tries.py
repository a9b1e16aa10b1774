"""Sign-in attempts: counted and decided in one statement, so that none of many at once slips through."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, ForeignKey, Row, String, bindparam, case, delete, null, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.directory.sign_in_throttle import KEEP_FOR, MAX_DELAY, MAX_TRIES, WINDOW, growing_delays
from incident.store.db.database import Base, Moment, db, upsert
from incident.store.directory.people import Person


class SignInTries(Base):
    """Number of sign-in attempts; the key is a keyed hash.

    A key is either of a sign-in name and the origin of the attempts, which must wait until `free_at`; or of a sign-in
    name alone (`is_total`), which is never refused. After `forget_at` the count restarts.
    """

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    is_total: Mapped[bool]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    count: Mapped[int]
    free_at: Mapped[dt.datetime | None]
    forget_at: Mapped[dt.datetime] = mapped_column(index=True)


def count_try(place_key: str, login_key: str, person_id: int | None, now: dt.datetime) -> dt.timedelta | None:
    """Count an attempt; return None when it is allowed, else the remaining delay.

    A refused attempt counts for the sign-in name alone, and does not lengthen the delay.

    Args:
        place_key: of the sign-in name and the origin of the attempt.
        login_key: of the sign-in name.
        person_id: the owner of the sign-in name, None when nobody has it.
        now: when (UTC).
    """
    rows = [
        {"key": place_key, "is_total": False, "person_id": person_id, "count": 1, "forget_at": now + KEEP_FOR},
        {"key": login_key, "is_total": True, "person_id": person_id, "count": 1, "forget_at": now + WINDOW},
    ]
    counted = upsert(SignInTries).values(rows)
    is_over = SignInTries.forget_at <= now
    # A time further ahead than any delay was written before the system clock was set back.
    is_free = or_(SignInTries.free_at.is_(None), SignInTries.free_at <= now, SignInTries.free_at > now + MAX_DELAY)
    changed = {
        "count": case((is_over, 1), else_=SignInTries.count + 1),
        "free_at": case((or_(is_over, SignInTries.is_total), null()), else_=_free_at(now)),
        "forget_at": case((SignInTries.is_total & ~is_over, SignInTries.forget_at), else_=counted.excluded.forget_at),
        "person_id": counted.excluded.person_id,
    }
    again = counted.on_conflict_do_update(index_elements=["key"], set_=changed, where=is_free)
    if place_key in db.session.scalars(again.returning(SignInTries.key)).all():
        return None
    free_at = db.session.scalar(select(SignInTries.free_at).where(SignInTries.key == place_key))
    return max(dt.timedelta(seconds=1), (free_at or now) - now)


def _free_at(now: dt.datetime) -> ColumnElement[dt.datetime | None]:
    """Return when the next attempt is allowed, by the number of earlier attempts."""
    moments = {tries - 1: bindparam(None, now + delay, Moment) for tries, delay in growing_delays().items()}
    first = min(moments)
    waits = [(SignInTries.count == before, moment) for before, moment in moments.items()]
    return case((SignInTries.count < first, null()), *waits, else_=bindparam(None, now + MAX_DELAY, Moment))


def forgive(place_key: str, login_key: str, *, is_success: bool) -> None:
    """Undo the last attempt: the count of a person who signed in restarts, an attempt not evaluated is removed."""
    ours = SignInTries.key == place_key
    if is_success:
        db.session.execute(delete(SignInTries).where(ours))
    counted = (SignInTries.key.in_((place_key, login_key)), SignInTries.count > 0)
    db.session.execute(update(SignInTries).where(*counted).values(count=SignInTries.count - 1, free_at=None))


def most_tried(now: dt.datetime) -> Sequence[Row[str, int]]:
    """Return people's sign-in names with too many recent attempts, and the number of attempts."""
    wanted = select(Person.login, SignInTries.count).join(Person, Person.id == SignInTries.person_id)
    is_much = (SignInTries.is_total, SignInTries.count >= MAX_TRIES, SignInTries.forget_at > now)
    return db.session.execute(wanted.where(*is_much).order_by(SignInTries.count.desc()).limit(5)).all()


def forget_tries(now: dt.datetime) -> None:
    """Delete expired counts."""
    db.session.execute(delete(SignInTries).where(SignInTries.forget_at <= now))
