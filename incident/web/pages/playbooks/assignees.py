"""The people to whom a task may be given."""

from collections.abc import Sequence

from flask import g

from incident.core.values import access as rules
from incident.store.directory.people import PersonChoice, people_to_choose
from incident.store.playbooks.tasks import Task
from incident.web.i18n import spoken
from incident.web.pages.frame import is_permitted
from incident.web.security.auth import require_caller


def assignees_of(task: Task) -> Sequence[tuple[str, str]]:
    """Return login and name of the people to whom the viewer may give a task, by name."""
    if task.state != "open" or not is_permitted("incident.change"):
        return ()
    allowed = (one for one in people_here() if rules.may_be_given_task(one.role, one.department_id, task.department_id))
    return [(one.login, spoken(one.name)) for one in allowed]


def may_take(task: Task) -> bool:
    """Whether the viewer may take a task that nobody has been given."""
    asking = require_caller()
    is_free = task.state == "open" and task.assignee_id is None and asking.person_id is not None
    return is_free and rules.may_be_given_task(asking.viewer.role, asking.department_id, task.department_id)


def people_here() -> Sequence[PersonChoice]:
    """Return all active people, loaded once in a request."""
    if "people_here" not in g:
        g.people_here = people_to_choose()
    people: Sequence[PersonChoice] = g.people_here
    return people
