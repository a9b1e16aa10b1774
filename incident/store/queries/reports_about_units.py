"""Who may read a report about a unit, as an SQL condition: people named for it, not a role.

Of a unit below another one, these are the head and the deputies of the department above; of one at the top and of the
office as a whole, the outside reviewers that the settings name. Nobody reads a report about their own department.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, String, and_, cast, exists, or_, select

from incident.core.values.access import Viewer, may, viewer_of
from incident.store.db.database import db
from incident.store.db.read_once import read_once
from incident.store.directory.departments import Department
from incident.store.directory.members import Member
from incident.store.directory.people import Person
from incident.store.journal.access_log import AccessRecord
from incident.store.reports.report_units import ReportUnit
from incident.store.reports.reports import Report

REVIEWERS: Final = "incident_report_reviewers"
LEADING: Final = ("head", "deputy")

USUAL: Final = Report.is_about_unit.is_(False)
"""The condition on reports that are about no unit; the only one for people who were not named."""

Condition = ColumnElement[bool]


def use_reviewers(engine: Engine, logins: Collection[str]) -> None:
    """Set the sign-in names of the outside reviewers of an application's engine, once."""
    engine.update_execution_options(**{REVIEWERS: frozenset(logins)})


def unbarred_reports(viewer: Viewer) -> Condition:
    """Return the condition on reports from which no unit bars a viewer; a program reads none about a unit."""
    if not isinstance(viewer.person_id, int):
        return USUAL
    return read_once(("reports about units", viewer), lambda: _for_person(viewer))


def is_unbarred(viewer: Viewer, report_id: int) -> bool:
    """Return whether no unit bars a viewer from a report; one that does not exist bars nobody."""
    barred = select(Report.id).where(Report.id == report_id, ~unbarred_reports(viewer))
    return db.session.scalar(barred) is None


def _for_person(viewer: Viewer) -> Condition:
    own = _own_departments(viewer)
    is_outside = not own and _is_reviewer(viewer.person_id)
    readable = _units_below(viewer.person_id, own) | (_top_units() if is_outside else frozenset())
    if not readable:
        return or_(USUAL, ~exists().where(ReportUnit.report_id == Report.id)) if is_outside else USUAL
    about = exists().where(ReportUnit.report_id == Report.id)
    others = exists().where(ReportUnit.report_id == Report.id, ReportUnit.department_id.not_in(readable))
    return or_(USUAL, ~others if is_outside else and_(about, ~others))


def _own_departments(viewer: Viewer) -> frozenset[int]:
    """Return the departments that a person belongs to, without those that they only lead from above."""
    own = {one for one in viewer.department_ids if isinstance(one, int)}
    return frozenset(own.union(db.session.scalars(select(Member.department_id).where(_is_of(viewer.person_id)))))


def _units_below(person_id: Any, own: Collection[int]) -> frozenset[int]:
    led = select(Member.department_id).where(_is_of(person_id), Member.position.in_(LEADING))
    below = select(Department.id).where(Department.parent_id.in_(led), Department.id.not_in(own))
    return frozenset(db.session.scalars(below))


def _top_units() -> frozenset[int]:
    return frozenset(db.session.scalars(select(Department.id).where(Department.parent_id.is_(None))))


def _is_of(person_id: Any) -> Condition:
    found: Condition = Member.person_id == person_id
    return found


def _is_reviewer(person_id: Any) -> bool:
    names = reviewers()
    wanted = select(Person.id).where(Person.id == person_id, Person.login.in_(names))
    return bool(names) and db.session.scalar(wanted) is not None


def reviewers() -> frozenset[str]:
    """Return the sign-in names of the outside reviewers."""
    found: frozenset[str] = db.engine.get_execution_options().get(REVIEWERS, frozenset())
    return found


def has_readers(report_id: int) -> bool:
    """Return whether anybody may read a report; one about a unit may have to wait until somebody is named."""
    for person in db.session.scalars(select(Person).where(Person.is_active, _is_named())):
        viewer = viewer_of(person.role, person.department_id, person.id)
        readable = select(Report.id).where(Report.id == report_id, unbarred_reports(viewer))
        if may(viewer.role, "report.read") and db.session.scalar(readable) is not None:
            return True
    return db.session.scalar(select(Report.id).where(Report.id == report_id, USUAL)) is not None


def has_outside_reviewers() -> bool:
    """Return whether anybody may read reports about the office as a whole."""
    rows = db.session.scalars(select(Person).where(Person.is_active, Person.login.in_(reviewers()))).all()
    viewers = [viewer_of(one.role, one.department_id, one.id) for one in rows]
    return any(may(one.role, "report.read") and not _own_departments(one) for one in viewers)


def _is_named() -> Condition:
    leading = select(Member.person_id).where(Member.position.in_(LEADING))
    return or_(Person.id.in_(leading), Person.login.in_(reviewers()))


def barred_subjects(viewer: Viewer, subjects: Collection[str]) -> frozenset[str]:
    """Return those references of the journal, such as `report:7`, to reports from which a unit bars the viewer."""
    ids = [int(one.removeprefix("report:")) for one in subjects if one.startswith("report:")]
    if not ids:
        return frozenset()
    barred = select(Report.id).where(Report.id.in_(ids), ~unbarred_reports(viewer))
    return frozenset(f"report:{key}" for key in db.session.scalars(barred))


def unbarred_reads(viewer: Viewer) -> Condition:
    """Return the condition on records of the access log that name no report from which a unit bars the viewer."""
    barred = select(cast(Report.id, String)).where(Report.is_about_unit, ~unbarred_reports(viewer))
    return or_(AccessRecord.kind != "report", AccessRecord.identifier.not_in(barred))
