"""Walks the journal and names the first entry that was changed, removed, inserted or moved behind its back."""

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
"""How many entries behind a broken one are looked at to say what was done to it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it lies in the journal, with the hash (hex) that lies beside it."""

    entry: Entry
    hash: str


def stored_row(entry: Entry, detail_text: str, hash: str) -> Stored:
    """The entry with the detail that lies in the database as JSON text.

    Text that is no JSON any more was changed by somebody: it is kept as it is, and no hash will fit it.
    """
    try:
        detail = json.loads(detail_text)
    except (ValueError, RecursionError):
        detail = {"not JSON": detail_text}
    return Stored(replace(entry, detail=detail), hash)


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What a walk found: the head that was reached, and the first fault, None when there is none, with its place.

    `changed`: the entry at `seq` differs from what was written. `removed`: the entry written as `seq` is gone.
    `inserted`: what stands at `seq` was never written there. `moved`: the entry written as `seq` stands elsewhere.
    `rewritten`: the chain is whole, but at `seq` it is not the one whose head was kept or printed. Who changes an entry
    and its hash as well makes the entry behind it the first that does not fit.
    """

    count: int
    hash: str
    fault: Fault | None = None
    seq: int | None = None

    @property
    def head(self) -> Head:
        """The head that the walk reached, up to the fault."""
        return Head(self.count, self.hash)

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None


def verify(
    entries: Iterable[Stored],
    head: Head | None = None,
    expected_head: Head | None = None,
    *,
    start: Head = EMPTY,
    checkpoint: Head | None = None,
) -> VerificationResult:
    """Walk entries in the order of their `seq`, holding only a few of them at a time.

    `head` is what the journal itself keeps as its end, so that entries cut off the end are missed; `expected_head` is
    one printed earlier, which proves that nothing up to it was changed or is gone even if the chain was made anew.
    The walk begins behind `start`, with all entries unless told otherwise; `checkpoint` is a head behind it that an
    earlier walk reached.
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
    """What was done at the first row that does not follow; the rows behind it and the heads before it help to tell."""
    seq = reached.count + 1
    if head is not None and reached.count >= head.count:
        return _at(reached, "inserted", seq)
    if rows[0].entry.seq < seq:
        return _at(reached, "inserted", rows[0].entry.seq)
    # Entries that were put in and chained rightly fit; the one that they pushed back gives them away.
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
    """Whether one of the rows before the right one was written behind it: it was moved, and not put in."""
    for written, (row, following) in enumerate(zip_longest(behind, behind[1:]), seq + 1):
        if any(_links(row.hash, other, written) for other in before):
            return True
        if following is None or not _links(row.hash, following, written):
            return False
    return False


def _is_renumbered(seq: int, rows: list[Stored]) -> bool:
    """Whether the rows follow one another if each is taken to have been written some places further on."""
    gaps = range(1, LOOK_AHEAD)
    return len(rows) > 1 and any(_links(rows[0].hash, rows[1], seq + 1 + gap) for gap in gaps)


def _links(previous_hash: str, stored: Stored, seq: int) -> bool:
    try:
        return link(previous_hash, canonical_entry(stored.entry, seq)) == stored.hash
    except RuleError:  # what cannot be written in canonical form was never written here
        return False
