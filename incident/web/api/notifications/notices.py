"""Notices to departments, and their acknowledgements."""

from dataclasses import replace
from typing import Any

from flask import Response
from flask_babel import gettext

from incident.actions.notifications import answers as use_cases
from incident.actions.notifications.notice_events import AnswerSource
from incident.core.notifications.notice import STATES, Answer
from incident.core.notifications.subject import PURPOSES
from incident.core.values.error_messages import N_
from incident.store.directory import departments
from incident.store.incidents.incidents import incident_by_number
from incident.store.queries import notice_list
from incident.store.queries.work_filter import WorkFilter
from incident.web.api import fields
from incident.web.api.endpoint import ID, Nothing, Paged, WithNeededReason, WithReason, noun
from incident.web.api.fields import Choice, Text
from incident.web.api.notifications.notice_documents import notice_documents
from incident.web.api.notifications.notice_schemas import AnsweredOut, NoticeOut
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import author, respond
from incident.web.http.paging import page, read_cursor
from incident.web.security import access
from incident.web.security.auth import needs

blueprint = noun("notices", "What departments are told and must acknowledge.")

COUNTED = {
    "acknowledged": N_("Acknowledged."),
    "accepted": N_("Accepted. No one else will be notified."),
    "declined": N_("Declined. The coordinator will be notified."),
    "done": N_("Marked as done."),
    "withdrawn": N_("Withdrawn. No one else will be notified."),
}
BEFORE = N_("This was already recorded. Nothing was changed.")


class WorkQuery(Paged):
    """Filters by incident and department."""

    incident = Text(40, is_line=True, load_default=None, metadata={"description": "number"})
    department = fields.code(load_default=None)


class NoticeQuery(WorkQuery):
    """Filters of the list of notices."""

    state = Choice(STATES, load_default=None)
    purpose = Choice(PURPOSES, load_default=None)


def work_filter(given: dict[str, Any], state: str | None) -> WorkFilter | None:
    """Return the filter for tasks or notices; None if it names an unknown incident or department."""
    incident = incident_by_number(given["incident"]) if given["incident"] else None
    department = departments.department_by_code(given["department"]) if given["department"] else None
    if (given["incident"] and incident is None) or (given["department"] and department is None):
        return None
    return WorkFilter(
        incident_id=None if incident is None else incident.id,
        department_id=None if department is None else department.id,
        state=state,
    )


@blueprint.route("/notices", methods=["GET"])
@needs("notice.read")
@blueprint.arguments(NoticeQuery, location="query")
@blueprint.response(200, page_of(NoticeOut))
def list_notices(given: dict[str, Any]) -> Response:
    """List notices, the newest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    wanted = work_filter(given, given["state"])
    if wanted is not None:
        wanted = replace(wanted, purpose=given["purpose"])
    rows = [] if wanted is None else notice_list.list_notices(access.viewer(), wanted, after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": notice_documents(shown), "next": following})


@blueprint.route(f"/notices/{ID.format('notice_id')}", methods=["GET"])
@needs("notice.read")
@blueprint.response(200, NoticeOut)
def read_notice(notice_id: int) -> Response:
    """Read a notice with the delivery status of its messages."""
    notice = access.visible_notice(notice_id)
    return respond(notice_documents([notice])[0], notice.version)


@blueprint.route(f"/notices/{ID.format('notice_id')}/acknowledge", methods=["POST"])
@needs("notice.acknowledge")
@blueprint.arguments(Nothing, required=False)
@blueprint.response(200, AnsweredOut)
def acknowledge_notice(_given: dict[str, Any], notice_id: int) -> Response:
    """Acknowledge a notice as seen; a notice acknowledged before is not changed, and the response says so."""
    return _answer(notice_id, "acknowledged", None)


@blueprint.route(f"/notices/{ID.format('notice_id')}/accept", methods=["POST"])
@needs("notice.acknowledge")
@blueprint.arguments(WithReason, required=False)
@blueprint.response(200, AnsweredOut)
def accept_notice(given: dict[str, Any], notice_id: int) -> Response:
    """Accept the work of a notice; this acknowledges it too, and a declined notice can still be accepted."""
    return _answer(notice_id, "accepted", given["reason"])


@blueprint.route(f"/notices/{ID.format('notice_id')}/decline", methods=["POST"])
@needs("notice.acknowledge")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, AnsweredOut)
def decline_notice(given: dict[str, Any], notice_id: int) -> Response:
    """Decline the work of a notice with a reason; the coordinator is notified at once, and the escalation continues."""
    return _answer(notice_id, "declined", given["reason"])


@blueprint.route(f"/notices/{ID.format('notice_id')}/done", methods=["POST"])
@needs("notice.acknowledge")
@blueprint.arguments(WithReason, required=False)
@blueprint.response(200, AnsweredOut)
def finish_notice(given: dict[str, Any], notice_id: int) -> Response:
    """Mark the work of a notice as done; somebody must have acknowledged or accepted it before."""
    return _answer(notice_id, "done", given["reason"])


@blueprint.route(f"/notices/{ID.format('notice_id')}/withdraw", methods=["POST"])
@needs("notice.withdraw")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, AnsweredOut)
def withdraw_notice(given: dict[str, Any], notice_id: int) -> Response:
    """Withdraw a notice with a reason: its department need not answer it, and nobody else is notified."""
    notice = access.visible_notice(notice_id)
    by, at, version = author(notice.version)
    return _told(use_cases.withdraw_notice(notice.id, given["reason"], by, "api", at, version), "withdrawn")


def _answer(notice_id: int, kind: Answer, reason: str | None) -> Response:
    notice = access.answerable_notice(notice_id)
    by, at, version = author(notice.version)
    done = use_cases.answer_notice(notice.id, kind, by, AnswerSource("api"), at, reason, version)
    return _told(done, kind)


def _told(done: use_cases.Answered, kind: str) -> Response:
    told = {"has_counted": done.has_counted, "detail": gettext(COUNTED[kind] if done.has_counted else BEFORE)}
    return respond(notice_documents([done.notice])[0] | told, done.notice.version)
