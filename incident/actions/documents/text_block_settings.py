"""Text blocks: replaced as a whole, as the numbers of documents are."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete

from incident.actions.unit_of_work import transaction
from incident.core.documents.wordings import Wording
from incident.core.values.faults import refuse_stale
from incident.store.db.database import advisory_lock, db
from incident.store.documents.text_blocks import TextBlock, all_text_blocks


def put_text_blocks(
    given: Sequence[Wording], by: str, now: dt.datetime, version: int | None = None
) -> Sequence[TextBlock]:
    """Replace all text blocks.

    Args:
        given: the text blocks, checked.
        by: who.
        now: when (UTC).
        version: the version that the caller has read (0 before the first); None skips the check.

    Raises:
        RuleError: `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        advisory_lock("text_blocks")
        present = all_text_blocks()
        at = blocks_version(present)
        refuse_stale(at, version)
        before = [asdict(Wording(one.title, one.text)) for one in present]
        after = [asdict(one) for one in sorted(given, key=lambda one: one.title)]
        if before == after:
            return present
        db.session.execute(delete(TextBlock))
        for one in present:
            db.session.expunge(one)
        for new in after:
            uow.add(TextBlock(**new, version=at + 1, changed_at=now, changed_by=by))
        uow.record("text_blocks.changed", "text_blocks", {"before": before, "after": after})
    return all_text_blocks()


def blocks_version(rows: Sequence[TextBlock]) -> int:
    """Return the version of the text blocks, 0 when there are none."""
    return max((one.version for one in rows), default=0)
