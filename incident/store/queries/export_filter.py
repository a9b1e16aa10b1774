"""The filter of an export as JSON: a job evaluates it later, as the person who asked."""

import datetime as dt
from typing import Any, Final

from incident.core.values.moment import format_moment, parse_moment
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.search import search_filter

_NAMES: Final = (
    *("status", "grade", "category", "sector", "region", "campaign", "department_id", "system_id", "owner_id"),
    *("tab", "is_exercise", "is_ungraded"),
)
_MOMENTS: Final = ("since", "until")


def filter_document(wanted: IncidentFilter | None, words: str | None) -> dict[str, Any] | None:
    """Return a filter as JSON values; None for one that nothing can match.

    Args:
        wanted: the filter.
        words: the words of its search.
    """
    if wanted is None:
        return None
    facts = {name: value for name in _NAMES if (value := getattr(wanted, name)) is not None}
    moments = {name: format_moment(at) for name in _MOMENTS if isinstance(at := getattr(wanted, name), dt.datetime)}
    return facts | moments | ({"words": words} if words else {})


def read_filter(document: dict[str, Any], *, reads_journal: bool) -> IncidentFilter:
    """Return the filter from its JSON values.

    Args:
        document: from `filter_document`.
        reads_journal: whether the search looks in notes, too.
    """
    facts = {name: document[name] for name in _NAMES if name in document}
    since, until = (parse_moment(document[name]) if name in document else None for name in _MOMENTS)
    found = search_filter(document.get("words"), reads_journal=reads_journal)
    return IncidentFilter(**facts, since=since, until=until, found=found)
