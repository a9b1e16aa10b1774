"""Timestamps of CACAO 2.0 (section 10.16): RFC 3339 in UTC with a Z."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?Z\Z", re.ASCII)


def moment(text: object) -> datetime | None:
    """Read a timestamp; None when it has not the form, or names a moment that does not exist."""
    if not isinstance(text, str) or not _FORM.match(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def has_milliseconds(text: str) -> bool:
    """Tell whether a timestamp has exactly the three digits that created and modified must have."""
    form = _FORM.match(text)
    return form is not None and form.group(1) is not None and len(form.group(1)) == 3


def to_milliseconds(at: datetime) -> str:
    """Write a moment with the three digits that created and modified must have; what is finer is cut."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
