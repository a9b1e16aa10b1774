"""The tasks of an incident as its page shows them, and the people who may be given them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident.core.playbooks.question import Question
from incident.core.values import access as rules
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.playbooks.tasks import Task
from incident.web.i18n import spoken
from incident.web.pages.playbooks.assignees import assignees_of, people_here
from incident.web.pages.playbooks.filings import FilingView
from incident.web.security import access


@dataclass(frozen=True)
class TaskView:
    """A task with its department and questions, and whether the viewer may complete it or has to.

    `filing` is what a task waits for that a filing ends. `assignee` and `login` are of the person who does it;
    `assignees` are those to whom the viewer may give it.
    """

    task: Task
    department: Department | None
    may_complete: bool
    is_mine: bool
    assignee: str | None
    login: str | None
    assignees: Sequence[tuple[str, str]]
    questions: Sequence[Question]
    filing: FilingView | None = None


def task_view(
    task: Task,
    known: Mapping[int, Department],
    facts: rules.IncidentFacts,
    asked: Sequence[Question],
    filing: FilingView | None,
) -> TaskView:
    """Return a task as the page shows it.

    Args:
        task: the task.
        known: the departments of the incident.
        facts: those that decide about access to it.
        asked: the questions of its form.
        filing: what it waits for when a filing ends it.
    """
    on_it = frozenset() if task.department_id is None else frozenset({task.department_id})
    department = known.get(task.department_id) if task.department_id else None
    viewer = access.viewer()
    assignee = db.session.get(Person, task.assignee_id) if task.assignee_id else None
    is_mine = task.assignee_id == viewer.person_id if assignee else not viewer.department_ids.isdisjoint(on_it)
    return TaskView(
        task=task,
        department=department,
        may_complete=rules.may_complete_task(viewer, on_it, facts),
        is_mine=is_mine,
        assignee=spoken(assignee.name) if assignee else None,
        login=assignee.login if assignee else None,
        assignees=assignees_of(task),
        questions=asked,
        filing=filing,
    )


def possible_owners() -> Sequence[tuple[str, str]]:
    """Return login and name of the people who may own incidents, by name."""
    return [(one.login, spoken(one.name)) for one in people_here() if rules.may_own(one.role)]
