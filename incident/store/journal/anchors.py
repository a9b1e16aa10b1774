"""Records of sent journal anchors: one row for each place that accepted one.

The anchors themselves are stored outside.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import LargeBinary, String, case, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.journal.anchor import Failing, read_failing
from incident.core.journal.chain import Head
from incident.store.db.database import Base, db
from incident.store.journal import journal
from incident.store.operations.instance import instance_setting, put_instance_setting

SETTING = "anchors"
"""The instance setting with the failing places, and the current sender."""


class Anchored(Base):
    """A record that a place has accepted the head of the journal; rows are only added.

    `place` is its name without secrets, `detail` its reply, `time_stamp` a copy of an authority's response.
    """

    __tablename__ = "anchors"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(300))
    detail: Mapped[str] = mapped_column(String(500))
    time_stamp: Mapped[bytes | None] = mapped_column(LargeBinary)


def newest_by_place() -> Mapping[str, dt.datetime]:
    """Return when each place accepted its newest anchor."""
    found = db.session.execute(select(Anchored.place, func.max(Anchored.at)).group_by(Anchored.place))
    return {row[0]: row[1] for row in found}


def latest_of(places: Sequence[str]) -> Mapping[str, Anchored]:
    """Return the newest record of each place that has one, by name."""
    found = {}
    for name in places:
        wanted = select(Anchored).where(Anchored.place == name).order_by(Anchored.at.desc(), Anchored.id.desc())
        if (one := db.session.scalar(wanted.limit(1))) is not None:
            found[name] = one
    return found


def compare_stored() -> tuple[int, int | None]:
    """Compare every recorded anchor with the entry that it was made of.

    Returns:
        The number of anchors, and the entry of the first one that does not fit; None when all fit.
    """
    unlike = case((Anchored.hash.is_distinct_from(journal.Entry.hash), Anchored.seq))
    joined = select(func.count(), func.min(unlike)).select_from(Anchored)
    count, first = db.session.execute(joined.outerjoin(journal.Entry, journal.Entry.seq == Anchored.seq)).one()
    return count, first


def newest_at() -> dt.datetime | None:
    """Return when an anchor was last accepted outside; the time of the first entry when that never happened.

    A time stamp does not count: the authority's response is stored here until a mail or a webhook carries it away.
    """
    found = db.session.scalar(select(func.max(Anchored.at)).where(Anchored.time_stamp.is_(None)))
    if found is not None:
        return found
    return db.session.scalar(select(journal.Entry.at).order_by(journal.Entry.seq).limit(1))


def failing() -> dict[str, Failing]:
    """Return the places that did not accept the last anchor, by name."""
    return read_failing((instance_setting(SETTING) or {}).get("failing"))


def anchor_sender() -> Mapping[str, Any]:
    """Return the current sender (`by`) and until when it has the exclusive right (`until`); nothing without one."""
    found: Mapping[str, Any] = (instance_setting(SETTING) or {}).get("sender") or {}
    return found


def put_state(places: Mapping[str, Failing], sending: Mapping[str, Any] | None) -> None:
    """Store the failing places and the sender."""
    kept = {name: one.to_json() for name, one in places.items()}
    put_instance_setting(SETTING, {"failing": kept, "sender": dict(sending or {})})


def heads(batch: int = 20_000) -> Iterator[Head]:
    """Yield every head that the journal has had, in order."""
    after = 0
    while True:
        wanted = select(journal.Entry.seq, journal.Entry.hash).where(journal.Entry.seq > after)
        found = db.session.execute(wanted.order_by(journal.Entry.seq).limit(batch)).all()
        yield from (Head(seq, hash) for seq, hash in found)
        if len(found) < batch:
            return
        after = found[-1][0]
