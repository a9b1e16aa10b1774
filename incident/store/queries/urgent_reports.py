"""Notices about urgent reports, and the reports under them: only what a viewer may read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, false, func, select

from incident.core.notifications.notice import IN_HAND, UNANSWERED
from incident.core.reports.urgent import SUBJECT
from incident.core.values.access import Viewer, may
from incident.store.db.database import db
from incident.store.notifications.notices import Notice
from incident.store.queries.visibility import visible_reports
from incident.store.reports.reports import Report

MOST_REPORTS: Final = 200
"""The largest number of reports that the page of a notice shows."""


def urgent_visibility(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that a notice is about urgent reports of which the viewer may read at least one."""
    if not may(viewer.role, "report.read"):
        return false()
    under = exists().where(Report.urgent_notice_id == Notice.id, visible_reports(viewer))
    return (Notice.subject_type == SUBJECT) & under


def may_see_urgent_notice(viewer: Viewer, notice_id: int) -> bool:
    """Return whether a notice is about urgent reports of which the viewer may read at least one."""
    return db.session.scalar(select(Notice.id).where(Notice.id == notice_id, urgent_visibility(viewer))) is not None


def waiting_urgent_ids(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of the notices about urgent reports that nobody has answered."""
    return select(Notice.id).where(Notice.state.in_(UNANSWERED), urgent_visibility(viewer))


def current_urgent_notices(viewer: Viewer, limit: int) -> Sequence[Notice]:
    """Return the notices about urgent reports that wait for an answer or are in hand, the newest first."""
    wanted = select(Notice).where(Notice.state.in_((*UNANSWERED, *IN_HAND)), urgent_visibility(viewer))
    return db.session.scalars(wanted.order_by(Notice.id.desc()).limit(limit)).all()


def count_reports_under(viewer: Viewer, notice_ids: Collection[int]) -> Mapping[int, int]:
    """Count the reports under each notice that the viewer may read."""
    if not notice_ids:
        return {}
    query = select(Report.urgent_notice_id, func.count()).where(*_under(viewer, notice_ids))
    rows = db.session.execute(query.group_by(Report.urgent_notice_id))
    return {notice_id: count for notice_id, count in rows if notice_id is not None}


def reports_under(viewer: Viewer, notice_id: int) -> Sequence[Report]:
    """Return the reports under a notice that the viewer may read, the newest first, up to `MOST_REPORTS`."""
    query = select(Report).where(*_under(viewer, [notice_id]))
    return db.session.scalars(query.order_by(Report.id.desc()).limit(MOST_REPORTS)).all()


def _under(viewer: Viewer, notice_ids: Collection[int]) -> list[ColumnElement[bool]]:
    """Return the conditions that a report is under one of some notices and that the viewer may read it."""
    return [Report.urgent_notice_id.in_(list(notice_ids)), visible_reports(viewer)]
