"""Who else is looking: each process writes who has a page open, and tells the pages of changes."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

import flask
import structlog

from incident.actions.incidents.presence import note_pages
from incident.core.incidents.presence import PRESENT_FOR, REFRESHED_EVERY
from incident.store.incidents.presence import viewers_of
from incident.web.instance import now

OpenPage = tuple[int, int]
"""The ids of an incident and of the person who has its page open."""

Pages = Mapping[int, str]
"""The incidents whose pages share a stream: their numbers by their ids."""

NO_PAGES: Final[Pages] = MappingProxyType({})
LOOK_EVERY: Final = 3.0
"""Interval (s) at which the processes learn of each other's pages."""

SETTLE: Final = 0.5
"""Pause (s) after a page was opened: several that open at once are written together."""

log = structlog.get_logger()


class Presence:
    """Keeps the open pages of one process in the database; its thread runs while there are any.

    It writes when a page was opened or has been closed for a whole interval (a stream that is opened again is away for
    half a second), when another process has removed one of its pages, and otherwise every `REFRESHED_EVERY` seconds.

    Args:
        write: notes open pages, and closed ones.
        read: returns the ids of the people who look at each of some incidents.
        tell: notifies the pages of some incidents.
        open_pages: returns the pages that are open here.
    """

    def __init__(
        self,
        write: Callable[[Collection[OpenPage], Collection[OpenPage]], None],
        read: Callable[[Collection[int]], Mapping[int, frozenset[int]]],
        tell: Callable[[Collection[int]], None],
        open_pages: Callable[[], frozenset[OpenPage]],
    ) -> None:
        self._write, self._read, self._tell, self._open_pages = write, read, tell, open_pages
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._bell = threading.Event()
        self._written: frozenset[OpenPage] = frozenset()
        self._written_at = 0.0
        self._leaving: frozenset[OpenPage] = frozenset()
        self._before: frozenset[OpenPage] = frozenset()
        self._known: Mapping[int, frozenset[int]] = {}

    def arrived(self) -> None:
        """Say that a page was opened here."""
        self._bell.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="presence", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._is_wanted():
            if self._bell.wait(LOOK_EVERY):
                time.sleep(SETTLE)
                self._bell.clear()
            try:
                self._look(self._open_pages())
            except Exception as error:  # noqa: BLE001  # the database may be away: the next look may find it again
                log.warning("cannot say who else is looking", error=str(error))

    def _look(self, pages: frozenset[OpenPage]) -> None:
        closed = (self._written - pages) & self._leaving
        self._written -= closed  # where they cannot be removed now, they are past soon
        self._leaving = self._written - pages
        found = self._read({incident for incident, _person in pages}) if pages else {}
        is_due = time.monotonic() - self._written_at >= REFRESHED_EVERY
        is_missing = any(person not in found.get(incident, ()) for incident, person in pages)
        due = pages if is_due or is_missing or not pages <= self._written else frozenset()
        if due or closed:
            self._write(due, closed)
        if due:
            self._written, self._written_at = self._written | due, time.monotonic()
        self._notify(pages, found)

    def _notify(self, pages: frozenset[OpenPage], found: Mapping[int, frozenset[int]]) -> None:
        """Notify pages whose people have changed, and new ones with others, who may have come before their stream."""
        people = dict(found)
        for incident, person in pages:
            people[incident] = people.get(incident, frozenset()) | {person}
        new = {incident for incident, _person in pages - self._before}
        told = {
            one for one, here in people.items() if here != self._known.get(one, here) or (one in new and len(here) > 1)
        }
        self._before, self._known = pages, people
        if told:
            self._tell(told)

    def _is_wanted(self) -> bool:
        with self._lock:
            if self._open_pages() or self._written:
                return True
            self._thread, self._known, self._before = None, {}, frozenset()
            return False


def presence_of(
    app: flask.Flask, tell: Callable[[Collection[int]], None], open_pages: Callable[[], frozenset[OpenPage]]
) -> Presence:
    """Return the presence of the pages of an app."""

    def write(opened: Collection[OpenPage], closed: Collection[OpenPage]) -> None:
        with app.app_context():
            note_pages(opened, closed, now())

    def read(incident_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
        with app.app_context():
            return viewers_of(incident_ids, now() - PRESENT_FOR)

    return Presence(write, read, tell, open_pages)
