"""Urgent reports: who is paged for them, and which of them share a notice."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

SUBJECT: Final[Literal["report"]] = "report"
PURPOSE: Final[Literal["urgent"]] = "urgent"


@dataclass(frozen=True, slots=True)
class UrgentPaging:
    """Which department is paged for urgent reports, and for how long further ones join its notice.

    `department` is a code; None for the first default department of the routing rules.
    """

    department: str | None = None
    window: dt.timedelta = dt.timedelta(minutes=5)


USUAL_PAGING: Final = UrgentPaging()


def joins_notice(is_unanswered: bool, opened_at: dt.datetime, now: dt.datetime, window: dt.timedelta) -> bool:
    """Return whether a further urgent report belongs to a notice, so that nobody is paged again.

    A notice that somebody has answered takes no further report: the person who answered has looked already.

    Args:
        is_unanswered: whether nobody has answered it.
        opened_at: when it was opened (UTC).
        now: when the report came (UTC).
        window: how long reports join.
    """
    return is_unanswered and opened_at <= now < opened_at + window
