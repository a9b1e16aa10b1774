"""Verification of the journal: names the first entry that was changed, removed, inserted or moved without
authorisation.
"""

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from typing import Final, Literal

from incident.core.journal.chain import EMPTY, Entry, Head, canonical_entry, link
from incident.core.values.faults import RuleError

Fault = Literal["changed", "removed", "inserted", "moved", "rewritten"]

LOOK_AHEAD: Final = 256
"""How many entries after a broken one are examined to find out what was done to it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as stored in the journal, with the hash (hex) that is stored with it."""

    entry: Entry
    hash: str


def stored_row(entry: Entry, detail_text: str, hash: str) -> Stored:
    """Return the entry from a row whose detail is stored as JSON text.

    Text that is not valid JSON was changed by somebody: it is kept unchanged, and no hash will match it.
    """
    try:
        detail = json.loads(detail_text)
    except (ValueError, RecursionError):
        detail = {"not JSON": detail_text}
    return Stored(replace(entry, detail=detail), hash)


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """Result of a verification: the head that was reached, and the first fault with its place, None without a fault.

    `changed`: the entry at `seq` differs from what was written. `removed`: the entry written as `seq` is gone.
    `inserted`: the entry at `seq` was never written there. `moved`: the entry written as `seq` is elsewhere.
    `rewritten`: the chain is consistent, but at `seq` it is not the one whose head was kept or printed. If somebody
    changes both an entry and its hash, the next entry is the first that does not match.
    """

    count: int
    hash: str
    fault: Fault | None = None
    seq: int | None = None

    @property
    def head(self) -> Head:
        """The head that the verification reached, up to the fault."""
        return Head(self.count, self.hash)

    @property
    def is_intact(self) -> bool:
        """Whether no fault was found."""
        return self.fault is None


def verify(
    entries: Iterable[Stored],
    head: Head | None = None,
    expected_head: Head | None = None,
    *,
    start: Head = EMPTY,
    checkpoint: Head | None = None,
) -> VerificationResult:
    """Verify entries in the order of their `seq`, with only a few of them in memory.

    `head` is the end that the journal itself records, so that entries cut off the end are noticed; `expected_head` is
    one printed earlier, which proves that nothing up to it was changed or removed even if the chain was recomputed. The
    verification begins after `start`, by default with the first entry; `checkpoint` is a head after it that an earlier
    verification reached.
    """
    count, last = start.count, start.hash
    known = [one for one in (checkpoint, expected_head) if one is not None]
    passed: deque[str] = deque(maxlen=LOOK_AHEAD)
    walk = iter(entries)
    for stored in walk:
        if stored.entry.seq != count + 1 or not _links(last, stored, count + 1):
            return _diagnose(Head(count, last), [stored, *islice(walk, LOOK_AHEAD)], passed, head)
        passed.append(last)
        count, last = count + 1, stored.hash
        if any(count == one.count and last != one.hash for one in known):
            return _at(Head(count, last), "rewritten", count)
    return _verify_end(Head(count, last), head, max((one.count for one in known), default=0))


def _at(reached: Head, fault: Fault, seq: int) -> VerificationResult:
    return VerificationResult(reached.count, reached.hash, fault, seq)


def _verify_end(reached: Head, head: Head | None, known: int) -> VerificationResult:
    least = max(head.count if head else 0, known)
    if reached.count < least:
        return _at(reached, "removed", reached.count + 1)
    if head is not None and reached.count > head.count:
        return _at(reached, "inserted", head.count + 1)
    if head is not None and reached.hash != head.hash:
        return _at(reached, "rewritten", reached.count)
    return VerificationResult(reached.count, reached.hash)


def _diagnose(reached: Head, rows: list[Stored], passed: deque[str], head: Head | None) -> VerificationResult:
    """Find out what was done at the first row that does not follow, from later rows and earlier heads."""
    seq = reached.count + 1
    if head is not None and reached.count >= head.count:
        return _at(reached, "inserted", seq)
    if rows[0].entry.seq < seq:
        return _at(reached, "inserted", rows[0].entry.seq)
    # Entries that were inserted and chained correctly match; the entry after them reveals them.
    heads = [Head(count, hash) for count, hash in enumerate(passed, reached.count - len(passed))]
    pushed = next((earlier for earlier in heads if _links(earlier.hash, rows[0], earlier.count + 1)), None)
    if pushed is not None:
        return _at(pushed, "inserted", pushed.count + 1)
    return _at(reached, _what_was_done(reached, rows), seq)


def _what_was_done(reached: Head, rows: list[Stored]) -> Fault:
    seq = reached.count + 1
    place = next((index for index, row in enumerate(rows) if _links(reached.hash, row, seq)), None)
    if place is not None:
        return "moved" if place == 0 or _is_from_behind(seq, rows[:place], rows[place:]) else "inserted"
    return "removed" if rows[0].entry.seq > seq or _is_renumbered(seq, rows) else "changed"


def _is_from_behind(seq: int, before: list[Stored], behind: list[Stored]) -> bool:
    """Whether one of the rows before the right one was written after it: it was moved, not inserted."""
    for written, (row, following) in enumerate(zip_longest(behind, behind[1:]), seq + 1):
        if any(_links(row.hash, other, written) for other in before):
            return True
        if following is None or not _links(row.hash, following, written):
            return False
    return False


def _is_renumbered(seq: int, rows: list[Stored]) -> bool:
    """Whether the rows form a chain if each was written a fixed number of places later."""
    gaps = range(1, LOOK_AHEAD)
    return len(rows) > 1 and any(_links(rows[0].hash, rows[1], seq + 1 + gap) for gap in gaps)


def _links(previous_hash: str, stored: Stored, seq: int) -> bool:
    try:
        return link(previous_hash, canonical_entry(stored.entry, seq)) == stored.hash
    except RuleError:  # an entry without a canonical form was never written here
        return False
