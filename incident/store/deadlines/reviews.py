"""Reviews of decisions: somebody looks again, a day later and at each changed answer."""

import datetime as dt

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.approvals import IN_FORCE, TwoPersonRecord


class ReviewedDecision(TwoPersonRecord):
    """A decision that somebody must look at again.

    `review_due_at` is when, None when no review is owed; `reviewed_at` and `reviewed_by` are of the last review.
    """

    review_due_at: Mapped[dt.datetime | None]
    reviewed_at: Mapped[dt.datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(300))

    @property
    def owes_review(self) -> bool:
        """Whether somebody must look at it again, now or later."""
        return self.state == IN_FORCE and self.review_due_at is not None


def review_index(table: str) -> Index:
    """Return the index of the decisions of a table that somebody must look at again."""
    owed = text(f"state = '{IN_FORCE}' AND review_due_at IS NOT NULL")
    return Index(f"ix_{table}_review", "review_due_at", sqlite_where=owed, postgresql_where=owed)
