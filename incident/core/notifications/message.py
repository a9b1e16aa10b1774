"""A message to one contact, its contents and its possible outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal, NewType, get_args

from incident.core.notifications.subject import Purpose

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
"""Messages about the instance itself, to addresses from the settings, without an incident."""

AccountType = Literal["account.link"]
"""A mail to a person who signs in, without an incident and not stored."""

FollowerType = Literal["incident.followed"]
"""A mail to a follower of an incident, beside its notices."""

AnchorType = Literal["journal.anchored"]
"""A signed head of the journal, to addresses from the settings."""

SharedType = NewType("SharedType", str)
"""The type of an event for a subscription: that of an entry of the journal."""

MESSAGE_TYPES: tuple[MessageType, ...] = get_args(MessageType)

BUNDLE: Final = "notice.bundle"
"""Type of a message that replaces several; machines receive each of those separately."""

LANGUAGES = ("en", "zh_Hans_CN")

WITHHELD_TITLE = "TLP:RED, sign in to read"
"""Replaces every title of an incident of TLP:RED in messages to machines; people receive a translation."""

INBOX = "inbox"
"""The channel whose messages are delivered as soon as they are written: nothing is sent."""

PUSH = "push"
"""The channel of the devices of people, who turn it on themselves; it is used beside the other ones."""

DETAIL_LIMIT = 500
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Link:
    """A web address in a message, and the label of its button."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class MailFile:
    """An attachment of a mail; `type` is its media type, such as `application/json`."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one contact, complete: a channel needs nothing else to send it.

    `webhook_id` is the same on every attempt; `at` is when the message was created, `sent_at` when this attempt began
    (both UTC); `thread` is the incident's number, by which mails are grouped; `data` is the member of that name in a
    webhook's body. Where space is short, `subject`, `asked` (what to do, in a sentence) and `links` are sufficient.
    `old_secret` is the contact's previous secret, which is still valid. Only mails have `attachments`.
    """

    webhook_id: str
    type: MessageType | MachineryType | AccountType | FollowerType | AnchorType | SharedType | Literal["notice.bundle"]
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
    """Success of a channel: the next hop has accepted the message; `detail` is its reply.

    `is_delivered` when nothing is between it and its reader: an inbox of this program, the receiver's own machine.
    """

    detail: str
    is_delivered: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", clean_detail(self.detail))


class DeliveryError(Exception):
    """Failure of a channel.

    `permanent` means that a retry cannot help; `is_gone` that the receiver wants no further messages (HTTP 410);
    `retry_after` is the minimum pause in seconds that the receiver requested; `is_alive` that the connection works:
    only this message was rejected, or too many were sent at once.
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
    """Facts of a task for a message: its title and due time (UTC).

    `why` (`core/playbooks/task.py`) is the reason why no machine performs it.
    """

    title: str
    due_at: datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class DeadlineFacts:
    """Facts of a deadline for a message, in its language: the report, its recipients, and when it is due (UTC).

    `left` is the time that is left when the message is sent, negative once the deadline has passed.
    """

    report: str
    to: str
    due_at: datetime
    left: timedelta

    @property
    def is_overdue(self) -> bool:
        """Whether the deadline has passed."""
        return self.left <= timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """All facts that the texts of one message are rendered from.

    `category` is a name in the language of the message; `department` likewise a name; `next_at` is when the next level
    is notified if nobody acknowledges, None when there is no further one; `reason` is why the department has declined;
    `timezone` is an IANA name for the times in the text. `incident_url` is the page to open: of the incident or, where
    the purpose is `deadline` or `receipt`, of its deadlines, and for `review` of the decision, for `urgent` of the
    reports, for `paperwork` of what is due.
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
    purpose: Purpose = "handling"
    deadline: DeadlineFacts | None = None
    timezone: str = "UTC"
    is_exercise: bool = False
    reason: str | None = None

    @property
    def is_withheld(self) -> bool:
        """Whether the incident is TLP:RED, so that none of its content may be sent."""
        return self.tlp == "red"

    def without_content(self, title: str = WITHHELD_TITLE) -> "MessageFacts":
        """Return the facts with `title` for every title of TLP:RED, and without its grade, category and due time."""
        if not self.is_withheld:
            return self
        task = None if self.task is None else TaskFacts(title)
        return replace(self, title=title, grade=None, category=None, task=task, deadline=None, reason=None)


def data_of(facts: MessageFacts) -> dict[str, Any]:
    """Return the member `data` of a webhook's body, without any content of an incident of TLP:RED."""
    shown = facts.without_content()
    data: dict[str, Any] = {
        "notice": shown.notice,
        "incident": shown.incident,
        "title": shown.title,
        "grade": shown.grade,
        "level": shown.level,
        "purpose": shown.purpose,
        "acknowledge_url": shown.acknowledge_url,
    }
    if shown.type == "notice.declined":
        data |= {"department": shown.department, "reason": shown.reason}
    if shown.deadline is not None:
        due = shown.deadline
        data["deadline"] = {"report": due.report, "to": due.to, "due_at": _rfc3339(due.due_at)}
    if shown.task is not None:
        task = shown.task
        data["task"] = {"title": task.title, "due_at": _rfc3339(task.due_at)} | ({"why": task.why} if task.why else {})
    return data


def clean_detail(text: str) -> str:
    """Return the text on one line without control characters, at most 500 characters long."""
    line = "".join(char if char.isprintable() else " " for char in text[: 4 * DETAIL_LIMIT])
    line = " ".join(line.split())
    return line if len(line) <= DETAIL_LIMIT else line[: DETAIL_LIMIT - 1] + "…"


def _rfc3339(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
