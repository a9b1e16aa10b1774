"""One open page that follows what changes, and what it has not been told yet; without what is not for who looks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import NamedTuple

from incident.core.values.access import Viewer
from incident.store.queries.red_runs import Audience, is_in
from incident.web.stream_messages import News, StreamConnection


class Change(NamedTuple):
    """An entry of the journal: its `seq`, the number of its incident, and who may see it (None is everybody).

    `account` is the person or token that it is about, such as `person:3`.
    """

    seq: int
    incident: str | None
    audience: Audience | None = None
    account: str | None = None


Changes = Sequence[Change]


@dataclass(eq=False)
class Subscriber:
    """One open page, and what it has not been told yet; `line` is its connection where no thread writes to it.

    `viewer` is who looks: what is not for them is not told; None is told all.
    """

    drop: Callable[["Subscriber"], None]
    key: str = ""
    viewer: Viewer | None = None
    news: News = field(default_factory=SimpleQueue)
    line: StreamConnection | None = None
    is_handed_over: bool = False
    is_ended: bool = False
    """Who looks has changed or left: the page has to ask again, with the rights of now."""

    @property
    def account(self) -> str:
        """The person or token whose page it is, as the journal names them."""
        is_person = self.viewer is not None and self.viewer.person_id is not None
        return f"person:{self.viewer.person_id}" if is_person and self.viewer is not None else self.key

    def next_news(self, limit: float) -> tuple[int, frozenset[str]]:
        """Wait at most `limit` seconds for news: a `seq`, 0 when there are none, and the numbers of the incidents."""
        try:
            return self.news.get(timeout=limit)
        except Empty:
            return 0, frozenset()

    def publish(self, seq: int, numbers: frozenset[str], closed: Changes) -> None:
        """Tell of changes.

        Args:
            seq: of the last one.
            numbers: of the incidents that changed, for everybody.
            closed: changes that are not for everybody.
        """
        seen = [one for one in closed if self.viewer is None or is_in(self.viewer, one.audience)]
        self.news.put((seq, numbers.union(one.incident for one in seen if one.incident) if seen else numbers))

    def leave(self) -> None:
        """Give the place back; a second time does nothing."""
        self.drop(self)
