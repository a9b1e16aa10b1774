"""How the slots that send messages are shared between origins (scheme, host and port; all of mail; all text messages).

An origin that hangs holds each slot that it gets for seconds. So what does not answer gets a part of the slots, what
was never tried gets another part, and some are always left for what answered last.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, Literal

Kind = Literal["answered", "new", "silent"]
"""`answered` last, never tried (`new`), or `silent`: did not answer last, or an answer of it is overdue."""

KNOWN_KINDS: Final[tuple[Kind, ...]] = ("answered", "silent")

SLOTS = 32
"""Messages that are in flight at most: so many may be sent twice when the process is killed."""

PER_ORIGIN = 8
"""Messages at once to one origin, of these."""

AHEAD = 8
"""Messages that may wait in their slots for their turn at an origin that answers, so that no turn is missed."""

SILENT_MOST = 12
"""Slots of origins that did not answer last, or whose answers are overdue."""

NEW_MOST = 12
NEW_MOST_WHEN_TIGHT = 4
"""Slots of origins that were never tried and whose answer is not overdue yet; the second number counts while many
answers are overdue."""

DOUBTFUL_MOST = 28
"""Slots of silent and new origins together: the rest is left for what answered last."""

TIGHT_FROM = 8
"""So many overdue answers are many."""


class Share:
    """What may be begun now; each message that is taken makes it smaller.

    Args:
        in_flight: the origin of each message in flight.
        hung: the origin of each of these whose answer is overdue, or that goes to an origin that did not answer last.
        known: what is known of origins; all others are new.
        is_searched: whether to go on behind messages that cannot be begun now, however many they are.
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
        """Return what is known of an origin."""
        return self.known.get(origin, "new")

    @property
    def is_tight(self) -> bool:
        """Whether many answers are overdue, so that whatever is new may hang as well."""
        return self._hung >= TIGHT_FROM

    def room(self, kind: Kind) -> int:
        """Return how many more messages may be begun to origins of a kind."""
        left = SLOTS - self._total
        if kind == "answered":
            return left
        if kind == "silent":
            return min(SILENT_MOST - self._hung, left)
        if self.is_tight and not self.is_searched:
            return 0  # what came last is looked for as well, or nothing
        most = NEW_MOST_WHEN_TIGHT if self.is_tight else NEW_MOST
        return min(most - self._new, DOUBTFUL_MOST - self._hung - self._new, left)

    def is_full(self, origin: str) -> bool:
        """Return whether an origin has all the slots that one may have."""
        most = PER_ORIGIN + AHEAD if self.kind_of(origin) == "answered" else PER_ORIGIN
        return self._by_origin[origin] >= most

    def full(self) -> frozenset[str]:
        """Return the origins that have all the slots that one may have."""
        return frozenset(filter(self.is_full, self._by_origin))

    def shut(self) -> frozenset[str]:
        """Return known origins to which nothing may be begun now."""
        return self.full().union(*(self._of_kind(kind) for kind in KNOWN_KINDS if self.room(kind) < 1))

    def _of_kind(self, kind: Kind) -> Iterable[str]:
        return (origin for origin, its_kind in self.known.items() if its_kind == kind)

    def take(self, origin: str | None) -> bool:
        """Take a slot for an origin, None for what goes to no provider; return whether there was one."""
        if origin is None:
            return True
        kind = self.kind_of(origin)
        if self.is_full(origin):
            self.has_refused = True
            return False
        if self.room(kind) < 1:
            self.has_refused = True
            self.has_refused_others |= kind != "silent"
            return False
        self._by_origin[origin] += 1
        self._total += 1
        self._hung += kind == "silent"  # it is to be expected
        self._new += kind == "new"
        return True
