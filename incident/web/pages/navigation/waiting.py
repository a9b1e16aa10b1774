"""How much waits for the viewer, counted with one statement for the frame of every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Select

from incident.core.values.access import Viewer, may
from incident.store.db.counting import count_statement, statement_of_groups
from incident.store.queries import start_requests
from incident.store.queries.news_list import unread_news_ids
from incident.store.queries.notice_list import waiting_notice_ids
from incident.store.queries.notification_centre import centre_values, unread_queries, waiting_document_ids
from incident.store.queries.report_list import received_ids
from incident.store.queries.reports_about_units import reviewers
from incident.store.queries.urgent_reports import waiting_urgent_ids
from incident.store.queries.visibility import VISIBLE, SeenIncidents, seen_incidents
from incident.store.queries.waiting_approvals import second_person_ids
from incident.web.instance import now
from incident.web.security.auth import Caller
from incident.web.security.document_access import awaited_states

Statement = Select[*tuple[Any, ...]]
Queries = list[Statement]


@dataclass(frozen=True)
class WaitingCounts:
    """How much waits in the viewer's inbox, is unread in their notifications, and how many reports nobody examined."""

    inbox: int
    reports: int
    unread: int


def count_all_waiting(asking: Caller) -> WaitingCounts:
    """Return how much waits for the viewer; 0 for what they may not see."""
    viewer, has_person = asking.viewer, asking.person_id is not None
    seen = seen_incidents(viewer)
    if seen.is_kept and not viewer.department_ids:  # those of departments depend on which notices reached them
        statement = _kept_statement(viewer, seen.name, reviewers(), has_person=has_person)
    else:
        statement = statement_of_groups(_groups(viewer, seen, has_person=has_person))
    values = {**seen.values, **centre_values(viewer, now())} if has_person else {}
    found = {} if statement is None else count_statement(statement, values)
    return WaitingCounts(*(found.get(one.name) or 0 for one in fields(WaitingCounts)))


@lru_cache(maxsize=1_024)
def _kept_statement(
    viewer: Viewer, visible: str | None, _reviewers: frozenset[str], *, has_person: bool
) -> Statement | None:
    """Return the statement of a viewer without departments; kept, as making it takes longer than asking it.

    It depends on the arguments only, and on nothing that the database says.
    """
    condition = None if visible is None else VISIBLE[visible]
    return statement_of_groups(_groups(viewer, SeenIncidents(visible, condition, {}), has_person=has_person))


def _groups(viewer: Viewer, seen: SeenIncidents, *, has_person: bool) -> Mapping[str, Sequence[Statement]]:
    notices = waiting_notice_ids(viewer.department_ids) if viewer.department_ids else None
    queries: Queries = [] if notices is None else [notices]
    if may(viewer.role, "run.start"):
        queries.append(start_requests.waiting_request_ids())
    reads_reports = may(viewer.role, "report.read")
    if reads_reports:
        queries.append(waiting_urgent_ids(viewer))
    reports: Queries = [received_ids(viewer)] if reads_reports else []
    if not has_person:
        return {"inbox": queries, "reports": reports}
    if may(viewer.role, "incident.change"):
        queries.append(second_person_ids(seen))
    queries.append(unread_news_ids(viewer, seen.condition))
    states = awaited_states(viewer.role)
    if states:
        queries.append(waiting_document_ids(viewer, states, seen))
    return {"inbox": queries, "reports": reports, "unread": unread_queries(viewer, states, seen, notices)}
