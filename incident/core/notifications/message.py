"""What is sent to one contact, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

MessageType = Literal[
    "notice.created",
    "notice.escalated",
    "notice.declined",
    "notice.reminder",
    "notice.withdrawn",
    "task.created",
    "contact.test",
]
MachineryType = Literal["machinery.alarm", "machinery.recovered"]
"""What the instance tells of itself: to addresses of the settings, of no incident."""

AccountType = Literal["account.link"]
"""A mail to a person who signs in, of no incident and not kept."""

AnchorType = Literal["journal.anchored"]
"""A signed head of the journal, to addresses of the settings."""

MESSAGE_TYPES: tuple[MessageType, ...] = get_args(MessageType)

BUNDLE: Final = "notice.bundle"
"""The type of a message that stands for many; machines get each of them singly."""

LANGUAGES = ("en", "zh_Hans_CN")

WITHHELD_TITLE = "TLP:RED, sign in to read"
"""Stands for every title of an incident of TLP:RED in what machines get; people get it translated."""

INBOX = "inbox"
"""The channel whose messages are there as soon as they are written: nothing is sent."""

DETAIL_LIMIT = 500
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Link:
    """An address that a message leads to, and the words on its button."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that goes with a mail; `type` is its media type, such as `application/json`."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one contact, complete: a channel needs nothing else to send it.

    `webhook_id` is the same on every try; `at` is when the message was made, `sent_at` when this try was begun (both
    UTC); `thread` is the incident's number, by which mails are gathered; `data` is the member of that name in a
    webhook's body. Where there is little room, `subject`, `asked` (what to do, in a sentence) and `links` say all.
    `old_secret` was the contact's secret before and still counts. Only mails carry `attachments`.
    """

    webhook_id: str
    type: MessageType | MachineryType | AccountType | AnchorType | Literal["notice.bundle"]
    at: datetime
    sent_at: datetime
    contact: str
    channel: str
    address: str | None
    secret: str | None = field(default=None, repr=False)
    old_secret: str | None = field(default=None, repr=False)
    language: str = "en"
    thread: str | None = None
    subject: str = ""
    text: str = ""
    html: str | None = None
    asked: str = ""
    links: tuple[Link, ...] = ()
    attachments: tuple[MailFile, ...] = ()
    data: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A channel's good outcome: the next hop has taken the message; `detail` is what it said.

    `is_delivered` when nothing lies between it and who reads it: an inbox of this program, the receiver's own machine.
    """

    detail: str
    is_delivered: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", clean_detail(self.detail))


class DeliveryError(Exception):
    """A channel's bad outcome.

    `permanent` means that trying again cannot help; `is_gone` that the receiver wants no more at all (HTTP 410);
    `retry_after` is the shortest pause in seconds that the receiver asked for; `is_alive` that nothing is wrong with
    the way there: it is this message alone that was not taken, or too many came at once.
    """

    def __init__(
        self,
        detail: str,
        permanent: bool,
        is_gone: bool = False,
        retry_after: float | None = None,
        is_alive: bool = False,
    ) -> None:
        self.detail = clean_detail(detail)
        self.permanent = permanent
        self.is_gone = is_gone
        self.retry_after = retry_after
        self.is_alive = permanent or is_alive
        super().__init__(self.detail)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a message says of a task: its title and the moment (UTC) by which it should be done.

    `why` (`core/playbooks/task.py`) says why no machine does it.
    """

    title: str
    due_at: datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """All that the texts of one message are made from.

    `category` is a name in the language of the message; `department` likewise a name; `next_at` is when the next level
    is told if nobody acknowledges, None when there is no further one; `reason` is why the department has declined;
    `timezone` is an IANA name for the times in the text.
    """

    type: MessageType
    at: datetime
    department: str
    incident: str | None = None
    title: str = ""
    grade: int | None = None
    category: str | None = None
    tlp: str | None = None
    level: int = 1
    round: int = 1
    next_at: datetime | None = None
    notice: int | None = None
    acknowledge_url: str | None = None
    incident_url: str | None = None
    confirm_url: str | None = None
    task: TaskFacts | None = None
    timezone: str = "UTC"
    is_exercise: bool = False
    reason: str | None = None

    @property
    def is_withheld(self) -> bool:
        """Whether the incident is TLP:RED, so that none of its content may leave."""
        return self.tlp == "red"

    def without_content(self, title: str = WITHHELD_TITLE) -> "MessageFacts":
        """The same facts; of TLP:RED with `title` for every title, and without grade, category and due time."""
        if not self.is_withheld:
            return self
        task = None if self.task is None else TaskFacts(title)
        return replace(self, title=title, grade=None, category=None, task=task, reason=None)


def data_of(facts: MessageFacts) -> dict[str, Any]:
    """The member `data` of a webhook's body; nothing of the content of an incident of TLP:RED is in it."""
    shown = facts.without_content()
    data: dict[str, Any] = {
        "notice": shown.notice,
        "incident": shown.incident,
        "title": shown.title,
        "grade": shown.grade,
        "level": shown.level,
        "acknowledge_url": shown.acknowledge_url,
    }
    if shown.type == "notice.declined":
        data |= {"department": shown.department, "reason": shown.reason}
    if shown.task is not None:
        task = shown.task
        data["task"] = {"title": task.title, "due_at": _rfc3339(task.due_at)} | ({"why": task.why} if task.why else {})
    return data


def clean_detail(text: str) -> str:
    """The text on one line without control characters, at most 500 characters long."""
    line = "".join(char if char.isprintable() else " " for char in text[: 4 * DETAIL_LIMIT])
    line = " ".join(line.split())
    return line if len(line) <= DETAIL_LIMIT else line[: DETAIL_LIMIT - 1] + "…"


def _rfc3339(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
