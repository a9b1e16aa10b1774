"""Similar reports: they share words or the host of an address with what is being typed."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from incident.core.reports.similarity import telling_words
from incident.core.values.access import Viewer
from incident.store.queries.report_list import ReportFilter, list_reports
from incident.store.queries.search import report_filter
from incident.store.reports.reports import Report

MOST: Final = 5
LOOKED_AT: Final = 20
"""Newest reports with a word that are compared."""


def similar_reports(viewer: Viewer, text: str, url: str | None) -> Sequence[Report]:
    """Return reports that the viewer may read, those that share most words first, then the newest.

    Args:
        viewer: who reads them.
        text: what is being typed.
        url: an address that is being typed.
    """
    shared: Counter[int] = Counter()
    known: dict[int, Report] = {}
    for word in telling_words(text, url):
        found = list_reports(viewer, ReportFilter(found=report_filter(word)), None, LOOKED_AT)
        known |= {one.id: one for one in found}
        shared.update(one.id for one in found)
    order = sorted(shared, key=lambda key: (-shared[key], -key))
    return [known[key] for key in order[:MOST]]
