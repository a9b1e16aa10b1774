"""Shares of the sending slots for each origin (scheme, host and port; all of mail; all text messages).

An origin that hangs occupies each of its slots for seconds. Therefore silent origins get a part of the slots, untried
origins get another part, and some are always reserved for origins that answered last.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal

Kind = Literal["answered", "new", "silent"]
"""`answered` last, never tried (`new`), or `silent`: did not answer last, or has an overdue answer."""

KNOWN_KINDS: Final[tuple[Kind, ...]] = ("answered", "silent")

SLOTS = 32
"""Maximum number of messages in flight: at most these are sent twice after a kill."""

PER_ORIGIN = 8
"""Maximum number of concurrent messages to one origin."""

AHEAD = 8
"""Messages that may wait in their slots at an origin that answers, so that no time is lost."""

MAX_SILENT = 12
"""Slots of origins that did not answer last, or whose answers are overdue."""

MAX_NEW = 12
NEW_MOST_WHEN_TIGHT = 4
"""Slots of untried origins without overdue answers; the second number applies while many answers are overdue."""

MAX_DOUBTFUL = 28
"""Slots of silent and new origins together: the rest is reserved for origins that answered last."""

TIGHT_FROM = 8
"""Number of overdue answers that counts as many."""


class Share:
    """The messages that may be started now; each one that is taken reduces it.

    Args:
        in_flight: the origin of each message in flight.
        hung: the origin of each of these whose answer is overdue, or whose origin did not answer last.
        known: the known kinds of origins; all others are new.
        is_searched: whether to continue past messages that cannot be started now, however many there are.
    """

    def __init__(
        self, in_flight: Iterable[str], hung: Iterable[str], known: Mapping[str, Kind], *, is_searched: bool = True
    ) -> None:
        self.known = known
        self.is_searched = is_searched
        self._by_origin = Counter(in_flight)
        self._total = self._by_origin.total()
        self._hung = Counter(hung).total()
        self._new = sum(count for origin, count in self._by_origin.items() if self.kind_of(origin) == "new")
        self.has_refused = False
        self.has_refused_others = False

    def kind_of(self, origin: str) -> Kind:
        """Return the kind of an origin."""
        return self.known.get(origin, "new")

    @property
    def is_tight(self) -> bool:
        """Whether many answers are overdue, so that new origins may hang as well."""
        return self._hung >= TIGHT_FROM

    def free_slots(self, kind: Kind) -> int:
        """Return how many more messages may be started to origins of a kind."""
        left = SLOTS - self._total
        if kind == "answered":
            return left
        if kind == "silent":
            return min(MAX_SILENT - self._hung, left)
        if self.is_tight and not self.is_searched:
            return 0  # new origins must wait unless the search goes on past blocked messages
        most = NEW_MOST_WHEN_TIGHT if self.is_tight else MAX_NEW
        return min(most - self._new, MAX_DOUBTFUL - self._hung - self._new, left)

    def is_full(self, origin: str) -> bool:
        """Whether an origin uses all the slots that one may have."""
        most = PER_ORIGIN + AHEAD if self.kind_of(origin) == "answered" else PER_ORIGIN
        return self._by_origin[origin] >= most

    def full(self) -> frozenset[str]:
        """Return the origins that use all the slots that one may have."""
        return frozenset(filter(self.is_full, self._by_origin))

    def shut(self) -> frozenset[str]:
        """Return known origins to which no message may be started now."""
        return self.full().union(*(self._of_kind(kind) for kind in KNOWN_KINDS if self.free_slots(kind) < 1))

    def _of_kind(self, kind: Kind) -> Iterable[str]:
        return (origin for origin, its_kind in self.known.items() if its_kind == kind)

    def take(self, origin: str | None) -> bool:
        """Take a slot for an origin, None for messages without a provider; return whether one was free."""
        if origin is None:
            return True
        kind = self.kind_of(origin)
        if self.is_full(origin):
            self.has_refused = True
            return False
        if self.free_slots(kind) < 1:
            self.has_refused = True
            self.has_refused_others |= kind != "silent"
            return False
        self._by_origin[origin] += 1
        self._total += 1
        self._hung += kind == "silent"  # a silent origin is expected to hang
        self._new += kind == "new"
        return True
