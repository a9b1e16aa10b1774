"""Urgent reports: what the duty officer was paged for, and the answers to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import request, url_for

from incident.core.notifications import notice as rules
from incident.core.notifications.notice import NoticeEventKind
from incident.core.reports.urgent import SUBJECT
from incident.core.values.access import IncidentFacts
from incident.store.db.database import db
from incident.store.directory.departments import Department, departments_of
from incident.store.notifications.notices import Notice
from incident.store.queries.urgent_reports import count_reports_under, current_urgent_notices, reports_under
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.security import access
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import needs

MOST_SHOWN: Final = 20


@dataclass(frozen=True)
class UrgentNotice:
    """A notice about urgent reports with its department and the number of reports that the viewer may read."""

    notice: Notice
    department: Department
    count: int


@pages.get("/urgent-reports/<int(max=2147483647):notice_id>")
@needs("report.read")
def urgent_reports(notice_id: int) -> Page:
    """Show the urgent reports that share a notice, the newest first, and the possible answers."""
    notice = access.visible_notice(notice_id)
    access.require_visible(notice, is_urgent)
    rows = reports_under(access.viewer(), notice_id)
    for row in rows:
        note_read("report", row.id)
    return render(
        "reports/urgent.html",
        department=db.session.get_one(Department, notice.department_id),
        given=request.form,
        notice=notice,
        possible=_possible(notice),
        rows=rows,
        total=count_reports_under(access.viewer(), [notice_id]).get(notice_id, 0),
    )


def is_urgent(notice: Notice) -> bool:
    """Return whether a notice is about urgent reports, which have a page of their own."""
    return notice.subject_type == SUBJECT


def urgent_notices_shown() -> Sequence[UrgentNotice]:
    """Return the notices about urgent reports that need the viewer or are in hand, the newest first."""
    if not is_permitted("report.read"):
        return ()
    rows = current_urgent_notices(access.viewer(), MOST_SHOWN)
    counts = count_reports_under(access.viewer(), [one.id for one in rows])
    known = departments_of({one.department_id for one in rows})
    return [UrgentNotice(one, known[one.department_id], counts.get(one.id, 0)) for one in rows]


def submit_urgent(notice: Notice, use_case: Callable[[], object], said: str | Callable[[], str]) -> Page:
    """Run an answer to a notice about urgent reports, and return to its page; if refused, show that page again."""
    return submit(use_case, lambda: urgent_reports(notice.id), lambda: _address(notice), said)


def _address(notice: Notice) -> str:
    return url_for("pages.urgent_reports", notice_id=notice.id)


def _possible(notice: Notice) -> frozenset[NoticeEventKind]:
    if not access.may_answer(notice, IncidentFacts()):
        return frozenset()
    return frozenset(kind for kind in rules.MOVES if rules.is_possible(notice.state, kind)) - {"exhausted"}
