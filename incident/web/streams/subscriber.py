"""One open page that follows changes, and its unsent changes. Changes the viewer may not see are excluded."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import NamedTuple

from incident.core.values.access import Viewer, sees_red
from incident.store.journal import journal
from incident.store.queries import red_runs
from incident.store.queries.red_runs import Audience, is_in
from incident.web.streams.presence import OpenPage, Pages
from incident.web.streams.stream_messages import PEOPLE, News, StreamConnection


class Change(NamedTuple):
    """An entry of the journal: its `seq`, the number of its incident, and its audience (None is everybody).

    `account` is the person or token that it is about, such as `person:3`.
    """

    seq: int
    incident: str | None
    audience: Audience | None = None
    account: str | None = None
    has_new_readers: bool = False
    """Whether it changes who may see the incident."""


Changes = Sequence[Change]


def account_of(subject: str) -> str | None:
    """Return the person or token that an entry is about; None when it is about something else."""
    return subject if subject.startswith(("person:", "token:")) else None


def has_new_readers(detail: str | None) -> bool:
    """Return whether a change of facts, given as its detail in the journal, changes who may see the incident."""
    return detail is not None and not {"tlp", "people"}.isdisjoint(json.loads(detail).get("after") or {})


def read_changes(seq: int) -> Changes:
    """Return the changes after a `seq` of the journal."""
    rows = journal.changes_after(seq)
    audiences = red_runs.audiences({subject for _seq, _incident, subject, _detail in rows})
    return [
        Change(seq, incident, audiences.get(subject), account_of(subject), has_new_readers(detail))
        for seq, incident, subject, detail in rows
    ]


@dataclass(eq=False)
class Subscriber:
    """One open page and its unsent changes; `line` is its connection where no thread writes to it.

    `viewer` is the viewer: changes they may not see are not sent; None receives everything.
    """

    drop: Callable[["Subscriber"], None]
    key: str = ""
    viewer: Viewer | None = None
    news: News = field(default_factory=SimpleQueue)
    line: StreamConnection | None = None
    is_handed_over: bool = False
    is_ended: bool = False
    """The viewer has changed or left: the page must connect again, with the present rights."""

    pages: Pages = field(default_factory=dict)
    follows: frozenset[str] = frozenset()
    """The numbers of the incidents that the page follows; empty when it follows all."""

    @property
    def open_pages(self) -> frozenset[OpenPage]:
        """The incidents whose pages a person has open; none for a program."""
        person = self.viewer.person_id if self.viewer is not None else None
        return frozenset((one, person) for one in self.pages) if isinstance(person, int) else frozenset()

    @property
    def account(self) -> str:
        """The person or token that owns the page, as the journal names them."""
        is_person = self.viewer is not None and self.viewer.person_id is not None
        return f"person:{self.viewer.person_id}" if is_person and self.viewer is not None else self.key

    def next_event(self, limit: float) -> tuple[int, frozenset[str]]:
        """Wait at most `limit` seconds for changes: a `seq`, 0 when there are none, and numbers of incidents."""
        try:
            return self.news.get(timeout=limit)
        except Empty:
            return 0, frozenset()

    def publish(self, seq: int, numbers: frozenset[str], closed: Changes) -> None:
        """Notify the page of changes.

        Args:
            seq: of the last one.
            numbers: of the incidents that changed, for everybody.
            closed: changes with a restricted audience.
        """
        seen = [one for one in closed if self.viewer is None or is_in(self.viewer, one.audience)]
        self.news.put((seq, numbers.union(one.incident for one in seen if one.incident) if seen else numbers))

    def publish_people(self, incident_ids: Collection[int]) -> None:
        """Notify the pages of incidents, as far as they are here, that others came or left."""
        if numbers := frozenset(number for one, number in self.pages.items() if one in incident_ids):
            self.news.put((PEOPLE, numbers))

    def end_for(self, accounts: Collection[str], numbers: Collection[str]) -> None:
        """End the stream when its owner changed, or when its viewer may no longer see its incidents.

        Args:
            accounts: the people and tokens that changed.
            numbers: the incidents whose readers have changed.
        """
        is_certain = self.viewer is None or sees_red(self.viewer)
        is_lost = not is_certain and not self.follows.isdisjoint(numbers)
        self.is_ended |= is_lost or self.account in accounts

    def leave(self) -> None:
        """Release the place; a second call does nothing."""
        self.drop(self)
