"""Incoming papers in the API: registered, proposed, instructed, circulated, answered, ended."""

from collections.abc import Callable
from typing import Any, Final

from flask import Response
from werkzeug.exceptions import Forbidden

from incident.actions.documents import incoming
from incident.actions.documents.incoming import Handling, NewPaper, register_paper
from incident.actions.documents.paper_corrections import correct_paper
from incident.core.values.moment import format_moment, parse_moment
from incident.store.directory.departments import departments_of
from incident.store.directory.people import logins_by_id
from incident.store.documents.incoming import IncomingPaper, answers_to, readers_of
from incident.store.incidents.incidents import Incident
from incident.store.incidents.merges import with_duplicates
from incident.store.queries.paper_list import PaperFilter, due_papers, list_papers
from incident.web.api.document_parts import Document, moment
from incident.web.api.documents.documents import named_incident
from incident.web.api.documents.incoming_schemas import (
    HandlingIn,
    IncomingPaperIn,
    IncomingPaperOut,
    IncomingPaperPage,
    PaperAnswerIn,
    PaperCorrectionIn,
    PaperQuery,
    PaperReadersIn,
    PaperText,
)
from incident.web.api.endpoint import ID, PREFIX, Paged, noun
from incident.web.http.conditional import author, read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import may_see_document, shown_document
from incident.web.security.paper_access import named_readers, require_named, require_scan, visible_paper

blueprint = noun("incoming-papers", "Papers that come in: registered, handled by instruction, circulated, answered.")

_ONE: Final = f"/incoming-papers/{ID.format('paper_id')}"


@blueprint.route("/incoming-papers", methods=["POST"])
@needs("document.write")
@blueprint.arguments(IncomingPaperIn)
@blueprint.response(201, IncomingPaperOut)
def add_incoming_paper(given: dict[str, Any]) -> Response:
    """Register a paper that came in; it takes the next number of the register."""
    incident, actor, zone = (
        named_incident(given.pop("incident")),
        require_caller().actor,
        current_instance().settings.zone,
    )
    require_scan(incident, given["scan"])
    require_named(given["answers"], "/answers")
    return create(
        lambda idempotency: register_paper(incident.id, NewPaper(**given), zone, actor, now(), idempotency),
        paper_document,
        lambda document: f"{PREFIX}/incoming-papers/{document['id']}",
    )


@blueprint.route("/incoming-papers", methods=["GET"])
@needs("document.read")
@blueprint.arguments(PaperQuery, location="query")
@blueprint.response(200, IncomingPaperPage)
def list_incoming_papers(given: dict[str, Any]) -> Response:
    """List incoming papers, the newest first."""
    ids = with_duplicates(access.visible_incident(given["incident"]).id) if given["incident"] else None
    after = (read_cursor(given["cursor"], (int,)) or (None,))[0]
    found = list_papers(access.viewer(), PaperFilter(given["state"], ids), after, given["limit"] + 1)
    shown, following = page(found, given["limit"], lambda one: (one[0].id,))
    return respond({"items": [brief_paper(*one) for one in shown], "next": following})


@blueprint.route("/due-papers", methods=["GET"])
@needs("document.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, IncomingPaperPage)
def list_due_papers(given: dict[str, Any]) -> Response:
    """List open papers that must be answered, those due next first."""
    place = read_cursor(given["cursor"], (str, int))
    after = None if place is None else (parse_moment(place[0], "?cursor"), place[1])
    items = [brief_paper(*one) for one in due_papers(access.viewer(), after, given["limit"] + 1)]
    shown, following = page(items, given["limit"], lambda one: (one["due_at"], one["id"]))
    return respond({"items": shown, "next": following})


@blueprint.route(_ONE, methods=["GET"])
@needs("document.read")
@blueprint.response(200, IncomingPaperOut)
def read_incoming_paper(paper_id: int) -> Response:
    """Read an incoming paper with its handling."""
    return _answer(visible_paper(paper_id))


@blueprint.route(_ONE, methods=["PATCH"])
@needs("document.write")
@blueprint.arguments(PaperCorrectionIn)
@blueprint.response(200, IncomingPaperOut)
def correct_incoming_paper(given: dict[str, Any], paper_id: int) -> Response:
    """Correct the entry of a paper, with a reason; the journal keeps what it said before. Needs If-Match."""
    row = visible_paper(paper_id)
    version = read_version(row.version, is_needed=True)
    reason = given.pop("reason")
    return _answer(correct_paper(row.id, given, reason, require_caller().actor, now(), version))


@blueprint.route(f"{_ONE}/propose", methods=["POST"])
@needs("document.write")
@blueprint.arguments(HandlingIn)
@blueprint.response(200, IncomingPaperOut)
def propose_paper_handling(given: dict[str, Any], paper_id: int) -> Response:
    """Write how a paper is proposed to be handled."""
    return _write(paper_id, incoming.propose_handling, Handling(**given))


@blueprint.route(f"{_ONE}/instruct", methods=["POST"])
@needs("document.sign")
@blueprint.arguments(HandlingIn)
@blueprint.response(200, IncomingPaperOut)
def instruct_on_incoming_paper(given: dict[str, Any], paper_id: int) -> Response:
    """Write what a leader decided about a paper."""
    return _write(paper_id, incoming.instruct_on_paper, Handling(**given))


@blueprint.route(f"{_ONE}/circulate", methods=["POST"])
@needs("document.write")
@blueprint.arguments(PaperReadersIn)
@blueprint.response(200, IncomingPaperOut)
def circulate_incoming_paper(given: dict[str, Any], paper_id: int) -> Response:
    """Ask people to read a paper; only those who may see it can be asked."""
    return _write(paper_id, incoming.circulate_paper, named_readers(visible_paper(paper_id), given["people"]))


@blueprint.route(f"{_ONE}/read", methods=["POST"])
@needs("document.read")
@blueprint.response(200, IncomingPaperOut)
def mark_paper_read(paper_id: int) -> Response:
    """Record that the caller has read a paper that was circulated to them."""
    row, person_id = visible_paper(paper_id), require_caller().person_id
    if person_id is None:
        raise Forbidden
    return _answer(incoming.read_paper(row.id, person_id, require_caller().actor, now()))


@blueprint.route(f"{_ONE}/answer", methods=["POST"])
@needs("document.write")
@blueprint.arguments(PaperAnswerIn)
@blueprint.response(200, IncomingPaperOut)
def answer_incoming_paper(given: dict[str, Any], paper_id: int) -> Response:
    """Link a document of ours that answers a paper."""
    require_named(given["document"], "/document")
    return _write(paper_id, incoming.answer_paper, given["document"])


@blueprint.route(f"{_ONE}/finish", methods=["POST"])
@needs("document.write")
@blueprint.arguments(PaperText)
@blueprint.response(200, IncomingPaperOut)
def finish_incoming_paper(given: dict[str, Any], paper_id: int) -> Response:
    """End the handling of a paper with its outcome."""
    return _write(paper_id, incoming.finish_paper, given["text"])


def _write(paper_id: int, use_case: Callable[..., IncomingPaper], value: object) -> Response:
    row = visible_paper(paper_id)
    return _answer(use_case(row.id, value, *author(row.version)))


def _answer(row: IncomingPaper) -> Response:
    return respond(paper_document(row), row.version)


def brief_paper(row: IncomingPaper, incident: Incident) -> Document:
    """Serialize what a list says of an incoming paper."""
    return {
        "id": row.id,
        "incident": incident.number,
        "number": row.number,
        "kind": row.kind,
        "title": row.title,
        "sender": row.sender,
        "sender_number": row.sender_number,
        "marking": row.marking,
        "urgency": row.urgency,
        "is_drill": row.is_drill,
        "received_at": format_moment(row.received_at),
        "due_at": moment(row.due_at),
        "is_overdue": row.state == "open" and row.due_at is not None and row.due_at < now(),
        "state": row.state,
        "registered_by": row.registered_by,
        "registered_at": format_moment(row.registered_at),
    }


def paper_document(row: IncomingPaper) -> Document:
    """Serialize an incoming paper with its handling; documents that the caller may not see are left out."""
    readers = readers_of(row.id)
    logins = logins_by_id({one.person_id for one in readers})
    answers = shown_document(row.answers_id)
    return brief_paper(row, access.incident_of(row)) | {
        "scan": row.evidence_id,
        "answers": None if answers is None else answers.id,
        "department": _code_of(row.department_id),
        "answered_by": [one.id for one in answers_to(row.id) if may_see_document(one)],
        "proposal": row.proposal,
        "proposed_by": row.proposed_by,
        "proposed_at": moment(row.proposed_at),
        "instruction": row.instruction,
        "instructed_by": row.instructed_by,
        "instructed_at": moment(row.instructed_at),
        "readers": [
            {"login": logins[one.person_id], "asked_at": format_moment(one.asked_at), "read_at": moment(one.read_at)}
            for one in readers
        ],
        "outcome": row.outcome,
        "done_by": row.done_by,
        "done_at": moment(row.done_at),
    }


def _code_of(department_id: int | None) -> str | None:
    return None if department_id is None else departments_of([department_id])[department_id].code
