"""How much waits for the viewer, counted with one statement for the frame of every page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from incident.core.values.access import may
from incident.store.db.counting import count_groups
from incident.store.queries import start_requests
from incident.store.queries.news_list import unread_news_ids
from incident.store.queries.notice_list import waiting_notice_ids
from incident.store.queries.report_list import received_ids
from incident.store.queries.waiting_approvals import second_person_ids
from incident.web.instance import now
from incident.web.security.auth import Caller


@dataclass(frozen=True)
class WaitingCounts:
    """How much waits in the viewer's inbox, and how many reports nobody has examined."""

    inbox: int
    reports: int


def count_all_waiting(asking: Caller) -> WaitingCounts:
    """Return how much waits for the viewer; 0 for what they may not see."""
    viewer, is_person = asking.viewer, asking.person_id is not None
    queries: list[Select[*tuple[Any, ...]]] = []
    values: Mapping[str, Any] = {}
    if viewer.department_ids:
        queries.append(waiting_notice_ids(viewer.department_ids))
    if may(viewer.role, "run.start"):
        queries.append(start_requests.waiting_request_ids())
    if is_person and may(viewer.role, "incident.change"):
        query, values = second_person_ids(viewer, now())
        queries.append(query)
    if is_person:
        queries.append(unread_news_ids(viewer))
    reports = [received_ids()] if may(viewer.role, "report.read") else []
    return WaitingCounts(**count_groups({"inbox": queries, "reports": reports}, values))
