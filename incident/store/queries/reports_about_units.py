"""Who may read a report about a unit, as an SQL condition: people named for it, not a role.

Of a unit below another one, these are the head and the deputies of the department above; of one at the top and of the
office as a whole, the outside reviewers that the settings name. Nobody reads a report about their own department.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Select, String, and_, cast, exists, false, or_, select

from incident.core.values.access import Viewer, may, viewer_of
from incident.store.db.database import db
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
    """Return the condition on reports from which no unit bars a viewer; a program reads none about a unit.

    It asks nothing beforehand, because every page counts reports.
    """
    if not isinstance(viewer.person_id, int):
        return USUAL
    return _for_person(viewer, reviewers())


@lru_cache(maxsize=1_024)
def _for_person(viewer: Viewer, _reviewers: frozenset[str]) -> Condition:
    """Return the condition for a person; kept, because making it takes longer than asking it."""
    is_outside, its = _is_outside(viewer), ReportUnit.__table__.c
    is_top = its.department_id.in_(select(Department.id).where(Department.parent_id.is_(None)))
    is_readable = and_(_is_foreign(viewer), or_(_is_led_from_above(viewer.person_id), and_(is_outside, is_top)))
    about = exists().where(its.report_id == Report.id)
    return or_(USUAL, and_(or_(about, is_outside), ~about.where(~is_readable)))


def is_unbarred(viewer: Viewer, report_id: int) -> bool:
    """Return whether no unit bars a viewer from a report; one that does not exist bars nobody."""
    report = db.session.get(Report, report_id)
    if report is None or not report.is_about_unit:
        return True
    return db.session.scalar(select(Report.id).where(Report.id == report_id, unbarred_reports(viewer))) is not None


def _memberships(person_id: Any) -> Select[int]:
    return select(Member.department_id).where(Member.person_id == person_id)


def _is_foreign(viewer: Viewer) -> Condition:
    """Return the condition that a unit is none that the person belongs to."""
    unit = ReportUnit.__table__.c.department_id
    own = [one for one in viewer.department_ids if isinstance(one, int)]
    return and_(unit.not_in(own), unit.not_in(_memberships(viewer.person_id)))


def _is_led_from_above(person_id: Any) -> Condition:
    """Return the condition that the person is head or deputy of the department above a unit."""
    led = _memberships(person_id).where(Member.position.in_(LEADING))
    return ReportUnit.__table__.c.department_id.in_(select(Department.id).where(Department.parent_id.in_(led)))


def _is_outside(viewer: Viewer) -> Condition:
    """Return the condition that the person is an outside reviewer, who belongs to no department."""
    if viewer.department_ids or not reviewers():
        return false()
    named = exists().where(Person.id == viewer.person_id, Person.login.in_(reviewers()))
    return and_(named, ~_memberships(viewer.person_id).exists())


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
    return any(may(one.role, "report.read") and db.session.scalar(select(_is_outside(one))) for one in viewers)


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
