"""The review of an incident after it is closed: its actions with owner, due and reminder; pure."""

import datetime as dt
from typing import Final

from incident.core.incidents.incident import Status
from incident.core.values.faults import RuleError, raise_all

REVIEW_LIMIT: Final = 20_000
ACTION_LIMIT: Final = 300
MAX_ACTIONS: Final = 100
REMIND_BEFORE: Final = dt.timedelta(days=1)
"""How long before its due the owner of an action is reminded, unless something else is said."""

MOST_AHEAD: Final = dt.timedelta(days=1_000)


def require_closed(status: Status) -> None:
    """Raise RuleError `review.needs_closed` (conflict) unless the incident is closed."""
    if status != "closed":
        raise RuleError("review.needs_closed", kind="conflict")


def require_written(went_well: str, went_wrong: str) -> None:
    """Raise RuleError `review.nothing_written` when a review says nothing."""
    if not went_well.strip() and not went_wrong.strip():
        raise RuleError("review.nothing_written", pointer="/went_well")


def reminder_at(due_at: dt.datetime, remind_at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """Return when the owner of an action is reminded (UTC).

    Args:
        due_at: when it is due (UTC).
        remind_at: when its owner should be reminded; None for a day before the due, at once when that is past.
        now: the moment (UTC).

    Raises:
        RuleError: `review.due_passed`, `review.due_too_far`, `review.due_before_reminder`.
    """
    faults = [] if due_at > now else [RuleError("review.due_passed", pointer="/due_at")]
    if due_at > now + MOST_AHEAD:
        faults.append(RuleError("review.due_too_far", {"days": MOST_AHEAD.days}, pointer="/due_at"))
    if remind_at is not None and remind_at > due_at:
        faults.append(RuleError("review.due_before_reminder", pointer="/remind_at"))
    raise_all(faults)
    return max(now, due_at - REMIND_BEFORE if remind_at is None else remind_at)
