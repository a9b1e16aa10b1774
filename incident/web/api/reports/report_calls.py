"""Calls to reporters: requested for a purpose, placed by a telephone system, or made by an operator."""

from typing import Any

from flask import Response
from marshmallow import Schema

from incident.actions.reports import report_calls as use_cases
from incident.core.reports.calls import CALL_OUTCOMES, CALL_STATES, NUMBER_LIMIT
from incident.core.reports.identity import PURPOSE_LIMIT
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.queries.identity_work import list_operator_calls
from incident.store.reports.report_calls import ReportCall, calls_of_report
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document, moment
from incident.web.api.endpoint import ID, Paged, noun
from incident.web.api.fields import Choice, Text
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, identity_key, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.report_calls import visible_call

blueprint = noun("calls", "Calls to reporters whose number nobody at the desk sees.")

CALLS_SHOWN = 100
_OF_REPORT = f"/reports/{ID.format('report_id')}/calls"
_ONE = f"/calls/{ID.format('call_id')}"


class CallIn(Arguments):
    """Why somebody is called, and the caller's own number."""

    purpose = Text(PURPOSE_LIMIT, required=True)
    from_ = Text(
        NUMBER_LIMIT,
        is_line=True,
        allow_none=True,
        load_default=None,
        data_key="from",
        metadata={"description": "needed when a telephone system is set up; an operator needs none"},
    )


class CallOutcomeIn(Arguments):
    """How a call ended."""

    outcome = Choice(CALL_OUTCOMES, required=True)


class CallOut(Schema):
    """A call; the number of the reporter is not in it."""

    id = schema_parts.number()
    report = schema_parts.number("the report")
    way = schema_parts.text("a telephone system, or an operator", enum=["relay", "operator"])
    state = schema_parts.text("", enum=list(CALL_STATES))
    purpose = schema_parts.text()
    requested_at = schema_parts.at()
    fault = schema_parts.maybe("the code of why it failed")
    ended_at = schema_parts.maybe_at()


CallPage = page_of(CallOut)


class CallNumberOut(Schema):
    """The number to call, for the operator alone."""

    phone = schema_parts.text("as the reporter wrote it")


@blueprint.route(_OF_REPORT, methods=["POST"])
@needs("identity.request")
@blueprint.arguments(CallIn)
@blueprint.response(201, CallOut)
def request_call_to_reporter(given: dict[str, Any], report_id: int) -> Response:
    """Request a call to the reporter: the telephone system dials the number given, then the reporter.

    Without a telephone system an operator makes it.
    """
    access.visible_report(report_id)
    actor, own = require_caller().actor, given["from_"]
    if current_instance().settings.calls is None:
        own = None
    elif not own:
        raise RuleError("call.no_telephone_number", pointer="/from")
    return create(
        lambda once: use_cases.request_call(report_id, given["purpose"], own, actor, now(), once), call_document
    )


@blueprint.route(_OF_REPORT, methods=["GET"])
@needs("identity.request")
@blueprint.response(200, CallPage)
def list_calls_of_report(report_id: int) -> Response:
    """List the calls to the reporter of a report, the newest hundred first."""
    access.visible_report(report_id)
    return respond({"items": [call_document(one) for one in calls_of_report(report_id, CALLS_SHOWN)], "next": None})


@blueprint.route("/calls", methods=["GET"])
@needs("call.make")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, CallPage)
def list_calls_to_make(given: dict[str, Any]) -> Response:
    """List the calls that an operator has to make, the oldest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    shown, following = page(
        list_operator_calls(access.viewer(), after[0], given["limit"] + 1), given["limit"], lambda row: (row.id,)
    )
    return respond({"items": [call_document(one) for one in shown], "next": following})


@blueprint.route(f"{_ONE}/number", methods=["POST"])
@needs("call.make")
@blueprint.response(200, CallNumberOut)
def take_call_to_reporter(call_id: int) -> Response:
    """Begin a call as its operator and read the number; each look is recorded in the journal."""
    visible_call(call_id)
    _, number = use_cases.take_call(call_id, require_caller().actor, identity_key(), now())
    return respond({"phone": number})


@blueprint.route(f"{_ONE}/end", methods=["POST"])
@needs("call.make")
@blueprint.arguments(CallOutcomeIn)
@blueprint.response(200, CallOut)
def end_call_to_reporter(given: dict[str, Any], call_id: int) -> Response:
    """Record how a call ended that you have begun."""
    visible_call(call_id)
    return respond(call_document(use_cases.end_call(call_id, given["outcome"], require_caller().actor, now())))


@blueprint.route(f"{_ONE}/cancel", methods=["POST"])
@needs("identity.request")
@blueprint.response(200, CallOut)
def cancel_call_to_reporter(call_id: int) -> Response:
    """Cancel a call that you requested and nobody has begun."""
    visible_call(call_id)
    return respond(call_document(use_cases.cancel_call(call_id, require_caller().actor, now())))


def call_document(row: ReportCall) -> Document:
    """Serialize a call."""
    return {
        "id": row.id,
        "report": row.report_id,
        "way": row.way,
        "state": row.state,
        "purpose": row.purpose,
        "requested_at": format_moment(row.requested_at),
        "fault": row.fault,
        "ended_at": moment(row.ended_at),
    }
