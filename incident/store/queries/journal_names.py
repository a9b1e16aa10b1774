"""Names of what journal entries are about."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.notifications.notices import Notice
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task


def names_of_things(subjects: Collection[str]) -> Mapping[str, str]:
    """Return the display names of notices, tasks and runs among references such as `notice:7`."""
    notices = select(Notice.id, Department.name).join(Department, Department.id == Notice.department_id)
    names: dict[str, str] = {}
    for kind, query, key in (
        ("notice", notices, Notice.id),
        ("task", select(Task.id, Task.title), Task.id),
        ("run", select(Run.id, Run.name), Run.id),
    ):
        ids = [int(one.partition(":")[2]) for one in subjects if one.startswith(f"{kind}:")]
        if ids:
            names |= {f"{kind}:{one}": name for one, name in db.session.execute(query.where(key.in_(ids)))}
    return names
