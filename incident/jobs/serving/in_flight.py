"""Messages being sent: their durations, the response times of their origins, and which one to cancel.

The response times are kept in memory: after a start all origins are new, and a hang is detected after 0.3 s.
"""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from incident.core.delivery.slot_share import MAX_SILENT, PER_ORIGIN, Kind, Share
from incident.core.notifications.message import Accepted, DeliveryError
from incident.jobs.scheduling.worker_pool import GATHER_LEAST
from incident.outgoing.sockets import Conversation

Outcome = Accepted | DeliveryError
Key = tuple[int, ...]

OVERDUE_AFTER = 0.3
"""Time (s) after which a response is overdue; for a usually slow origin, a multiple of its time."""
OVERDUE_FACTOR = 4
MAX_OVERDUE = 3.0

CUT_AFTER = 1.5
"""Time (s) after which a send is cancelled when others lack slots; never before twice its overdue time."""

ORIGINS_KEPT = 2_000

LOOK_AGAIN = 0.05
"""Delay (s) before the next claim while messages wait for a slot."""

SEARCH_PART = 4
MAX_SEARCH = 0.25
"""A search behind blocked messages takes longer the more there are: it is repeated after this multiple of its
duration, and after this many seconds at most."""


@dataclass
class Flight:
    """One message with a slot; `began_at` is the start of its send by the steady clock, None while it waits."""

    origin: str
    began_at: float | None = None
    line: Conversation = field(default_factory=Conversation)


@dataclass
class Ending:
    """The outcome of a send; by default an internal fault."""

    outcome: Outcome = field(default_factory=lambda: DeliveryError("not sent", permanent=False))


@dataclass
class Origin:
    """The last response of an origin: `took` is its usual time in seconds."""

    is_silent: bool
    took: float

    @property
    def overdue_after(self) -> float:
        """Time (s) after which a response of it is overdue."""
        if self.is_silent:
            return OVERDUE_AFTER
        return min(max(OVERDUE_AFTER, OVERDUE_FACTOR * self.took), MAX_OVERDUE)


class InFlight:
    """Tracks the messages being sent; thread-safe.

    Args:
        read: reads a steady clock (s).
    """

    def __init__(self, read: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._turns = threading.Condition()
        self._flights: dict[Key, Flight] = {}
        self._sending: Counter[str] = Counter()
        self._origins: OrderedDict[str, Origin] = OrderedDict()
        self._full: frozenset[str] = frozenset()
        self._is_held_back = False
        self._search_at = read()

    def begin(self, key: Key, origin: str | None) -> None:
        """Record that a message has a slot; None for messages without a provider."""
        if origin is not None:
            with self._turns:
                self._flights[key] = Flight(origin)

    def wait_turn(self, key: Key) -> bool:
        """Wait until the message may be sent to its origin; False when the origin no longer responds."""
        with self._turns:
            flight = self._flights.get(key)
            if flight is None:
                return True
            while self._sending[flight.origin] >= PER_ORIGIN:
                if self._kinds().get(flight.origin) == "silent":
                    del self._flights[key]
                    return False
                self._turns.wait(LOOK_AGAIN)
            self._sending[flight.origin] += 1
            flight.began_at = self._read()
        return True

    @contextmanager
    def sending(self, key: Key) -> Iterator[Ending]:
        """Context of a send, which can be cancelled; the outcome is set on the yielded object."""
        flight = self._flights.get(key)
        ending = Ending()
        if flight is None:
            yield ending
            return
        try:
            with flight.line.held():
                yield ending
        finally:
            self._end(key, flight, ending)

    def _end(self, key: Key, flight: Flight, ending: Ending) -> None:
        took, outcome = self._age(flight), ending.outcome
        if flight.line.is_cut and isinstance(outcome, DeliveryError) and not outcome.is_alive:
            ending.outcome = DeliveryError(f"no answer within {took:.1f} s, while others waited", permanent=False)
        with self._turns:
            del self._flights[key]
            self._sending[flight.origin] -= 1
            if not self._sending[flight.origin]:
                del self._sending[flight.origin]
            self._learn(flight.origin, took, is_silent=_is_silent(outcome) and took >= OVERDUE_AFTER)
            self._turns.notify_all()

    def _learn(self, origin: str, took: float, *, is_silent: bool) -> None:
        known = self._origins.pop(origin, None)
        if is_silent:
            took = 0.0 if known is None else known.took
        elif known is not None and not known.is_silent:
            took = (known.took + took) / 2
        self._origins[origin] = Origin(is_silent, took)
        if len(self._origins) > ORIGINS_KEPT:
            self._origins.popitem(last=False)

    def share(self) -> Share:
        """Return the messages that may begin now."""
        with self._turns:
            known = self._kinds()
            overdue = {id(flight) for flight in self._overdue()}
            flights = self._flights.values()
            late = {name for name, origin in self._origins.items() if origin.is_silent}
            hung = [one.origin for one in flights if id(one) in overdue or one.origin in late]
            return Share([one.origin for one in flights], hung, known, is_searched=self._read() >= self._search_at)

    def _kinds(self) -> dict[str, Kind]:
        kinds: dict[str, Kind] = {
            name: "silent" if origin.is_silent else "answered" for name, origin in self._origins.items()
        }
        return kinds | {flight.origin: "silent" for flight in self._overdue()}

    def claimed(self, share: Share, took: float) -> None:
        """Record the result of a claim, and cancel sends when others wait for a slot.

        Args:
            share: the remaining share.
            took: duration (s) of the claim.
        """
        if share.is_searched:
            self._search_at = self._read() + min(SEARCH_PART * took, MAX_SEARCH)
        self._full = frozenset(origin for origin in share.full() if share.kind_of(origin) == "answered")
        self._is_held_back = share.has_refused_others or (share.has_refused and not share.is_searched)
        if share.has_refused_others:
            self._give_way()

    def all_taken(self, *, is_waited: bool) -> None:
        """Record that no slot is free, and cancel sends when messages wait for one."""
        self._is_held_back = is_waited
        if is_waited:
            self._give_way()

    def _give_way(self) -> None:
        """Cancel the sends that hang longest, as many as exceed the share of silent origins."""
        with self._turns:
            hung = sorted(self._overdue(), key=self._age, reverse=True)
            for flight in hung[: max(0, len(hung) - MAX_SILENT)]:
                if self._age(flight) >= max(CUT_AFTER, 2 * self._limit_of(flight.origin)):
                    flight.line.cut()

    def is_gathered(self, free: int) -> bool:
        """Return whether to claim now: a claim for few slots, or few turns, costs as much as for many."""
        if free < GATHER_LEAST:
            return False
        with self._turns:
            has = Counter(flight.origin for flight in self._flights.values() if flight.origin in self._full)
        return all(has[origin] <= PER_ORIGIN for origin in self._full)

    def look_again(self) -> float | None:
        """Return the delay (s) before the next claim, None when nothing waits for a slot."""
        return LOOK_AGAIN if self._is_held_back and self._flights else None

    def _overdue(self) -> Sequence[Flight]:
        return [one for one in self._flights.values() if self._age(one) >= self._limit_of(one.origin)]

    def _age(self, flight: Flight) -> float:
        return 0.0 if flight.began_at is None else self._read() - flight.began_at

    def _limit_of(self, origin: str) -> float:
        known = self._origins.get(origin)
        return OVERDUE_AFTER if known is None else known.overdue_after


def _is_silent(outcome: Outcome) -> bool:
    return isinstance(outcome, DeliveryError) and not outcome.is_alive and not outcome.permanent
