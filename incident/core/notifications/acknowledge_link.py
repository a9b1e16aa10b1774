"""Acknowledge links: which messages have one, how long it is valid, and what it can still do.

This is the only place of these rules. The link of a message belongs to the notice of that message. It is valid until
the incident is opened again, which sends new links, and for `VALID_FOR` at most.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from incident.core.notifications.notice import ANSWERS, FINISHED, Answer, State, is_possible
from incident.core.values.faults import RuleError

VALID_FOR: Final = timedelta(days=7)
"""How long a link is valid after its message was written."""

LinkState = Literal["valid", "finished", "older", "expired", "other"]
"""The state of a link.

`finished`: the notice needs no answer any more; `older`: a newer message has replaced it; `expired`: `VALID_FOR` has
passed; `other`: it belongs to another notice.
"""

REFUSED: Final[dict[LinkState, str]] = {
    "other": "notice.link_other",
    "older": "notice.link_older",
    "expired": "notice.link_expired",
}
"""Codes of the faults by the state of a link that answers nothing."""

WITHOUT_LINK: Final = frozenset({"notice.declined"})
"""Types of messages without a link: the coordinator does not answer for the department."""

WITH_BUTTON: Final = frozenset({"notice.created", "notice.escalated", "task.created"})
"""Types of messages that ask for an acknowledgement."""


@dataclass(frozen=True, slots=True)
class AcknowledgeLink:
    """A link as its message determines it: the notice, and when the message was written (UTC)."""

    notice_id: int
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class LinkedNotice:
    """The notice that is answered: its state, and when its present escalation began (UTC)."""

    notice_id: int
    state: State
    opened_at: datetime


def link_state(link: AcknowledgeLink, notice: LinkedNotice, now: datetime) -> LinkState:
    """Return the state of a link at a moment (UTC)."""
    if link.notice_id != notice.notice_id:
        return "other"
    if notice.state in FINISHED:
        return "finished"
    if link.sent_at < notice.opened_at:
        return "older"
    return "expired" if now >= link.sent_at + VALID_FOR else "valid"


def refuse_dead_link(link: AcknowledgeLink, notice: LinkedNotice, now: datetime) -> None:
    """Refuse an answer by a link that is no longer valid; what a finished notice accepts, its own state decides.

    Raises:
        RuleError: `notice.link_other`, `notice.link_older`, `notice.link_expired` (conflict).
    """
    code = REFUSED.get(link_state(link, notice, now))
    if code is not None:
        raise RuleError(code, kind="conflict")


def answers_by_link(
    link: AcknowledgeLink, notice: LinkedNotice, now: datetime, *, is_closed: bool
) -> frozenset[Answer]:
    """Return the answers that the page of a link offers; on a closed incident there are none.

    A link can acknowledge, accept and decline. That work is done is said by people who are signed in.
    """
    if is_closed or link_state(link, notice, now) != "valid":
        return frozenset()
    return frozenset(kind for kind in ANSWERS if kind != "done" and is_possible(notice.state, kind))
