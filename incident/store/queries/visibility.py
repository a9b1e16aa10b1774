"""Visible incidents as an SQL condition: equivalent to `core.access.may_see_incident`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, func, not_, or_, select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.db.read_once import read_once
from incident.store.incidents.incidents import Incident, IncidentDepartment, IncidentPerson
from incident.store.notifications.notice_departments import incidents_under
from incident.store.queries.reports_about_units import unbarred_reports
from incident.store.reports.reports import Report, ReportLink

SEES_RED = frozenset({"administrator", "coordinator"})

FEW = 5_000
"""Up to this many incidents of a department are queried first; with more, each row of a list is checked."""

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class NamedVisibility:
    """Which of the `VISIBLE` conditions holds for a viewer, and the values of its parameters."""

    name: str
    values: Mapping[str, int]

    @property
    def is_of_few(self) -> bool:
        """Whether few incidents are visible, so that a list reads all of them."""
        return self.name == OF_FEW


def visible_incidents(viewer: Viewer) -> Condition | None:
    """Return the condition on incidents that a viewer may see; None for all."""
    if viewer.role in SEES_RED:
        return None
    if viewer.role != "department":
        return _not_red_or_named(viewer.person_id)
    return read_once(("visible incidents", viewer), lambda: _of_departments(viewer))


def _of_departments(viewer: Viewer) -> Condition:
    own = _own(viewer)
    on_it = or_(false(), *(is_on(department_id) for department_id in own))
    if under := incidents_under(own):
        on_it = or_(on_it, Incident.id.in_(under))
    return or_(and_(Incident.tlp != "red", on_it), _named(viewer.person_id))


def visible_reports(viewer: Viewer) -> Condition:
    """Return the condition on reports that a viewer may see: barred by no unit, all linked incidents visible."""
    visible, unbarred = visible_incidents(viewer), unbarred_reports(viewer)
    if visible is None:
        return unbarred
    hiding = select(ReportLink.report_id).join(Incident, Incident.id == ReportLink.incident_id).where(not_(visible))
    return and_(unbarred, ~hiding.where(ReportLink.report_id == Report.id).correlate(Report).exists())


def is_on(department_id: int) -> Condition:
    """Return the condition that a department is on an incident, in the fastest form for its number of incidents."""
    return _is_on_few(department_id) if has_few(department_id) else _is_on_many(department_id)


def has_few(department_id: int) -> bool:
    """Return whether a department has few incidents."""
    return read_once(("few incidents", department_id), lambda: _count_up_to_few(department_id) <= FEW)


def _count_up_to_few(department_id: int) -> int:
    its = select(IncidentDepartment.incident_id).where(IncidentDepartment.department_id == department_id)
    return db.session.scalar(select(func.count()).select_from(its.limit(FEW + 1).subquery())) or 0


def _is_on_few(department_id: Any) -> Condition:
    its = select(IncidentDepartment.incident_id).where(IncidentDepartment.department_id == department_id)
    return Incident.id.in_(its)


def _is_on_many(department_id: Any) -> Condition:
    # Another name: a list of one department's incidents joins the same table.
    of_viewer = IncidentDepartment.__table__.alias("of_viewer").c
    return exists().where(of_viewer.incident_id == Incident.id, of_viewer.department_id == department_id)


@lru_cache(maxsize=1_024)
def _not_red_or_named(person_id: Any) -> Condition:
    """Return the condition for a role that sees all but red incidents; kept, as a page asks ten times."""
    return or_(Incident.tlp != "red", _named(person_id))


def _named(person_id: Any) -> Condition:
    if not isinstance(person_id, int):
        return false()
    return _is_named(person_id)


def _is_named(person_id: Any) -> Condition:
    return Incident.id.in_(select(IncidentPerson.incident_id).where(IncidentPerson.person_id == person_id))


# ------------------------------------------------------------------- the same with parameters, to be compiled once
NOT_RED: Final = "is_not_red"
NOT_RED_OR_NAMED: Final = "is_not_red_or_named"
OF_FEW: Final = "is_of_few_or_named"
OF_MANY: Final = "is_of_many_or_named"

_by_name = _is_named(bindparam("own_id"))
_of_own: ColumnElement[int] = bindparam("own_department_id")

VISIBLE: Final[Mapping[str, Condition]] = {
    NOT_RED: Incident.tlp != "red",
    NOT_RED_OR_NAMED: or_(Incident.tlp != "red", _by_name),
    OF_FEW: or_(and_(Incident.tlp != "red", _is_on_few(_of_own)), _by_name),
    OF_MANY: or_(and_(Incident.tlp != "red", _is_on_many(_of_own)), _by_name),
}
"""Conditions on incidents with the parameters `own_id` (a person) and `own_department_id`."""


def named_visibility(viewer: Viewer) -> NamedVisibility | None:
    """Return which condition of `VISIBLE` equals `visible_incidents`, with its values; None where none does.

    None is returned for a viewer who sees all, for one with several departments, and for one whose department was
    notified under a notice of another.
    """
    if viewer.role in SEES_RED:
        return None
    person_id = viewer.person_id if isinstance(viewer.person_id, int) else 0
    if viewer.role != "department":
        return NamedVisibility(NOT_RED_OR_NAMED if person_id else NOT_RED, {"own_id": person_id})
    own = _own(viewer)
    if len(own) != 1 or incidents_under(own):
        return None
    (department_id,) = own
    values = {"own_id": person_id, "own_department_id": department_id}
    return NamedVisibility(OF_FEW if has_few(department_id) else OF_MANY, values)


@dataclass(frozen=True)
class SeenIncidents:
    """The condition on incidents that a viewer may see, None for all, with the values of its parameters.

    `name` is that of `VISIBLE`, None where it is none of them.
    """

    name: str | None
    condition: Condition | None
    values: Mapping[str, int]

    @property
    def is_kept(self) -> bool:
        """Whether a query with this condition may be kept, because it is the same for many viewers."""
        return self.name is not None or self.condition is None


def seen_incidents(viewer: Viewer) -> SeenIncidents:
    """Return which incidents a viewer may see, for several queries of one page."""
    named = named_visibility(viewer)
    if named is None:
        return SeenIncidents(None, visible_incidents(viewer), {})
    return SeenIncidents(named.name, VISIBLE[named.name], named.values)


def _own(viewer: Viewer) -> Collection[int]:
    return [one for one in viewer.department_ids if isinstance(one, int)]
