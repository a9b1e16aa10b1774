"""The buttons of a notice: a department acknowledges, accepts, declines, completes; a coordinator withdraws."""

from collections.abc import Callable

from flask import request, url_for

from incident.actions.notifications.answers import Answered, answer_notice, withdraw_notice
from incident.actions.notifications.notice_events import AnswerSource
from incident.core.notifications.notice import Answer
from incident.core.values.faults import RuleError
from incident.store.notifications.notices import Notice, require_incident_of
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, redirect_with_flash
from incident.web.pages.incident_forms import address, is_from_inbox, submit_on
from incident.web.pages.reports.urgent_reports import is_urgent, submit_urgent
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

NOTICE = "/notices/<int(max=2147483647):notice_id>"


@pages.post(f"{NOTICE}/acknowledge")
@needs("notice.acknowledge")
def acknowledge_notice_page(notice_id: int) -> Page:
    """Acknowledge a notice for its department; a notice that is no longer open is not changed."""
    notice = access.answerable_notice(notice_id)
    try:
        has_counted = _say(notice, "acknowledged").has_counted
    except RuleError as fault:
        if fault.code != "notice.not_open":
            raise
        has_counted = False
    said = "acknowledged" if has_counted else "already"
    if is_urgent(notice):
        return redirect_with_flash(url_for("pages.urgent_reports", notice_id=notice_id), said)
    return redirect_with_flash(address(require_incident_of(notice), _place(notice)), said)


@pages.post(f"{NOTICE}/accept")
@needs("notice.acknowledge")
def accept_notice_page(notice_id: int) -> Page:
    """Accept the work of a notice."""
    return _answer(notice_id, "accepted")


@pages.post(f"{NOTICE}/decline")
@needs("notice.acknowledge")
def decline_notice_page(notice_id: int) -> Page:
    """Decline the work of a notice with a reason."""
    return _answer(notice_id, "declined")


@pages.post(f"{NOTICE}/done")
@needs("notice.acknowledge")
def finish_notice_page(notice_id: int) -> Page:
    """Mark the work of a notice as done."""
    return _answer(notice_id, "done")


@pages.post(f"{NOTICE}/withdraw")
@needs("notice.withdraw")
def withdraw_notice_page(notice_id: int) -> Page:
    """Withdraw a notice with a reason."""
    notice = access.visible_notice(notice_id)

    def use_case() -> None:
        withdraw_notice(notice.id, request.form.get("reason"), require_caller().actor, "page", now())

    return _submit(notice, use_case, "notice_withdrawn")


def _answer(notice_id: int, kind: Answer) -> Page:
    notice = access.answerable_notice(notice_id)
    return _submit(notice, lambda: _say(notice, kind), kind)


def _submit(notice: Notice, use_case: Callable[[], object], said: str) -> Page:
    """Run a use case and return to the page of the incident or of the urgent reports."""
    if is_urgent(notice):
        return submit_urgent(notice, use_case, said)
    return submit_on(require_incident_of(notice), use_case, said, _place(notice))


def _say(notice: Notice, kind: Answer) -> Answered:
    via = "inbox" if is_from_inbox() else "page"
    return answer_notice(notice.id, kind, require_caller().actor, AnswerSource(via), now(), request.form.get("reason"))


def _place(notice: Notice) -> str:
    return f"notice-{notice.id}"
