"""What needs or concerns one person, over all areas: the newest first, and how much of it is unread."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from incident.core.incidents.listing.export import UNFINISHED
from incident.core.notifications.centre import CentreKind
from incident.core.values.access import Role, Viewer, may, sees_red
from incident.store.db.by_id import rows_by_ids
from incident.store.db.database import Moment, db
from incident.store.deadlines.clock_rows import ClockEventRecord
from incident.store.deadlines.filing_revocations import FilingRevocation
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.documents.documents import DocumentSignOff, OfficialDocument
from incident.store.duty.handovers import ShiftHandover
from incident.store.incidents.exports import ListExport
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import UNREAD, NewsItem
from incident.store.notifications.notices import Notice
from incident.store.playbooks.playbooks import RED_PLAYBOOKS, Playbook
from incident.store.playbooks.tasks import OPEN, Task
from incident.store.queries.document_list import is_marking_open, waits_for
from incident.store.queries.identity_work import (
    ANSWERED_AT,
    answered_requests,
    calls_for_operators,
    unanswered_requests,
)
from incident.store.queries.notice_list import waiting_notice_ids
from incident.store.queries.start_requests import StartRequest, waiting_request_ids
from incident.store.queries.task_list import red_run_conditions
from incident.store.queries.visibility import VISIBLE, SeenIncidents, seen_incidents
from incident.store.queries.waiting_approvals import second_person_parts, second_person_values
from incident.store.reports.identity_requests import IdentityRequest
from incident.store.reports.report_calls import ReportCall

Cursor = tuple[dt.datetime, str, int]
"""The place of an item in the list: when it came, its kind and its id."""

MODELS: Final[Mapping[CentreKind, Any]] = {
    "notice": Notice,
    "task": Task,
    "news": NewsItem,
    "handover": ShiftHandover,
    "grade_proposal": GradeDecision,
    "clock_event_proposal": ClockEventRecord,
    "not_reportable_proposal": NotReportableDecision,
    "revocation_proposal": FilingRevocation,
    "grade_review": GradeDecision,
    "not_reportable_review": NotReportableDecision,
    "start_request": StartRequest,
    "document": OfficialDocument,
    "identity_request": IdentityRequest,
    "identity_answer": IdentityRequest,
    "report_call": ReportCall,
    "export": ListExport,
}
"""The table that each kind of item is a row of."""

SECOND_PERSON: Final[Sequence[CentreKind]] = (
    "grade_proposal",
    "clock_event_proposal",
    "not_reportable_proposal",
    "revocation_proposal",
    "grade_review",
    "not_reportable_review",
)
"""The kinds in the order of `second_person_parts`."""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_own: ColumnElement[int] = bindparam("own_person")
_signer: ColumnElement[str] = bindparam("own_signer", type_=String)
_read_at = (
    select(func.coalesce(Person.notifications_read_at, literal(_EPOCH, Moment)))
    .where(Person.id == _own)
    .scalar_subquery()
)


class CentreItem(NamedTuple):
    """The place of an item: its kind, the id of its row, and when it came to the person."""

    kind: CentreKind
    id: int
    at: dt.datetime


class _Part(NamedTuple):
    """One kind of items: the query for their ids, and the moment when they came."""

    kind: CentreKind
    query: Select[*tuple[Any, ...]]
    moment: Any


def list_centre(
    viewer: Viewer, states: Sequence[str], now: dt.datetime, after: Cursor | None, limit: int
) -> Sequence[CentreItem]:
    """Return what needs or concerns a person, the newest first.

    Args:
        viewer: the person.
        states: of documents, those whose step they have a right to.
        now: the moment (UTC).
        after: the last item of the previous page.
        limit: the maximum number.
    """
    seen = seen_incidents(viewer)
    parts = [*_notices(viewer, seen, None), *_identity_requests(viewer), *_parts(viewer, states, seen.condition)]
    members = [_listed(one, after, limit) for one in parts]
    found = union_all(*members).subquery()
    query = select(found).order_by(found.c.at.desc(), found.c.kind, found.c.id.desc()).limit(limit)
    rows = db.session.execute(query, {**seen.values, **centre_values(viewer, now)})
    return [CentreItem(row.kind, row.id, row.at) for row in rows]


def rows_of_centre(items: Sequence[CentreItem]) -> Mapping[tuple[CentreKind, int], Any]:
    """Return the rows of items by their kind and id, with one statement for each kind."""
    ids: dict[CentreKind, list[int]] = {}
    for item in items:
        ids.setdefault(item.kind, []).append(item.id)
    return {(kind, key): row for kind, wanted in ids.items() for key, row in rows_by_ids(MODELS[kind], wanted).items()}


def is_unread(item: CentreItem, row: Any, until: dt.datetime | None) -> bool:
    """Return whether an item came after those that the person has marked as read; read news are not new again."""
    return (until is None or item.at > until) and not (item.kind == "news" and row.read_at is not None)


def unread_queries(
    viewer: Viewer, states: Sequence[str], seen: SeenIncidents, notices: Select[*tuple[Any, ...]] | None
) -> Sequence[Select[*tuple[Any, ...]]]:
    """Return the queries for the ids of what is unread, to count them with the parameters of `centre_values`.

    Args:
        viewer: the person.
        states: of documents, those whose step they have a right to.
        seen: the incidents that they may see.
        notices: the query for the waiting notices of their departments, where it has been made.
    """
    own = [*_notices(viewer, seen, notices), *_identity_requests(viewer)]
    return [*map(_unread, own), *_unread_parts(viewer, states, seen)]


def waiting_document_ids(viewer: Viewer, states: Sequence[str], seen: SeenIncidents) -> Select[*tuple[Any, ...]]:
    """Return the query for the documents that wait for a person, to count them.

    Args:
        viewer: the person.
        states: those whose step they have a right to.
        seen: the incidents that they may see.
    """
    if seen.is_kept:
        return _kept_documents(viewer.role, tuple(states), seen.name)
    return _documents(viewer, states, seen.condition).query


@lru_cache(maxsize=256)
def _kept_documents(role: Role, states: Sequence[str], visible: str | None) -> Select[*tuple[Any, ...]]:
    """Return the query for all people who see the same; kept, because every page asks it."""
    return _documents(Viewer(role), states, None if visible is None else VISIBLE[visible]).query


def centre_values(viewer: Viewer, now: dt.datetime) -> Mapping[str, Any]:
    """Return the values of the parameters of the queries, beside those of the incidents that are seen."""
    own = viewer.person_id if isinstance(viewer.person_id, int) else 0
    (department,) = tuple(viewer.department_ids)[:1] or (0,)
    asked = {"own_person": own, "own_signer": f"person:{own}", "own_code_of": department}
    return {**asked, **second_person_values(viewer, now)}


def _unread_parts(viewer: Viewer, states: Sequence[str], seen: SeenIncidents) -> Sequence[Select[*tuple[Any, ...]]]:
    if seen.is_kept:
        return _kept_unread(viewer.role, viewer.department_ids, tuple(states), seen.name)
    return [_unread(one) for one in _parts(viewer, states, seen.condition)]


@lru_cache(maxsize=1_024)
def _kept_unread(
    role: Role, department_ids: frozenset[Any], states: Sequence[str], visible: str | None
) -> Sequence[Select[*tuple[Any, ...]]]:
    """Return the queries for all people who see the same; kept, because every page asks them."""
    condition = None if visible is None else VISIBLE[visible]
    return [_unread(one) for one in _parts(Viewer(role, department_ids), states, condition)]


def _unread(part: _Part) -> Select[*tuple[Any, ...]]:
    return part.query.where(part.moment > _read_at, *([UNREAD] if part.kind == "news" else []))


def _listed(part: _Part, after: Cursor | None, limit: int) -> Select[*tuple[Any, ...]]:
    """Return the first rows of a kind after an item of the list."""
    model = MODELS[part.kind]
    query = part.query.with_only_columns(
        literal(part.kind).label("kind"), model.id.label("id"), part.moment.label("at")
    ).order_by(part.moment.desc(), model.id.desc())
    if after is not None:
        at, kind, last_id = after
        is_later = part.moment < at
        if part.kind >= kind:
            same = part.moment == at
            is_later = or_(is_later, and_(same, model.id < last_id) if part.kind == kind else same)
        query = query.where(is_later)
    return select(query.limit(limit).subquery())


def _notices(viewer: Viewer, seen: SeenIncidents, query: Select[*tuple[Any, ...]] | None) -> list[_Part]:
    """Return the notices that wait for the viewer's departments; a department gets its own, whatever the incident."""
    if not viewer.department_ids or not may(viewer.role, "notice.acknowledge"):
        return []
    query = waiting_notice_ids(viewer.department_ids) if query is None else query
    if viewer.role != "department" and seen.condition is not None:
        query = query.where(_of_visible(Notice.incident_id, seen.condition))
    return [_Part("notice", query, Notice.opened_at)]


def _identity_requests(viewer: Viewer) -> list[_Part]:
    found = [_Part("identity_request", unanswered_requests(viewer), IdentityRequest.requested_at)]
    if may(viewer.role, "identity.request"):
        found.append(_Part("identity_answer", answered_requests(viewer), ANSWERED_AT))
    if may(viewer.role, "call.make"):
        found.append(_Part("report_call", calls_for_operators(viewer), ReportCall.requested_at))
    return found


def _parts(viewer: Viewer, states: Sequence[str], visible: ColumnElement[bool] | None) -> list[_Part]:
    found = [_tasks(viewer, visible), _news(visible), _handovers(), _exports()]
    if may(viewer.role, "incident.change"):
        found += _second_person(visible)
    if may(viewer.role, "run.start") or may(viewer.role, "playbook.approve"):
        found.append(_start_requests(viewer, visible))
    return [*found, _documents(viewer, states, visible)] if states else found


def _tasks(viewer: Viewer, visible: ColumnElement[bool] | None) -> _Part:
    query = select(Task.id).where(OPEN, Task.assignee_id == _own, *red_run_conditions(viewer))
    if visible is not None:
        query = query.where(_of_visible(Task.incident_id, visible))
    return _Part("task", query, func.coalesce(Task.assigned_at, Task.opened_at))


def _news(visible: ColumnElement[bool] | None) -> _Part:
    query = select(NewsItem.id).where(NewsItem.person_id == _own)
    return _Part("news", _joined(query, NewsItem, visible), NewsItem.at)


def _handovers() -> _Part:
    waits = (ShiftHandover.to_person_id == _own, ShiftHandover.confirmed_at.is_(None))
    return _Part("handover", select(ShiftHandover.id).where(*waits), ShiftHandover.handed_at)


def _exports() -> _Part:
    ended = (
        ListExport.person_id == _own,
        ListExport.state.not_in(UNFINISHED),
        ListExport.expires_at > bindparam("now"),
    )
    return _Part("export", select(ListExport.id).where(*ended, ListExport.ended_at.is_not(None)), ListExport.ended_at)


def _second_person(visible: ColumnElement[bool] | None) -> list[_Part]:
    found = []
    for kind, (model, condition, moment) in zip(SECOND_PERSON, second_person_parts(), strict=True):
        query = _joined(select(model.id), model, visible).where(condition)
        if model is GradeDecision:  # the grade of a closed incident is not decided any more
            query = query.where(Incident.status != "closed")
        found.append(_Part(kind, query, moment))
    return found


def _start_requests(viewer: Viewer, visible: ColumnElement[bool] | None) -> _Part:
    query = waiting_request_ids()
    if visible is not None:
        query = query.where(visible)
    if not sees_red(viewer):
        query = query.where(StartRequest.playbook.not_in(select(Playbook.cacao_id).where(RED_PLAYBOOKS)))
    return _Part("start_request", query, StartRequest.asked_at)


def _documents(viewer: Viewer, states: Sequence[str], visible: ColumnElement[bool] | None) -> _Part:
    query = _joined(select(OfficialDocument.id), OfficialDocument, visible)
    waits = and_(waits_for(states, _signer), is_marking_open(viewer.role, _signer))
    is_theirs = or_(OfficialDocument.state != "in_countersign", _may_countersign())
    return _Part("document", query.where(waits, is_theirs), OfficialDocument.changed_at)


def _may_countersign() -> ColumnElement[bool]:
    """Return the condition that the department of the person countersigns a document and has not done so yet."""
    code = select(Department.code).where(Department.id == bindparam("own_code_of")).scalar_subquery()
    named = func.replace(func.replace(code, "\\", "\\\\"), "_", "\\_")
    is_named = cast(OfficialDocument.countersigners, String).like(literal('%"') + named + literal('"%'), escape="\\")
    done = exists().where(
        DocumentSignOff.document_id == OfficialDocument.id,
        DocumentSignOff.step == "countersign",
        DocumentSignOff.department == code,
        DocumentSignOff.voided_at.is_(None),
    )
    return and_(is_named, ~done)


def _joined(query: Select[*tuple[Any, ...]], model: Any, visible: ColumnElement[bool] | None) -> Any:
    joined = query.join(Incident, Incident.id == model.incident_id)
    return joined if visible is None else joined.where(visible)


def _of_visible(column: Any, visible: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Incident.id == column, visible)
