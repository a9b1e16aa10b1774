"""Visible incidents as an SQL condition: equivalent to `core.access.may_see_incident`."""

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, IncidentDepartment, IncidentPerson
from incident.store.notifications.notice_departments import incidents_under
from incident.store.reports.reports import Report, ReportLink

SEES_RED = frozenset({"administrator", "coordinator"})

FEW = 5_000
"""Up to this many incidents of a department are queried first; with more, each row of a list is checked."""


def visible_incidents(viewer: Viewer) -> ColumnElement[bool] | None:
    """Return the condition on incidents that a viewer may see; None for all."""
    if viewer.role in SEES_RED:
        return None
    named = _named(viewer)
    if viewer.role != "department":
        return or_(Incident.tlp != "red", named)
    own = [one for one in viewer.department_ids if isinstance(one, int)]
    on_it = or_(false(), *(is_on(department_id) for department_id in own))
    if under := incidents_under(own):
        on_it = or_(on_it, Incident.id.in_(under))
    return or_(and_(Incident.tlp != "red", on_it), named)


def visible_reports(viewer: Viewer) -> ColumnElement[bool] | None:
    """Return the condition on reports that a viewer may see: all linked incidents must be visible.

    None for all.
    """
    visible = visible_incidents(viewer)
    if visible is None:
        return None
    hiding = select(ReportLink.report_id).join(Incident, Incident.id == ReportLink.incident_id).where(not_(visible))
    return ~hiding.where(ReportLink.report_id == Report.id).correlate(Report).exists()


def is_on(department_id: int) -> ColumnElement[bool]:
    """Return the condition that a department is on an incident, in the fastest form for its number of incidents."""
    its = select(IncidentDepartment.incident_id).where(IncidentDepartment.department_id == department_id)
    count = db.session.scalar(select(func.count()).select_from(its.limit(FEW + 1).subquery()))
    if count is not None and count <= FEW:
        return Incident.id.in_(its)
    # Another name: a list of one department's incidents joins the same table.
    of_viewer = IncidentDepartment.__table__.alias("of_viewer").c
    return exists().where(of_viewer.incident_id == Incident.id, of_viewer.department_id == department_id)


def _named(viewer: Viewer) -> ColumnElement[bool]:
    if not isinstance(viewer.person_id, int):
        return false()
    named = select(IncidentPerson.incident_id).where(IncidentPerson.person_id == viewer.person_id)
    return Incident.id.in_(named)
