"""What the notification centre of a person holds, and until when they have read it."""

import datetime as dt
from typing import Final, Literal, get_args

CentreKind = Literal[
    "notice",
    "task",
    "news",
    "handover",
    "grade_proposal",
    "clock_event_proposal",
    "not_reportable_proposal",
    "revocation_proposal",
    "grade_review",
    "not_reportable_review",
    "start_request",
    "document",
    "identity_request",
    "identity_answer",
    "report_call",
    "export",
]
CENTRE_KINDS: Final[tuple[CentreKind, ...]] = get_args(CentreKind)
"""What may be in it: work that waits until somebody does it, news of incidents, and finished exports."""


def read_until(before: dt.datetime | None, shown: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """Return until when a person has read their notifications; it never goes back and never lies in the future.

    Args:
        before: until when they had read them; None when never.
        shown: when the newest one came that they were shown; None for all that has come.
        now: when they mark them as read (UTC).
    """
    until = now if shown is None else min(shown, now)
    return until if before is None else max(before, until)
