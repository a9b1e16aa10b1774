"""A filter of the journal: by who, what, about which incident, and when."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class JournalFilter:
    """Which entries are wanted; None matches all.

    `person_id` is who did it, `event_type` what was done, `incident` the number of the incident that it is about;
    `since` and `until` (UTC) are when, without `until` itself.
    """

    person_id: int | None = None
    event_type: str | None = None
    incident: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it matches every entry."""
        return self == JournalFilter()
