"""Schemas of incoming papers in the API."""

from typing import Final

from marshmallow import Schema

from incident.core.documents.content import URGENCIES
from incident.core.documents.incoming import (
    MAX_READERS,
    PAPER_KINDS,
    PAPER_STATES,
    SENDER_LIMIT,
    SENDER_NUMBER_LIMIT,
    TEXT_LIMIT,
)
from incident.core.documents.markings import MARKINGS, require_marking
from incident.core.values.identifier import CODE_LIMIT
from incident.core.values.text import TITLE_LIMIT
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.documents.document_schemas import NUMBER_LIMIT
from incident.web.api.endpoint import Paged
from incident.web.api.fields import Choice, Items, LaterMoment, Moment, Number, Ruled, Text
from incident.web.api.schema_parts import page_of
from incident.web.http.paging import MAX_INTEGER


class PaperReaderOut(Schema):
    """A person who was asked to read a paper."""

    login = schema_parts.text()
    asked_at = schema_parts.at()
    read_at = schema_parts.maybe_at()


class IncomingPaperBrief(Schema):
    """What a list says of an incoming paper."""

    id = schema_parts.number()
    incident = schema_parts.text("the number of its incident")
    number = schema_parts.text("in the register", example="收〔2026〕1号")
    kind = schema_parts.text(enum=list(PAPER_KINDS))
    title = schema_parts.text()
    sender = schema_parts.text()
    sender_number = schema_parts.maybe("the number that its sender gave it")
    marking = schema_parts.text(enum=list(MARKINGS))
    urgency = schema_parts.text(enum=list(URGENCIES))
    is_drill = schema_parts.truth()
    received_at = schema_parts.at()
    due_at = schema_parts.maybe_at("until when it must be answered")
    is_overdue = schema_parts.truth()
    state = schema_parts.text(enum=list(PAPER_STATES))
    registered_by = schema_parts.text()
    registered_at = schema_parts.at()


IncomingPaperPage: Final = page_of(IncomingPaperBrief)


class IncomingPaperOut(IncomingPaperBrief):
    """An incoming paper with its handling."""

    scan = schema_parts.maybe_number("the file of the evidence of the incident")
    answers = schema_parts.maybe_number("the document of ours that it answers")
    department = schema_parts.maybe("the code of the department that it was given to")
    answered_by = schema_parts.list_of(schema_parts.number(), "documents of ours that answer it")
    proposal = schema_parts.maybe("how somebody proposes to handle it")
    proposed_by = schema_parts.maybe()
    proposed_at = schema_parts.maybe_at()
    instruction = schema_parts.maybe("what a leader decided")
    instructed_by = schema_parts.maybe()
    instructed_at = schema_parts.maybe_at()
    readers = schema_parts.list_of(PaperReaderOut, "who was asked to read it")
    outcome = schema_parts.maybe()
    done_by = schema_parts.maybe()
    done_at = schema_parts.maybe_at()


class IncomingPaperIn(Arguments):
    """A paper that came in."""

    incident = Text(NUMBER_LIMIT, is_line=True, required=True, metadata={"example": "INC-2026-000001"})
    kind = Choice(PAPER_KINDS, required=True)
    title = Text(TITLE_LIMIT, is_line=True, required=True)
    sender = Text(SENDER_LIMIT, is_line=True, required=True)
    sender_number = Text(SENDER_NUMBER_LIMIT, is_line=True, allow_none=True, load_default=None)
    received_at = Moment(required=True)
    due_at = LaterMoment(allow_none=True, load_default=None)
    scan = Number(1, MAX_INTEGER, allow_none=True, load_default=None)
    answers = Number(1, MAX_INTEGER, allow_none=True, load_default=None)
    marking = Ruled(require_marking, load_default="none", metadata={"enum": list(MARKINGS)})
    urgency = Choice(URGENCIES, load_default="none")


class HandlingIn(Arguments):
    """What somebody writes about a paper, and the code of a department on the incident to which it is given."""

    text = Text(TEXT_LIMIT, required=True)
    department = Text(CODE_LIMIT, is_line=True, allow_none=True, load_default=None, metadata={"example": "CERT"})


class PaperCorrectionIn(Arguments):
    """What is corrected in the entry of a paper, and why; what is left out stays."""

    title = Text(TITLE_LIMIT, is_line=True)
    sender = Text(SENDER_LIMIT, is_line=True)
    sender_number = Text(SENDER_NUMBER_LIMIT, is_line=True, allow_none=True)
    received_at = Moment()
    due_at = LaterMoment(allow_none=True)
    reason = Text(TEXT_LIMIT, required=True)


class PaperText(Arguments):
    """What somebody writes about a paper."""

    text = Text(TEXT_LIMIT, required=True)


class PaperReadersIn(Arguments):
    """The people who are asked to read a paper, by login."""

    people = Items(Text(200, is_line=True), MAX_READERS, required=True)


class PaperAnswerIn(Arguments):
    """The document of ours that answers a paper."""

    document = Number(1, MAX_INTEGER, required=True)


class PaperQuery(Paged):
    """Filters of the register of incoming papers."""

    state = Choice(PAPER_STATES, load_default=None)
    incident = Text(NUMBER_LIMIT, is_line=True, load_default=None)
