"""Verification of the journal's chain from the database."""

from collections.abc import Iterator
from itertools import islice

from incident.core.journal.chain import EMPTY, GENESIS, Entry, Head, parse_head
from incident.core.journal.verification import Stored, VerificationResult, stored_row, verify
from incident.core.values.faults import RuleError
from incident.store.db.database import begin_snapshot
from incident.store.journal import journal


def verify_journal(expected: str | None = None, checkpoint: Head | None = None) -> VerificationResult:
    """Verify every entry, or those after a checkpoint; see `core.journal.verification`.

    Args:
        expected: a head `COUNT:HASH` that was printed before; None checks against the stored head only.
        checkpoint: a head that an earlier verification reached; entries before it are not read again.

    Raises:
        RuleError: `journal.head_malformed`, `journal.head_before_checkpoint`.
    """
    wanted = parse_head(expected) if expected else None
    if wanted and checkpoint and wanted.count < checkpoint.count:
        raise RuleError("journal.head_before_checkpoint", {"count": checkpoint.count})
    begin_snapshot()
    return verify_present(wanted, checkpoint)


def verify_present(expected: Head | None = None, checkpoint: Head | None = None) -> VerificationResult:
    """Verify inside the caller's transaction; see `verify_journal`."""
    kept = journal.head()
    head = EMPTY if kept is None else Head(kept.count, kept.hash)
    if checkpoint is None or checkpoint.count == 0:
        return verify(_stored(0), head, expected)
    start = _before(checkpoint.count)
    return verify(_stored(start.count), head, expected, start=start, checkpoint=checkpoint)


def verify_piece(reached: Head, size: int) -> Head | None:
    """Verify the next entries inside the caller's transaction, and return the head after them.

    Args:
        reached: the head that the pieces before have reached.
        size: the number of entries.

    Returns:
        None where `verify_rest` must decide: at the end of the journal, and when something is wrong.
    """
    kept = journal.head()
    if kept is None or kept.count <= reached.count + size:
        return None
    found = verify(islice(_stored(reached.count), size), start=reached)
    return found.head if found.is_intact and found.count == reached.count + size else None


def verify_rest(reached: Head) -> VerificationResult:
    """Verify what follows inside the caller's transaction; where it is broken, the whole journal says what was done."""
    kept = journal.head()
    found = verify(_stored(reached.count), EMPTY if kept is None else Head(kept.count, kept.hash), start=reached)
    return found if found.is_intact else verify_present()


def _before(seq: int) -> Head:
    """Return the head before an entry: the entry itself is read, to check whether it is still there."""
    return Head(seq - 1, journal.hash_at(seq - 1) or GENESIS)


def _stored(after: int) -> Iterator[Stored]:
    for row in journal.entries_past(after):
        entry = Entry(row.seq, row.at, row.actor, row.event_type, row.incident, row.subject)
        yield stored_row(entry, row.detail, row.hash)
