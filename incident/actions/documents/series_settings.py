"""How the numbers of documents are written, by series."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete

from incident.actions.unit_of_work import transaction
from incident.core.documents.numbering import NumberSeries
from incident.core.values.faults import refuse_stale
from incident.store.db.database import advisory_lock, db
from incident.store.documents.series import DocumentSeries, all_series


def put_series(
    given: Sequence[NumberSeries], by: str, now: dt.datetime, version: int | None = None
) -> Sequence[DocumentSeries]:
    """Replace how the numbers of all series are written.

    A new issuer word begins at 1, also in the middle of a year; numbers that were taken stay as they are, and a word
    that comes back goes on where it was.

    Args:
        given: the series, checked; those that are left out have no numbers until they are entered again.
        by: who.
        now: when (UTC).
        version: the version that the caller has read (0 before the first); None skips the check.

    Raises:
        RuleError: `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        advisory_lock("document_series")
        present = all_series()
        at = series_version(present)
        refuse_stale(at, version)
        before = [asdict(NumberSeries(one.series, one.word, one.form)) for one in present]
        after = [asdict(one) for one in sorted(given, key=lambda one: one.series)]
        if before == after:
            return present
        db.session.execute(delete(DocumentSeries))
        for one in present:
            db.session.expunge(one)
        for new in given:
            uow.add(DocumentSeries(**asdict(new), version=at + 1, changed_at=now, changed_by=by))
        uow.record("document_series.changed", "document_series", {"before": before, "after": after})
    return all_series()


def series_version(rows: Sequence[DocumentSeries]) -> int:
    """Return the version of the series, 0 before anybody has entered them."""
    return max((one.version for one in rows), default=0)
