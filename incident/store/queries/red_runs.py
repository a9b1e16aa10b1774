"""Visibility of runs, tasks, commands, drills and entries of playbooks that are marked `TLP:RED`.

Runs and drills are for coordinators and administrators, tasks also for the department that is responsible for them.
Entries about documents and papers that are work secrets are for coordinators and administrators as well.
"""

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import ColumnElement, String, cast, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from incident.core.documents.markings import WORK_SECRET
from incident.core.values.access import Viewer, sees_red
from incident.store.db.database import db
from incident.store.documents.documents import OfficialDocument
from incident.store.documents.incoming import IncomingPaper
from incident.store.journal.journal import Entry
from incident.store.playbooks.playbooks import RED_PLAYBOOKS, Playbook
from incident.store.playbooks.runs import RED_RUNS, Command, Run
from incident.store.playbooks.tasks import Task
from incident.store.queries.drills import Drill

Audience = frozenset[int]
"""The departments (ids) that may see something, besides coordinators and administrators."""

NOBODY_ELSE: Audience = frozenset()


def is_in(viewer: Viewer, audience: Audience | None) -> bool:
    """Whether a viewer belongs to an audience; None is everybody."""
    return audience is None or sees_red(viewer) or not viewer.department_ids.isdisjoint(audience)


def entries_visible_to(viewer: Viewer, incident_id: int) -> ColumnElement[bool] | None:
    """Return the condition on journal entries of one incident that a viewer may see; None for all entries."""
    if sees_red(viewer):
        return None
    red = select(Run.id).where(Run.incident_id == incident_id, RED_RUNS)
    own = [one for one in viewer.department_ids if isinstance(one, int)]
    others = or_(Task.department_id.is_(None), Task.department_id.not_in(own))
    hidden = union_all(
        select(_reference("run", Run.id)).where(Run.incident_id == incident_id, RED_RUNS),
        select(_reference("task", Task.id)).where(Task.run_id.in_(red), others),
        select(_reference("command", Command.id)).where(Command.run_id.in_(red)),
        select(_reference("drill", Drill.id)).where(Drill.run_id.in_(red)),
        select(_reference("playbook", Playbook.cacao_id)).where(RED_PLAYBOOKS),
        select(_reference("document", OfficialDocument.id)).where(
            OfficialDocument.incident_id == incident_id, OfficialDocument.marking == WORK_SECRET
        ),
        select(_reference("paper", IncomingPaper.id)).where(
            IncomingPaper.incident_id == incident_id, IncomingPaper.marking == WORK_SECRET
        ),
    )
    return Entry.subject.not_in(hidden)


def _reference(kind: str, key: InstrumentedAttribute[int] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    return literal(f"{kind}:").concat(cast(key, String))


def audiences(subjects: Collection[str]) -> Mapping[str, Audience]:
    """Return those references, such as `run:7`, that come from a `TLP:RED` playbook, each with its audience."""
    return dict(_audiences(subjects))


def _audiences(subjects: Collection[str]) -> Iterator[tuple[str, Audience]]:
    for kind, table in (("command", Command), ("drill", Drill), ("task", Task)):
        if ids := _numbers(subjects, kind):
            owner = Task.department_id if table is Task else literal(None)
            query = select(table.id, owner).join(Run, Run.id == table.run_id).where(table.id.in_(ids), RED_RUNS)
            for key, department_id in db.session.execute(query):
                yield f"{kind}:{key}", NOBODY_ELSE if department_id is None else frozenset({department_id})
    if ids := _numbers(subjects, "run"):
        for key in db.session.scalars(select(Run.id).where(Run.id.in_(ids), RED_RUNS)):
            yield f"run:{key}", NOBODY_ELSE
    for kind, marked in (("document", OfficialDocument), ("paper", IncomingPaper)):
        if ids := _numbers(subjects, kind):
            is_secret = marked.marking == WORK_SECRET
            for key in db.session.scalars(select(marked.id).where(marked.id.in_(ids), is_secret)):
                yield f"{kind}:{key}", NOBODY_ELSE
    if names := _keys(subjects, "playbook"):
        red = select(Playbook.cacao_id).where(Playbook.cacao_id.in_(names), RED_PLAYBOOKS)
        for name in db.session.scalars(red.distinct()):
            yield f"playbook:{name}", NOBODY_ELSE


def _keys(subjects: Collection[str], kind: str) -> list[str]:
    return [one.removeprefix(f"{kind}:") for one in subjects if one.startswith(f"{kind}:")]


def _numbers(subjects: Collection[str], kind: str) -> list[int]:
    return [int(one) for one in _keys(subjects, kind)]
