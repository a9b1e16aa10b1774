"""Lists for people and programs: keyset pagination, filters, restricted to visible rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_

from incident.core.values.access import Viewer, sees_red
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.directory.people import Person, Token
from incident.store.incidents.incidents import Incident, IncidentDepartment
from incident.store.notifications.notice_departments import is_notified
from incident.store.notifications.notices import Notice
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.playbooks import visible_playbooks as may_be_seen
from incident.store.playbooks.runs import RED_RUNS, Run
from incident.store.playbooks.tasks import Task
from incident.store.queries.visibility import visible_incidents, visible_reports
from incident.store.reports.reports import Report, ReportLink


def department_codes_by_incident(incident_ids: Collection[int]) -> Mapping[int, list[str]]:
    """Return the codes of the departments on each incident, in the order in which they were named."""
    query = (
        select(IncidentDepartment.incident_id, Department.code)
        .join(Department, Department.id == IncidentDepartment.department_id)
        .where(IncidentDepartment.incident_id.in_(list(incident_ids)))
        .order_by(IncidentDepartment.incident_id, IncidentDepartment.place, IncidentDepartment.department_id)
    )
    found: dict[int, list[str]] = {one: [] for one in incident_ids}
    for incident_id, code in db.session.execute(query):
        found[incident_id].append(code)
    return found


def numbers_of(incident_ids: Collection[int]) -> Mapping[int, str]:
    """Return the numbers of incidents by id."""
    if not incident_ids:
        return {}
    query = select(Incident.id, Incident.number).where(Incident.id.in_(list(incident_ids)))
    return {row[0]: row[1] for row in db.session.execute(query)}


@dataclass(frozen=True, kw_only=True)
class WorkFilter:
    """Filter of tasks or notices; None matches all."""

    incident_id: int | None = None
    department_id: int | None = None
    state: str | None = None


def list_tasks(viewer: Viewer, wanted: WorkFilter, after: int | None, limit: int) -> Sequence[Task]:
    """Return tasks of incidents that the viewer may see, oldest first; a department gets its own.

    Those of runs of `TLP:RED` playbooks are visible to their department, and to viewers who may see such runs.
    """
    query = select(Task).where(*_conditions(Task, viewer, wanted))
    if viewer.role != "department" and not sees_red(viewer):
        own = [one for one in viewer.department_ids if isinstance(one, int)]
        query = query.where(or_(Task.department_id.in_(own), Task.run_id.not_in(select(Run.id).where(RED_RUNS))))
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.join(Incident, Incident.id == Task.incident_id).where(visible)
    if after is not None:
        query = query.where(Task.id > after)
    return db.session.scalars(query.order_by(Task.id).limit(limit)).all()


def list_notices(viewer: Viewer, wanted: WorkFilter, after: int | None, limit: int) -> Sequence[Notice]:
    """Return notices, newest first; a department gets its own, also those of incidents that it may not see itself."""
    query = select(Notice).where(*_conditions(Notice, viewer, wanted))
    visible = None if viewer.role == "department" else visible_incidents(viewer)
    if visible is not None:
        query = query.join(Incident, Incident.id == Notice.incident_id).where(visible)
    if after is not None:
        query = query.where(Notice.id < after)
    return db.session.scalars(query.order_by(Notice.id.desc()).limit(limit)).all()


def _conditions(table: type[Task] | type[Notice], viewer: Viewer, wanted: WorkFilter) -> list[ColumnElement[bool]]:
    pairs = ((table.incident_id, wanted.incident_id), (table.state, wanted.state))
    found: list[ColumnElement[bool]] = [column == value for column, value in pairs if value is not None]
    if wanted.department_id is not None:
        found.append(_is_of(table, [wanted.department_id]))
    if viewer.role == "department":
        own = [one for one in viewer.department_ids if isinstance(one, int)]
        if own != [wanted.department_id]:
            found.append(_is_of(table, own))
    return found


def _is_of(table: type[Task] | type[Notice], department_ids: Sequence[int]) -> ColumnElement[bool]:
    return Task.department_id.in_(department_ids) if table is Task else is_notified(department_ids)


def list_reports(
    viewer: Viewer, state: str | None, found: ColumnElement[bool] | None, after: int | None, limit: int
) -> Sequence[Report]:
    """Return reports that the viewer may see, newest first.

    Args:
        viewer: who requests them.
        state: received, linked or handled; None for all.
        found: the condition of a search.
        after: the id of the last one of the previous page.
        limit: the maximum number.
    """
    query = select(Report)
    visible = visible_reports(viewer)
    if visible is not None:
        query = query.where(visible)
    if state is not None:
        query = query.where(Report.state == state)
    if found is not None:
        query = query.where(found)
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


def page_of_departments(after: str | None, limit: int) -> Sequence[Department]:
    """Return departments by code, after the last one of the previous page."""
    query = select(Department).order_by(Department.code).limit(limit)
    return db.session.scalars(query if after is None else query.where(Department.code > after)).all()


def page_of_playbooks(viewer: Viewer, after: tuple[str, int] | None, limit: int) -> Sequence[Any]:
    """Return the newest version of each playbook by name, without its document, after the previous page."""
    place = func.row_number().over(
        partition_by=Playbook.cacao_id, order_by=(Playbook.modified_at.desc(), Playbook.id.desc())
    )
    ranked = select(Playbook.id, place.label("place")).subquery()
    query = select(
        Playbook.id,
        Playbook.cacao_id,
        Playbook.name,
        Playbook.modified_at,
        Playbook.content_hash,
        Playbook.tlp,
        Playbook.added_at,
    )
    query = query.join(ranked, ranked.c.id == Playbook.id).where(ranked.c.place == 1, may_be_seen(viewer))
    if after is not None:
        query = query.where(tuple_(Playbook.name, Playbook.id) > after)
    return db.session.execute(query.order_by(Playbook.name, Playbook.id).limit(limit)).all()


def list_tokens(after: int | None, limit: int) -> Sequence[Token]:
    """Return tokens, the newest first."""
    query = select(Token).order_by(Token.id.desc()).limit(limit)
    return db.session.scalars(query if after is None else query.where(Token.id < after)).all()


def list_people(after: int | None, limit: int) -> Sequence[Person]:
    """Return people in the order in which they were added."""
    query = select(Person).order_by(Person.id).limit(limit)
    return db.session.scalars(query if after is None else query.where(Person.id > after)).all()
