"""How much waits for the viewer, counted with one statement for the frame of every page."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from incident.core.values.access import may
from incident.store.db.counting import count_groups
from incident.store.queries import start_requests
from incident.store.queries.news_list import unread_news_ids
from incident.store.queries.notice_list import waiting_notice_ids
from incident.store.queries.notification_centre import centre_values, unread_queries, waiting_document_ids
from incident.store.queries.report_list import received_ids
from incident.store.queries.urgent_reports import waiting_urgent_ids
from incident.store.queries.visibility import seen_incidents
from incident.store.queries.waiting_approvals import second_person_ids
from incident.web.instance import now
from incident.web.security.auth import Caller
from incident.web.security.document_access import awaited_states

Queries = list[Select[*tuple[Any, ...]]]


@dataclass(frozen=True)
class WaitingCounts:
    """How much waits in the viewer's inbox, is unread in their notifications, and how many reports nobody examined."""

    inbox: int
    reports: int
    unread: int


def count_all_waiting(asking: Caller) -> WaitingCounts:
    """Return how much waits for the viewer; 0 for what they may not see."""
    viewer = asking.viewer
    notices = waiting_notice_ids(viewer.department_ids) if viewer.department_ids else None
    queries: Queries = [] if notices is None else [notices]
    if may(viewer.role, "run.start"):
        queries.append(start_requests.waiting_request_ids())
    if may(viewer.role, "report.read"):
        queries.append(waiting_urgent_ids(viewer))
    reports: Queries = [received_ids(viewer)] if may(viewer.role, "report.read") else []
    if asking.person_id is None:
        return WaitingCounts(**count_groups({"inbox": queries, "reports": reports, "unread": []}))
    seen = seen_incidents(viewer)
    if may(viewer.role, "incident.change"):
        queries.append(second_person_ids(seen))
    queries.append(unread_news_ids(viewer, seen.condition))
    states = awaited_states(viewer.role)
    if states:
        queries.append(waiting_document_ids(viewer, states, seen))
    unread = unread_queries(viewer, states, seen, notices)
    values = {**seen.values, **centre_values(viewer, now())}
    return WaitingCounts(**count_groups({"inbox": queries, "reports": reports, "unread": unread}, values))
