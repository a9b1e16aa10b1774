"""The buttons of a notice: a department acknowledges, accepts, declines, completes; a coordinator withdraws."""

from flask import request, url_for

from incident.actions.notifications.answers import Answered, answer_notice, withdraw_notice
from incident.actions.notifications.notice_events import AnswerSource
from incident.core.notifications.notice import Answer
from incident.core.values.faults import RuleError
from incident.store.incidents.lookups import incidents_by_id
from incident.store.notifications.notices import Notice
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, redirect_with_flash, submit
from incident.web.pages.incidents import incidents
from incident.web.pages.notifications import inbox
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

NOTICE = "/notices/<int(max=2147483647):notice_id>"


@pages.post(f"{NOTICE}/acknowledge")
@needs("notice.acknowledge")
def acknowledge_notice_page(notice_id: int) -> Page:
    """Acknowledge a notice for its department; a notice that is no longer open is not changed."""
    notice = access.answerable_notice(notice_id)
    try:
        done = _say(notice, "acknowledged")
    except RuleError as fault:
        if fault.code != "notice.not_open":
            raise
        return redirect_with_flash(_back(notice), "already")
    return redirect_with_flash(_back(notice), "acknowledged" if done.has_counted else "already")


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
    notice = access.seen_notice(notice_id)

    def use_case() -> None:
        withdraw_notice(notice.id, request.form.get("reason"), require_caller().actor, "page", now())

    return submit(use_case, lambda: _again(notice), lambda: _back(notice), "notice_withdrawn")


def _answer(notice_id: int, kind: Answer) -> Page:
    notice = access.answerable_notice(notice_id)
    return submit(lambda: _say(notice, kind), lambda: _again(notice), lambda: _back(notice), kind)


def _say(notice: Notice, kind: Answer) -> Answered:
    via = "inbox" if _is_from_inbox() else "page"
    return answer_notice(notice.id, kind, require_caller().actor, AnswerSource(via), now(), request.form.get("reason"))


def _is_from_inbox() -> bool:
    return request.form.get("from") == "inbox"


def _again(notice: Notice) -> Page:
    if _is_from_inbox():
        return inbox.inbox_redisplayed()
    return incidents.again(incidents_by_id({notice.incident_id})[notice.incident_id])


def _back(notice: Notice) -> str:
    if _is_from_inbox():
        return url_for("pages.inbox")
    number = incidents_by_id({notice.incident_id})[notice.incident_id].number
    return url_for("pages.incident", number=number, _anchor=f"notice-{notice.id}")
