"""Open incidents that a report may belong to."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from incident.core.values.access import Viewer
from incident.data.report_categories import incident_category
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.incident_list import IncidentRow, list_incidents
from incident.store.queries.search import search_filter
from incident.store.reports.reports import Report

MOST = 5
"""The largest number of proposed incidents."""

Why = Literal["address", "category", "newest"]


class Candidate(NamedTuple):
    """A proposed incident, and why: it names the address of the report, has its category, or is among the newest."""

    incident: IncidentRow
    why: Why


def candidates(viewer: Viewer, report: Report, linked: Collection[str], url: str | None) -> Sequence[Candidate]:
    """Return open incidents that the viewer may see, the likeliest first.

    Args:
        viewer: who requests them.
        report: the report.
        linked: numbers of incidents that it is linked to already.
        url: the address in the report, opened when it is sealed.
    """
    found: dict[str, Candidate] = {}
    for why, wanted in _ways(report, url):
        for row in list_incidents(viewer, wanted, None, MOST + len(linked), "newest"):
            if row.number not in linked:
                found.setdefault(row.number, Candidate(row, why))
    return list(found.values())[:MOST]


def _ways(report: Report, url: str | None) -> Iterator[tuple[Why, IncidentFilter]]:
    if (named := search_filter(_host(url), reads_journal=False)) is not None:
        yield "address", IncidentFilter(tab="open", found=named)
    if (category := incident_category(report.category)) is not None:
        yield "category", IncidentFilter(tab="open", category=category)
    yield "newest", IncidentFilter(tab="open")


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None
