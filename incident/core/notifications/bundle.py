"""Bundles: several messages to one contact as one; when, which of them, and the content."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from incident.core.notifications.message import MessageFacts

MAX_SINGLES = 4
"""Largest number of waiting messages for one contact that are sent singly."""

MAX_BUNDLE = 200
"""Largest number of messages in one bundle; the rest is sent with the next."""

BUNDLE_PAUSE = timedelta(seconds=10)
"""Pause for a contact after a bundle, in which the next one collects messages."""


def is_bundled(waiting: int, tokens: int) -> bool:
    """Whether that many waiting messages for one contact are sent as one.

    Args:
        waiting: how many wait.
        tokens: how many its rate limit allows now, at least 1.
    """
    return waiting > min(tokens, MAX_SINGLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBundle:
    """The content of a bundle: the facts of each message that may be sent, the most severe first.

    `max_named` is how many of them fit into the channel's text; `inbox_url` is the page with all of them.
    """

    items: tuple[MessageFacts, ...]
    inbox_url: str
    max_named: int

    @property
    def count(self) -> int:
        """The number of incidents in it."""
        return len({item.incident for item in self.items})

    @property
    def by_grade(self) -> Mapping[int | None, int]:
        """Return the number of incidents by grade, the most severe first; None for no grade or TLP:RED."""
        grades = {item.incident: item.grade for item in self.items}
        found: dict[int | None, int] = {}
        for grade in sorted(grades.values(), key=lambda one: one or 5):
            found[grade] = found.get(grade, 0) + 1
        return found

    @property
    def thread(self) -> str | None:
        """The incident of all its messages, None when there are several."""
        numbers = {item.incident for item in self.items}
        return numbers.pop() if len(numbers) == 1 else None


def make_bundle(items: list[MessageFacts], inbox_url: str, max_named: int) -> MessageBundle:
    """Create the bundle of some messages, without any content of incidents of TLP:RED."""
    shown = [item.without_content() for item in items]
    shown.sort(key=lambda item: (item.grade or 5, item.incident or "", item.at))
    return MessageBundle(items=tuple(shown), inbox_url=inbox_url, max_named=max_named)
