"""One open page that follows changes, and its unsent changes. Changes the viewer may not see are excluded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import NamedTuple

from incident.core.values.access import Viewer
from incident.store.queries.red_runs import Audience, is_in
from incident.web.streams.stream_messages import News, StreamConnection


class Change(NamedTuple):
    """An entry of the journal: its `seq`, the number of its incident, and its audience (None is everybody).

    `account` is the person or token that it is about, such as `person:3`.
    """

    seq: int
    incident: str | None
    audience: Audience | None = None
    account: str | None = None


Changes = Sequence[Change]


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

    def leave(self) -> None:
        """Release the place; a second call does nothing."""
        self.drop(self)
