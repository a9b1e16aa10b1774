"""Timestamps of CACAO 2.0 (section 10.16): RFC 3339 in UTC with a Z."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?Z\Z", re.ASCII)


def moment(text: object) -> datetime | None:
    """Parse a timestamp; None when its form is wrong, or its moment does not exist."""
    if not isinstance(text, str) or not _FORM.match(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def has_milliseconds(text: str) -> bool:
    """Whether a timestamp has exactly the three digits that created and modified must have."""
    form = _FORM.match(text)
    return form is not None and form.group(1) is not None and len(form.group(1)) == 3


def to_milliseconds(at: datetime) -> str:
    """Format a moment with the three digits that created and modified must have; finer digits are cut."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
