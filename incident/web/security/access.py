"""Access to single objects: one function per kind returns an object the caller may see, else raises NotFound."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from werkzeug.exceptions import Forbidden, NotFound

from incident.core.values import access
from incident.core.values.access import IncidentFacts, Viewer
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.identifier import is_code, is_number
from incident.store.db.database import db
from incident.store.delivery.subscriptions import Subscription
from incident.store.directory import departments, members
from incident.store.directory.departments import Contact, Department
from incident.store.directory.people import Person
from incident.store.directory.tokens import Token
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notice_departments, notices
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks import playbooks, runs
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.queries.drills import Drill
from incident.store.queries.reports_about_units import is_unbarred
from incident.store.queries.urgent_reports import may_see_urgent_notice
from incident.store.reports import reports
from incident.store.reports.reports import Report
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import caller, require_caller

T = TypeVar("T")


def require_visible(row: T | None, may_see_it: Callable[[T], bool] = lambda _row: True) -> T:
    """Return a record that was looked up.

    Raises:
        NotFound: when there is none, or the caller may not see it: to them it does not exist.
    """
    if row is None or not may_see_it(row):
        raise NotFound
    return row


def viewer() -> Viewer:
    """Return the viewer."""
    return require_caller().viewer


def is_allowed(permission: str) -> bool:
    """Return whether the caller has a permission at all."""
    asking = caller()
    return asking is not None and access.may(asking.viewer.role, permission)


def incident_facts(incident: Incident) -> IncidentFacts:
    """Return the facts on which access to an incident depends."""
    on_it = frozenset(incidents.departments_on(incident.id))
    if viewer().role == "department" and on_it.isdisjoint(viewer().department_ids):
        on_it |= notice_departments.departments_above_on(incident.id)
    return IncidentFacts(incident.tlp, on_it, frozenset(incidents.people_on(incident.id)))


def may_see(incident: Incident) -> bool:
    """Return whether the caller may see an incident; its departments are queried only if they matter."""
    if access.may_see_incident(viewer(), IncidentFacts(incident.tlp)):
        return True
    return access.may_see_incident(viewer(), incident_facts(incident))


def may_see_incident_of(row: Any) -> bool:
    """Return whether the caller may see the incident to which a record belongs, if it belongs to one."""
    return row.incident_id is not None and may_see(incident_of(row))


def incident_of(row: Any) -> Incident:
    """Return the incident to which a record belongs."""
    return db.session.get_one(Incident, row.incident_id)


def visible_incident(number: str) -> Incident:
    """Return an incident by its number that the caller may see; raises NotFound."""
    return require_visible(incidents.incident_by_number(number) if is_number(number) else None, may_see)


def visible_run(run_id: int) -> Run:
    """Return a run that the caller may see, of an incident that they may see; raises NotFound."""
    return require_visible(
        db.session.get(Run, run_id),
        lambda run: may_see_incident_of(run) and (not run.is_red or access.sees_red(viewer())),
    )


def visible_task(task_id: int) -> Task:
    """Return a task that the caller may see: a department sees its own; raises NotFound."""

    def may_see_task(task: Task) -> bool:
        is_red = not access.sees_red(viewer()) and runs.is_red(task.run_id)
        return access.may_see_task(viewer(), task.department_id, is_red=is_red)

    return require_visible(db.session.get(Task, task_id), lambda task: may_see_incident_of(task) and may_see_task(task))


def completable_task(task_id: int) -> Task:
    """Return a task that the caller may complete; raises NotFound, or Forbidden when they may only read it."""
    task = visible_task(task_id)
    on_it = frozenset() if task.department_id is None else frozenset({task.department_id})
    facts = incident_facts(db.session.get_one(Incident, task.incident_id))
    if not access.may_complete_task(viewer(), on_it, facts):
        raise Forbidden
    return task


def is_own(department_id: int | None) -> bool:
    """Return whether the caller may see what belongs to a department: the role `department` sees only its own."""
    return viewer().role != "department" or department_id in viewer().department_ids


def visible_contact(contact_id: int) -> Contact:
    """Return a contact; a caller who may read contacts reads all; raises NotFound."""
    return require_visible(db.session.get(Contact, contact_id), lambda _contact: is_allowed("contact.read"))


def visible_contact_of(code: str, contact_id: int) -> Contact:
    """Return a contact of the department with a code; raises NotFound."""
    department = visible_department(code)
    return require_visible(visible_contact(contact_id), lambda contact: contact.department_id == department.id)


def visible_dead_letter(message_id: int) -> Message:
    """Return a message about an incident, or urgent reports, that the caller may see; raises NotFound."""
    row = db.session.get(Message, message_id)
    is_urgent = row is not None and may_see_urgent_notice(viewer(), row.notice_id)
    return require_visible(row, lambda found: is_urgent or may_see_incident_of(found))


def visible_notice(notice_id: int) -> Notice:
    """Return a notice that the caller may see; raises NotFound."""
    return require_visible(
        db.session.get(Notice, notice_id),
        lambda notice: _may_see_notice(notice, _facts_of(notice)),
    )


def visible_notices(incident: Incident) -> tuple[list[Notice], bool]:
    """Return the notices of an incident that the caller may see, oldest first, and whether these are all."""
    facts, its = incident_facts(incident), notices.every_notice_of(incident.id)
    seen = [one for one in its if _may_see_notice(one, facts)]
    return seen, len(seen) == len(its)


def _facts_of(notice: Notice) -> IncidentFacts:
    """Return the facts on which access to a notice depends; one of no incident has no marking."""
    incident = notices.incident_of(notice)
    return IncidentFacts() if incident is None else incident_facts(incident)


def _may_see_notice(notice: Notice, facts: IncidentFacts) -> bool:
    if notice.subject_type == "report" and not may_see_urgent_notice(viewer(), notice.id):
        return False
    return any(access.may_see_notice(viewer(), one, facts) for one in notified_departments(notice))


def answerable_notice(notice_id: int) -> Notice:
    """Return a notice that the caller may answer; raises NotFound, or Forbidden when they may only read it."""
    notice = visible_notice(notice_id)
    if not may_answer(notice, _facts_of(notice)):
        raise Forbidden
    return notice


def notified_departments(notice: Notice) -> frozenset[int]:
    """Return the departments whose people were notified under a notice: its own and the supporting ones above."""
    own = frozenset({notice.department_id})
    if not viewer().department_ids or not own.isdisjoint(viewer().department_ids):
        return own
    return own | notice_departments.departments_above(notice.id)


def may_answer(notice: Notice, facts: IncidentFacts) -> bool:
    """Return whether the caller may answer a notice of the incident with these facts."""
    return any(access.may_acknowledge(viewer(), one, facts) for one in notified_departments(notice))


def answerable_notices(rows: Sequence[Any]) -> list[Any]:
    """Return those of some notices that the caller received; the role `department` may see only these."""
    if viewer().role != "department":
        return list(rows)
    own = {one for one in viewer().department_ids if isinstance(one, int)}
    under = notice_departments.notified_under(own, [row.id for row in rows])
    return [row for row in rows if row.department_id in own or row.id in under]


def answering_department(incident: Incident, code: str | None) -> int | None:
    """Return the department for which the caller acknowledges an incident; None when they take it on personally.

    Args:
        incident: the incident.
        code: the named department; by default the caller's own.

    Raises:
        RuleError: `department.unknown`.
        Forbidden: when they may not answer for it.
    """
    if code is None:
        return _own_department(incident)
    department = departments.department_by_code(code)
    if department is None:
        raise RuleError("department.unknown", {"code": code}, pointer="/department")
    if not access.may_acknowledge(viewer(), department.id, incident_facts(incident)):
        raise Forbidden
    return department.id


def _own_department(incident: Incident) -> int | None:
    own = require_caller().department_id
    if own is None or viewer().role == "department":
        return own
    return own if notices.notice_of(incident.id, own) is not None else None


def owning_person() -> int | None:
    """Return the caller's person if they may own incidents; None for a program and for people who may not."""
    asking = require_caller()
    return asking.person_id if access.may_own(asking.viewer.role) else None


def visible_drill(drill_id: int) -> Drill:
    """Return a drill on an incident that the caller may see; raises NotFound."""
    return require_visible(
        db.session.get(Drill, drill_id),
        lambda drill: may_see_incident_of(drill) and (access.sees_red(viewer()) or not runs.is_red(drill.run_id)),
    )


def visible_report(report_id: int) -> Report:
    """Return a report that the caller may see, and record that they read it; raises NotFound."""
    found = require_visible(db.session.get(Report, report_id), lambda report: may_see_report(report.id))
    note_read("report", report_id)
    return found


def may_see_report(report_id: int) -> bool:
    """Return whether the caller may see a report: no unit bars them, and all linked incidents are visible."""
    if not is_unbarred(viewer(), report_id):
        return False
    if access.may_see_incident(viewer(), IncidentFacts("red")):
        return True
    return all(map(may_see, reports.incidents_around(report_id)))


def named_reports(report_ids: Sequence[int], place: str = "/reports/{}") -> Sequence[int]:
    """Return the ids of reports to link.

    Args:
        report_ids: the ids; the transaction reports missing ones.
        place: the location of each in the request, with its index for `{}`.

    Raises:
        RuleError: `report.unknown` for each that the caller may not see.
    """
    hidden = [(index, one) for index, one in enumerate(report_ids) if not may_see_report(one)]
    raise_all([RuleError("report.unknown", {"id": one}, pointer=place.format(index)) for index, one in hidden])
    return report_ids


def visible_playbook(playbook_id: str) -> Playbook:
    """Return the newest version of a playbook that the caller may see; raises NotFound."""
    return require_visible(
        playbooks.current_playbook(playbook_id) if playbook_id.isprintable() else None,
        lambda row: access.may_see_playbook(viewer(), row.tlp),
    )


def named_playbook(playbook_id: str | None) -> str | None:
    """Return the id of a playbook to start.

    Raises:
        RuleError: `playbook.unknown` when the caller may not see it; the transaction reports a missing one.
    """
    if not playbook_id or access.may_see_playbook(viewer(), access.PLAYBOOK_RED):
        return playbook_id
    row = playbooks.current_playbook(playbook_id)
    if row is not None and not access.may_see_playbook(viewer(), row.tlp):
        raise RuleError("playbook.unknown", {"playbook": playbook_id}, pointer="/playbook")
    return playbook_id


def visible_department(code: str) -> Department:
    """Return a department by its code; raises NotFound."""
    return require_visible(departments.department_by_code(code) if is_code(code) else None)


def visible_own_department(code: str) -> Department:
    """Return a department whose page the caller may see: people of a department see their own; raises NotFound."""
    return require_visible(visible_department(code), lambda department: is_own(department.id))


def overridden_department(code: str) -> Department:
    """Return a department into whose rota the caller may write overrides; raises NotFound or Forbidden."""
    department = visible_department(code)
    if not may_override(department):
        raise Forbidden
    return department


def may_override(department: Department) -> bool:
    """Return whether the caller may write overrides and leave into the rota of a department."""
    person_id = require_caller().person_id
    position = None if person_id is None else members.position_of(department.id, person_id)
    return access.may_override(viewer(), position)


def visible_subscription(subscription_id: int) -> Subscription:
    """Return a subscription; raises NotFound."""
    return require_visible(db.session.get(Subscription, subscription_id))


def visible_token(token_id: int) -> Token:
    """Return a token; raises NotFound."""
    return require_visible(db.session.get(Token, token_id))


def visible_person(person_id: int) -> Person:
    """Return a person who signs in or did; raises NotFound."""
    return require_visible(db.session.get(Person, person_id))
