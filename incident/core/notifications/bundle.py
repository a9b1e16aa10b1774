"""Many messages to one contact as one: when, which of them, and what the one says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from incident.core.notifications.message import MessageFacts

SINGLES_MOST = 4
"""So many messages that wait for one contact still go singly."""

BUNDLE_MOST = 200
"""How many messages one bundle takes; what is left goes with the next."""

BUNDLE_PAUSE = timedelta(seconds=10)
"""How long after a bundle its contact gets nothing: in a storm the next one gathers meanwhile."""


def is_bundled(waiting: int, tokens: int) -> bool:
    """Whether so many messages that wait for one contact go as one.

    Args:
        waiting: how many wait.
        tokens: how many its limit lets through now, at least 1.
    """
    return waiting > min(tokens, SINGLES_MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBundle:
    """What a bundle tells: of each message its facts, without what may not leave, the gravest first.

    `named_most` is how many of them the channel has room for; `inbox_url` is where all of them stand.
    """

    items: tuple[MessageFacts, ...]
    inbox_url: str
    named_most: int

    @property
    def count(self) -> int:
        """How many incidents it tells of."""
        return len({item.incident for item in self.items})

    @property
    def by_grade(self) -> Mapping[int | None, int]:
        """How many incidents of each grade, the gravest first; those without one, or of TLP:RED, under None."""
        grades = {item.incident: item.grade for item in self.items}
        found: dict[int | None, int] = {}
        for grade in sorted(grades.values(), key=lambda one: one or 5):
            found[grade] = found.get(grade, 0) + 1
        return found

    @property
    def thread(self) -> str | None:
        """The incident that all of it is about, None when there are several."""
        numbers = {item.incident for item in self.items}
        return numbers.pop() if len(numbers) == 1 else None


def make_bundle(items: list[MessageFacts], inbox_url: str, named_most: int) -> MessageBundle:
    """The bundle of some messages; of TLP:RED nothing is left in it that tells of the content."""
    shown = [item.without_content() for item in items]
    shown.sort(key=lambda item: (item.grade or 5, item.incident or "", item.at))
    return MessageBundle(items=tuple(shown), inbox_url=inbox_url, named_most=named_most)
