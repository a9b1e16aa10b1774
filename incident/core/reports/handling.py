"""The steps by which people handle a report, from its acceptance to its reply, and what each of them needs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, cast, get_args

from incident.core.reports.states import ENDED, STATES, State
from incident.core.values.faults import RuleError, raise_all

HandlingStep = Literal[
    "accept", "refuse", "verify", "conclude", "hand_over", "handle", "reply", "close", "merge", "reopen", "review"
]
HANDLING_STEPS: Final[tuple[HandlingStep, ...]] = get_args(HandlingStep)

Finding = Literal["substantiated", "partly", "unsubstantiated"]
FINDINGS: Final[tuple[Finding, ...]] = get_args(Finding)
"""What a verification found."""

ReviewOutcome = Literal["upheld", "reopened"]
REVIEW_OUTCOMES: Final[tuple[ReviewOutcome, ...]] = get_args(ReviewOutcome)
"""What the review of an objection decided."""

REASON_LIMIT: Final = 5_000
RECIPIENT_LIMIT: Final = 200

_FROM: Final[Mapping[HandlingStep, frozenset[State]]] = {
    "accept": frozenset({"received"}),
    "refuse": frozenset({"received", "accepted"}),
    "verify": frozenset({"received", "accepted"}),
    "conclude": frozenset({"verifying"}),
    "hand_over": frozenset({"accepted", "verifying", "substantiated", "partly"}),
    "handle": frozenset({"accepted", "substantiated", "partly", "handed_over"}),
    "reply": frozenset({"not_accepted", "substantiated", "partly", "unsubstantiated", "handed_over", "handled"}),
    "close": frozenset({"not_accepted", "unsubstantiated", "handled", "replied"}),
    "merge": frozenset(STATES) - ENDED,
    "reopen": frozenset(ENDED),
    "review": frozenset({"not_accepted", "substantiated", "partly", "unsubstantiated", "handled", "replied", "closed"}),
}
_TO: Final[Mapping[HandlingStep, State]] = {
    "accept": "accepted",
    "refuse": "not_accepted",
    "verify": "verifying",
    "hand_over": "handed_over",
    "handle": "handled",
    "reply": "replied",
    "close": "closed",
    "merge": "merged",
    "reopen": "accepted",
}
NEEDS_REASON: Final[frozenset[HandlingStep]] = frozenset({"refuse", "conclude", "reopen", "review"})
"""Steps that are recorded with a reason, which the reporter does not read."""


@dataclass(frozen=True)
class NewStep:
    """A step that somebody takes.

    Args:
        step: which one.
        reason: for the record; the reporter does not read it.
        message: what the reporter reads in the mailbox, None for nothing.
        outcome: what a verification found, or a review decided.
        recipient: to whom the report is handed over.
        into: the report that a report is merged with.
    """

    step: HandlingStep
    reason: str | None = None
    message: str | None = None
    outcome: str | None = None
    recipient: str | None = None
    into: int | None = None

    def require_complete(self, *, can_write: bool = True) -> None:
        """Refuse a step that lacks something.

        Args:
            can_write: whether the reporter can still read a message: a refusal needs one then.

        Raises:
            RuleError: `document.missing` for each member that the step needs.
        """
        needs_message = self.step == "reply" or (self.step == "refuse" and can_write)
        outcomes: Collection[str] = {"conclude": FINDINGS, "review": REVIEW_OUTCOMES}.get(self.step, ())
        missing = {
            "/reason": self.step in NEEDS_REASON and not (self.reason or "").strip(),
            "/message": needs_message and not (self.message or "").strip(),
            "/outcome": bool(outcomes) and self.outcome not in outcomes,
            "/recipient": self.step == "hand_over" and not (self.recipient or "").strip(),
            "/into": self.step == "merge" and self.into is None,
        }
        raise_all(RuleError("document.missing", pointer=pointer) for pointer, is_so in missing.items() if is_so)

    def without_others(self) -> "NewStep":
        """Return the step without members that belong to other steps."""
        return replace(
            self,
            outcome=self.outcome if self.step in ("conclude", "review") else None,
            recipient=self.recipient if self.step == "hand_over" else None,
            into=self.into if self.step == "merge" else None,
        )


def possible_steps(state: str) -> tuple[HandlingStep, ...]:
    """Return the steps that can be taken in a state, in their usual order."""
    return tuple(step for step in HANDLING_STEPS if state in _FROM[step])


def state_after_step(state: str, new: NewStep) -> State:
    """Return the state of a report after a step.

    Args:
        state: the state before.
        new: the step, which is complete.

    Raises:
        RuleError: `report.step_impossible` (conflict) when it cannot be taken in this state.
    """
    if state not in _FROM[new.step]:
        raise RuleError("report.step_impossible", kind="conflict")
    if new.step == "conclude":
        return cast(State, new.outcome)
    if new.step == "review":
        return "verifying" if new.outcome == "reopened" else state
    return _TO[new.step]


def require_other_reviewer(reviewer: str, handlers: Collection[str], objections: int, reviews: int) -> None:
    """Refuse a review by somebody who has worked on the report, or of nothing.

    Args:
        reviewer: who reviews, as `person:3`.
        handlers: who has worked on the report.
        objections: how often the reporter has objected.
        reviews: how many of them have been reviewed.

    Raises:
        RuleError: `report.reviewer_handles` (forbidden), `report.no_objection` (conflict).
    """
    if reviewer in handlers:
        raise RuleError("report.reviewer_handles", kind="forbidden")
    if reviews >= objections:
        raise RuleError("report.no_objection", kind="conflict")
