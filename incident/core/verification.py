"""Walks the journal and names the first entry that was changed, removed, inserted or moved behind its back."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Literal

from incident.core.faults import RuleError
from incident.core.journal import EMPTY, Entry, Head, canonical, link

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
class Verdict:
    """What a walk found: the head that was reached, and the first fault, None when there is none, with its place.

    `changed`: the entry at `seq` differs from what was written. `removed`: the entry written as `seq` is gone.
    `inserted`: what stands at `seq` was never written there. `moved`: the entry written as `seq` stands elsewhere.
    `rewritten`: the chain is whole, but at `seq` it is not the one whose head was kept or printed.
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


def verify(entries: Iterable[Stored], head: Head | None = None, expected_head: Head | None = None) -> Verdict:
    """Walk all entries in the order of their `seq`, holding only a few of them at a time.

    `head` is what the journal itself keeps as its end, so that entries cut off the end are missed; `expected_head` is
    one printed earlier, which proves that nothing up to it was changed or is gone even if the chain was made anew.
    """
    reached = EMPTY
    walk = iter(entries)
    for stored in walk:
        found = _follow(reached, stored)
        if found is None:
            fault, seq = _diagnose(reached, [stored, *islice(walk, LOOK_AHEAD)])
            return Verdict(reached.count, reached.hash, fault, seq)
        reached = found
        if expected_head and reached.count == expected_head.count and reached.hash != expected_head.hash:
            return Verdict(reached.count, reached.hash, "rewritten", reached.count)
    return _verify_end(reached, head, expected_head)


def _follow(reached: Head, stored: Stored) -> Head | None:
    entry = stored.entry
    if entry.seq != reached.count + 1 or not _links(reached.hash, stored, entry.seq):
        return None
    return Head(entry.seq, stored.hash)


def _verify_end(reached: Head, head: Head | None, expected: Head | None) -> Verdict:
    least = max(head.count if head else 0, expected.count if expected else 0)
    if reached.count < least:
        return Verdict(reached.count, reached.hash, "removed", reached.count + 1)
    if head is not None and reached.count > head.count:
        return Verdict(reached.count, reached.hash, "inserted", head.count + 1)
    if head is not None and reached.hash != head.hash:
        return Verdict(reached.count, reached.hash, "rewritten", reached.count)
    return Verdict(reached.count, reached.hash)


def _diagnose(reached: Head, rows: list[Stored]) -> tuple[Fault, int]:
    """What was done at the first row that does not follow; the rows behind it help to tell."""
    seq = reached.count + 1
    place = _find(reached, rows)
    if place == 0:
        return "moved", seq
    if place is not None:
        return _displaced(seq, rows, place)
    if rows[0].entry.seq > seq:
        return "removed", seq
    if rows[0].entry.seq < seq:
        return "inserted", rows[0].entry.seq
    return ("removed" if _is_renumbered(seq, rows) else "changed"), seq


def _find(reached: Head, rows: list[Stored]) -> int | None:
    """Where among the rows the one stands that was written behind `reached`, whatever number it bears now."""
    seq = reached.count + 1
    return next((index for index, row in enumerate(rows) if _links(reached.hash, row, seq)), None)


def _displaced(seq: int, rows: list[Stored], place: int) -> tuple[Fault, int]:
    # Moved there, if the one that was written behind it now stands before it; else pushed back by what was put in.
    successor = _find(Head(seq, rows[place].hash), rows[:place])
    return ("inserted" if successor is None else "moved"), seq


def _is_renumbered(seq: int, rows: list[Stored]) -> bool:
    """Whether the rows follow one another if each is taken to have been written some places further on."""
    gaps = range(1, LOOK_AHEAD)
    return len(rows) > 1 and any(_links(rows[0].hash, rows[1], seq + 1 + gap) for gap in gaps)


def _links(previous_hash: str, stored: Stored, seq: int) -> bool:
    try:
        return link(previous_hash, canonical(stored.entry, seq)) == stored.hash
    except RuleError:  # what cannot be written in canonical form was never written here
        return False


def stored_chain(entries: Iterable[Entry], head: Head = EMPTY) -> Iterator[Stored]:
    """The entries with the hashes that they get when they are added behind `head`, in their order."""
    reached = head.hash
    for entry in entries:
        reached = link(reached, canonical(entry))
        yield Stored(entry, reached)
