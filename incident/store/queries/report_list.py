"""The list of reports: filters, keyset pagination, visible rows only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, func, select

from incident.core.incidents.listing.tabs import COUNT_LIMIT
from incident.core.values.access import Viewer
from incident.store.db.counting import count_some
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.queries.reports_about_units import USUAL, unbarred_reports
from incident.store.queries.visibility import visible_incidents, visible_reports
from incident.store.reports.reports import Report, ReportLink


@dataclass(frozen=True)
class ReportFilter:
    """Which reports a list shows: by state, kind, category, and the condition of a search; None for all."""

    state: str | None = None
    kind: str | None = None
    category: str | None = None
    found: ColumnElement[bool] | None = None


EVERY: Final = ReportFilter()


def list_reports(viewer: Viewer, wanted: ReportFilter, after: int | None, limit: int) -> Sequence[Report]:
    """Return reports that the viewer may see, newest first.

    Args:
        viewer: who requests them.
        wanted: which ones.
        after: the id of the last one of the previous page.
        limit: the maximum number.
    """
    query = select(Report).where(visible_reports(viewer))
    for column, value in ((Report.state, wanted.state), (Report.kind, wanted.kind), (Report.category, wanted.category)):
        if value is not None:
            query = query.where(column == value)
    if wanted.found is not None:
        query = query.where(wanted.found)
    if after is not None:
        query = query.where(Report.id < after)
    return db.session.scalars(query.order_by(Report.id.desc()).limit(limit)).all()


def numbers_by_report(viewer: Viewer, report_ids: Collection[int]) -> Mapping[int, list[str]]:
    """Return the numbers of the incidents that each report is linked to, restricted to visible ones."""
    query = (
        select(ReportLink.report_id, Incident.number)
        .join(Incident, Incident.id == ReportLink.incident_id)
        .where(ReportLink.report_id.in_(list(report_ids)))
        .order_by(ReportLink.report_id, Incident.id)
    )
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    found: dict[int, list[str]] = {one: [] for one in report_ids}
    for report_id, number in db.session.execute(query):
        found[report_id].append(number)
    return found


def count_reports(viewer: Viewer, state: str) -> int:
    """Count the reports in a state that the viewer may see, up to one more than `COUNT_LIMIT`."""
    some = select(Report.id).where(Report.state == state, visible_reports(viewer)).limit(COUNT_LIMIT + 1)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def received_reports() -> int:
    """Count the reports that nobody has examined, without those about units."""
    return count_some(select(Report.id).where(Report.state == "received", USUAL))


def received_ids(viewer: Viewer) -> Select[int]:
    """Return the query for the reports that nobody has examined and from which no unit bars the viewer."""
    return select(Report.id).where(Report.state == "received", unbarred_reports(viewer))
