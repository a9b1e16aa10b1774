"""States of a notice: which fact changes the state, which changes nothing, and whether the escalation continues."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from incident.core.values.faults import RuleError
from incident.core.values.text import is_plain

State = Literal["open", "acknowledged", "accepted", "declined", "done", "exhausted", "withdrawn"]
STATES: Final[tuple[State, ...]] = get_args(State)

Answer = Literal["acknowledged", "accepted", "declined", "done"]
"""Answers of a department."""

ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)

NoticeEventKind = Literal[
    "opened", "acknowledged", "accepted", "declined", "done", "reminded", "exhausted", "withdrawn"
]
"""Facts about a notice besides its messages; `opened` and `reminded` change no state."""

NOTICE_EVENT_KINDS: Final[tuple[NoticeEventKind, ...]] = get_args(NoticeEventKind)

UNANSWERED: Final[tuple[State, ...]] = ("open", "declined", "exhausted")
"""States in which nobody of the department has taken the notice on: it stays in inbox and overview."""

IN_HAND: Final[tuple[State, ...]] = ("acknowledged", "accepted")
FINISHED: Final[frozenset[State]] = frozenset({"done", "withdrawn"})
REASON_LIMIT: Final = 2_000

MOVES: Final[Mapping[NoticeEventKind, Mapping[State, State]]] = {
    "acknowledged": {"open": "acknowledged", "exhausted": "acknowledged"},
    "accepted": {
        "open": "accepted",
        "acknowledged": "accepted",
        "declined": "accepted",
        "exhausted": "accepted",
    },
    "declined": {
        "open": "declined",
        "acknowledged": "declined",
        "accepted": "declined",
        "exhausted": "declined",
    },
    "done": {"acknowledged": "done", "accepted": "done"},
    "exhausted": {"open": "exhausted", "acknowledged": "exhausted"},
    "withdrawn": {
        "open": "withdrawn",
        "acknowledged": "withdrawn",
        "accepted": "withdrawn",
        "declined": "withdrawn",
        "exhausted": "withdrawn",
    },
}
"""State transitions by fact. A declined notice stays declined when its levels are exhausted."""

STANDS: Final[Mapping[NoticeEventKind, frozenset[State]]] = {
    "acknowledged": frozenset({"acknowledged", "accepted", "done"}),
    "accepted": frozenset({"accepted", "done"}),
    "declined": frozenset({"declined"}),
    "done": frozenset({"done"}),
    "exhausted": frozenset({"declined"}),
    "withdrawn": frozenset({"withdrawn"}),
}
"""By fact: the states in which it was already recorded, or follows from what was recorded; nothing changes."""


def is_waiting(state: str, until: str = "acknowledged") -> bool:
    """Whether the escalation continues: no answer has ended it.

    Args:
        state: of the notice.
        until: what ends the escalation by the policy of the notice: `acknowledged` or `accepted`.
    """
    return state in ("open", "declined") or (until == "accepted" and state == "acknowledged")


def after(state: State, kind: NoticeEventKind) -> State:
    """Return the state of a notice after a fact; unchanged when the fact was recorded before.

    Raises:
        RuleError: `notice.was_declined`, `notice.not_taken`, `notice.not_open` (conflict), when the fact does not fit.
    """
    moved = MOVES.get(kind, {}).get(state)
    if moved is not None:
        return moved
    if kind not in MOVES or state in STANDS[kind]:
        return state
    if kind == "acknowledged" and state == "declined":
        raise RuleError("notice.was_declined", kind="conflict")
    if kind == "done" and state not in FINISHED:
        raise RuleError("notice.not_taken", {"state": state}, kind="conflict")
    raise RuleError("notice.not_open", {"state": state}, kind="conflict")


def is_possible(state: State, kind: NoticeEventKind) -> bool:
    """Whether the fact would change the state of a notice in this state."""
    return state in MOVES.get(kind, {})


def require_reason(reason: str | None, *, is_needed: bool) -> str | None:
    """Return the reason that somebody gives, without surrounding space; None for none.

    Raises:
        RuleError: `notice.reason_needed`, `text.too_long`, `text.unfit`.
    """
    said = (reason or "").strip()
    if not said:
        if is_needed:
            raise RuleError("notice.reason_needed", pointer="/reason")
        return None
    if len(said) > REASON_LIMIT:
        raise RuleError("text.too_long", {"length": len(said), "limit": REASON_LIMIT}, pointer="/reason")
    if not is_plain(said):
        raise RuleError("text.unfit", pointer="/reason")
    return said
