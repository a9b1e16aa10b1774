"""Token buckets: how many messages each contact may receive now."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Float, ForeignKey, and_, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.delivery.rate_limit import Limit, TokenBucket, free_at
from incident.store.db.database import Base, db, upsert

FREE_WITHIN = dt.timedelta(seconds=61)
"""The latest valid `free_at` is this far ahead; a later one was written before the clock was set back."""


class BucketRow(Base):
    """The tokens of one contact (`core/delivery/rate_limit.py`); until `free_at` it receives nothing."""

    __tablename__ = "buckets"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    tokens: Mapped[float] = mapped_column(Float(53))
    filled_at: Mapped[dt.datetime]
    free_at: Mapped[dt.datetime]


IS_EMPTY = and_(BucketRow.free_at > bindparam("now"), BucketRow.free_at <= bindparam("latest_free_at"))
"""A contact may receive nothing now; `moments` are its values."""


def empty_at(now: dt.datetime) -> dict[str, dt.datetime]:
    """Return the values of `IS_EMPTY` at a moment."""
    return {"now": now, "latest_free_at": now + FREE_WITHIN}


def lock_buckets(contact_ids: Collection[int]) -> dict[int, TokenBucket]:
    """Lock and return the buckets of contacts; one that was never used is left out."""
    if not contact_ids:
        return {}
    wanted = select(BucketRow).where(BucketRow.contact_id.in_(sorted(contact_ids))).order_by(BucketRow.contact_id)
    found = db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True))
    return {row.contact_id: TokenBucket(row.tokens, row.filled_at) for row in found}


def put_bucket(contact_id: int, bucket: TokenBucket, limit: Limit, not_before: dt.datetime) -> None:
    """Store a bucket; its contact receives nothing before a moment, however full it is."""
    free = max(free_at(bucket, limit), not_before)
    row = {"tokens": bucket.tokens, "filled_at": bucket.filled_at, "free_at": free}
    written = upsert(BucketRow).values(contact_id=contact_id, **row)
    db.session.execute(written.on_conflict_do_update(index_elements=["contact_id"], set_=row))
