"""Statutory clocks of incidents: awareness, deadlines, filings."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from flask import Response
from marshmallow import fields as plain_fields

from incident.actions.deadlines import clock_events, filings
from incident.actions.deadlines.filings import NewFiling
from incident.core.deadlines.filing import FILING_CHANNELS, LATE_REASONS, require_sha256
from incident.core.deadlines.regimes import AWARE, HANDLED, RECORDED_EVENTS
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.moment import format_moment, parse_moment
from incident.store.approvals import AWAITING
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.incidents.incidents import Incident
from incident.store.queries.clock_list import list_clocks as clocks_of_list
from incident.web.api.arguments import Arguments
from incident.web.api.deadlines.clock_documents import (
    STATES,
    ClockEventOut,
    ClockOut,
    ClocksOut,
    FilingOut,
    clock_event_document,
    clock_items,
    clocks_document,
    filing_document,
)
from incident.web.api.deadlines.declining import answer_decline
from incident.web.api.endpoint import ID, Paged, WithNeededReason, noun
from incident.web.api.fields import Bound, Choice, Items, Moment, Number, Ruled, Text, Truth, code
from incident.web.api.nested import Objects
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import MAX_INTEGER, page, read_cursor
from incident.web.instance import now
from incident.web.security import access, clock_access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import filed_document

blueprint = noun("clocks", "Deadlines of authorities that run on incidents, and filings. This is not legal advice.")


MAX_RECIPIENTS: Final = 20


class AwarenessIn(Arguments):
    """Who became aware of the incident when, by what; later than recorded before it needs a reason."""

    at = Moment(required=True)
    who = Text(clock_events.WHO_LIMIT, is_line=True, required=True)
    how = Text(clock_events.HOW_LIMIT, required=True)
    reason = Text(REASON_LIMIT, allow_none=True, load_default=None)


class HandledIn(Arguments):
    """When handling ended, null when it goes on; taking it back or an end later than before needs a reason."""

    at = Moment(required=True, allow_none=True)
    reason = Text(REASON_LIMIT, allow_none=True, load_default=None)


class ClockEventIn(Arguments):
    """An event that some law counts from."""

    kind = Choice(RECORDED_EVENTS, required=True)
    at = Moment(required=True)
    how = Text(clock_events.HOW_LIMIT, allow_none=True, load_default=None)


class EvidenceIn(Arguments):
    """A file that proves the filing."""

    name = Text(200, is_line=True, required=True)
    sha256 = Ruled(require_sha256, required=True, metadata={"minLength": 64, "maxLength": 64, "example": "a" * 64})


class LateIn(Arguments):
    """Why the filing is late."""

    reason_code = Choice(LATE_REASONS, required=True)
    text = Text(filings.TEXT_LIMIT, required=True)


class FilingIn(Arguments):
    """What was filed. A late one needs `late`; `oral` marks an announcement, which leaves the clock running."""

    channel = Choice(FILING_CHANNELS, required=True)
    at = Moment(required=True)
    to = Text(filings.RECIPIENT_LIMIT, is_line=True, required=True)
    departments = Items(
        code(),
        MAX_RECIPIENTS,
        load_default=list,
        metadata={"description": "recipients here, of those in `to` of the clock: they are notified, and see it"},
    )
    oral = Truth(load_default=False)
    receipt_number = Text(filings.RECEIPT_LIMIT, is_line=True, allow_none=True, load_default=None)
    evidence = Objects(EvidenceIn, filings.MAX_EVIDENCE, load_default=list)
    late = plain_fields.Nested(LateIn, allow_none=True, load_default=None)
    document = Number(
        1,
        MAX_INTEGER,
        allow_none=True,
        load_default=None,
        metadata={"description": "the signed document that is filed; one may be filed for several clocks"},
    )


class ClockQuery(Paged):
    """Which clocks; by default those that run."""

    state = Choice(tuple(STATES), load_default=None)
    due_before = Bound(load_default=None)


AWAITING_CONFIRMATION = {
    "description": "A second person must confirm it.",
    "content": {"application/json": {"schema": ClockEventOut}},
}


AWAITING_HANDLED = {
    "description": "A second person must confirm the later end.",
    "content": {"application/json": {"schema": ClocksOut}},
}


@blueprint.route("/incidents/<number>/awareness", methods=["PUT"])
@needs("incident.change")
@blueprint.arguments(AwarenessIn)
@blueprint.response(200, ClockEventOut)
@blueprint.doc(responses={"202": AWAITING_CONFIRMATION})
def put_awareness(given: dict[str, Any], number: str) -> Response:
    """Record who became aware of an incident when; a later time than before waits for a second person (202)."""
    incident_id = access.visible_incident(number).id
    row = clock_events.put_awareness(incident_id, **given, by=require_caller().actor, now=now())
    status = 202 if row.state == AWAITING else 200
    return respond(clock_event_document(row), status=status)


@blueprint.route(f"/awareness/{ID.format('record_id')}/confirm", methods=["POST"])
@needs("incident.change")
@blueprint.response(200, ClockEventOut)
def confirm_awareness(record_id: int) -> Response:
    """Confirm a later awareness as the second person."""
    return _confirm(record_id, AWARE)


@blueprint.route(f"/awareness/{ID.format('record_id')}/decline", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, ClockEventOut)
def decline_awareness(given: dict[str, Any], record_id: int) -> Response:
    """Decline a later awareness as the second person; the proposer learns why."""
    return _decline(record_id, AWARE, given["reason"])


@blueprint.route("/incidents/<number>/handled", methods=["PUT"])
@needs("incident.change")
@blueprint.arguments(HandledIn)
@blueprint.response(200, ClocksOut)
@blueprint.doc(responses={"202": AWAITING_HANDLED})
def put_handled(given: dict[str, Any], number: str) -> Response:
    """Record when handling ended, from which summaries are due; a later end than before waits for a second person."""
    incident = access.visible_incident(number)
    row = clock_events.put_handled(incident.id, given["at"], given["reason"], require_caller().actor, now())
    is_waiting = row is not None and row.state == AWAITING
    return respond(clocks_document(access.visible_incident(number)), status=202 if is_waiting else 200)


@blueprint.route(f"/handled/{ID.format('record_id')}/confirm", methods=["POST"])
@needs("incident.change")
@blueprint.response(200, ClockEventOut)
def confirm_handled(record_id: int) -> Response:
    """Confirm a later end of handling as the second person."""
    return _confirm(record_id, HANDLED)


@blueprint.route(f"/handled/{ID.format('record_id')}/decline", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, ClockEventOut)
def decline_handled(given: dict[str, Any], record_id: int) -> Response:
    """Decline a later end of handling as the second person; the proposer learns why."""
    return _decline(record_id, HANDLED, given["reason"])


def _decline(record_id: int, kind: str, reason: str) -> Response:
    access.require_visible(clock_access.visible_clock_event(record_id), lambda row: row.kind == kind)
    return answer_decline(clock_rows.ClockEventRecord, record_id, reason, clock_event_document)


def _confirm(record_id: int, kind: str) -> Response:
    access.require_visible(clock_access.visible_clock_event(record_id), lambda row: row.kind == kind)
    actor = require_caller().actor
    return create(
        lambda idempotency: clock_events.confirm_clock_event(record_id, actor, now(), idempotency),
        clock_event_document,
        status=200,
    )


@blueprint.route("/incidents/<number>/clock-events", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(ClockEventIn)
@blueprint.response(201, ClockEventOut)
def add_clock_event(given: dict[str, Any], number: str) -> Response:
    """Record an event that some law counts from, such as a ransom payment."""
    incident_id, actor = access.visible_incident(number).id, require_caller().actor
    return create(
        lambda idempotency: clock_events.add_clock_event(
            incident_id, given["kind"], given["at"], given["how"], actor, now(), idempotency
        ),
        clock_event_document,
    )


@blueprint.route("/incidents/<number>/clocks", methods=["GET"])
@needs("incident.read")
@blueprint.response(200, ClocksOut)
def read_clocks(number: str) -> Response:
    """Read the statutory clocks of an incident. This is not legal advice."""
    return respond(clocks_document(access.visible_incident(number)))


@blueprint.route("/clocks", methods=["GET"])
@needs("incident.read")
@blueprint.arguments(ClockQuery, location="query")
@blueprint.response(200, page_of(ClockOut))
def list_clocks(given: dict[str, Any]) -> Response:
    """List the clocks of all incidents: those that run by what is due next, others by their ids."""
    after = read_cursor(given["cursor"], (str, int))
    place = None if after is None else (parse_moment(after[0], "?cursor") if after[0] else None, after[1])
    limit = given["limit"]
    rows = clocks_of_list(access.viewer(), given["state"], given["due_before"], place, limit + 1)
    shown, following = page(rows, limit, lambda row: (_due(row[0].due_at), row[0].id))
    return respond({"items": clock_items(shown), "next": following})


def _due(at: dt.datetime | None) -> str:
    return "" if at is None else format_moment(at)


@blueprint.route(f"/clocks/{ID.format('clock_id')}/file", methods=["POST"])
@needs("task.complete")
@blueprint.arguments(FilingIn)
@blueprint.response(201, FilingOut)
def file_clock(given: dict[str, Any], clock_id: int) -> Response:
    """Record a filing, which ends the clock; a late one says why.

    A department files what it has the task for, and what it owes onward because it received the report before; of
    the others only coordinators file that for it.
    """
    clock_access.fileable_clock(clock_id)
    actor = require_caller().actor
    filed_document(given["document"])
    filing = NewFiling(**{"is_oral" if name == "oral" else name: value for name, value in given.items()})
    return create(lambda idempotency: filings.file_clock(clock_id, filing, actor, now(), idempotency), filing_document)


@blueprint.route(f"/clocks/{ID.format('clock_id')}/waive", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, ClockOut)
def waive_clock(given: dict[str, Any], clock_id: int) -> Response:
    """Waive a clock with a reason."""
    return _change(filings.waive_clock, clock_id, given["reason"])


@blueprint.route(f"/clocks/{ID.format('clock_id')}/suspend", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, ClockOut)
def suspend_clock(given: dict[str, Any], clock_id: int) -> Response:
    """Suspend a clock with a reason, such as a delay that an authority granted."""
    return _change(filings.suspend_clock, clock_id, given["reason"])


@blueprint.route(f"/clocks/{ID.format('clock_id')}/resume", methods=["POST"])
@needs("incident.change")
@blueprint.arguments(WithNeededReason)
@blueprint.response(200, ClockOut)
def resume_clock(given: dict[str, Any], clock_id: int) -> Response:
    """Let a suspended or waived clock run again, with the due that it had."""
    return _change(filings.resume_clock, clock_id, given["reason"])


def _change(
    use_case: Callable[[int, str, str, dt.datetime], clock_rows.IncidentClock], clock_id: int, reason: str
) -> Response:
    """Set a clock aside or let it run again, and answer with it."""
    clock_access.changeable_clock(clock_id)
    clock = use_case(clock_id, reason, require_caller().actor, now())
    [document] = clock_items([(clock, db.session.get_one(Incident, clock.incident_id))])
    return respond(document)
