"""Case folders, registers and text blocks in the API."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields

from incident.actions.documents.text_block_settings import blocks_version, put_text_blocks
from incident.core.documents.folders import PART_STATES, missing_parts
from incident.core.documents.wordings import MAX_WORDINGS, TEXT_LIMIT, TITLE_LIMIT, read_wordings
from incident.data.case_folders import case_kinds
from incident.store.documents.text_blocks import TextBlock, all_text_blocks
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import noun
from incident.web.api.fields import Choice, Number, Text
from incident.web.http.conditional import read_version, respond
from incident.web.http.document_registers import (
    WORKBOOK,
    present_year,
    register_table,
    register_workbook,
)
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.folder_access import folder_of

blueprint = noun("document-folders", "Case folders, printed registers, and text blocks of documents.")

_WORDS: Final = {"additionalProperties": {"type": "string"}, "description": "by language: zh, en"}


class FolderPartOut(Schema):
    """A part of a folder with what is there, by id."""

    title = fields.Dict(required=True, metadata=_WORDS)
    state = schema_parts.text(enum=list(PART_STATES))
    documents = schema_parts.list_of(schema_parts.number())
    papers = schema_parts.list_of(schema_parts.number(), "incoming papers")


class CaseFolderOut(Schema):
    """The folder of an incident as a kind of case."""

    case = schema_parts.text(enum=list(case_kinds()))
    title = fields.Dict(required=True, metadata=_WORDS)
    is_complete = schema_parts.truth()
    missing = schema_parts.list_of(fields.Dict(metadata=_WORDS), "the titles of the parts that are not there yet")
    parts = schema_parts.list_of(FolderPartOut, "in their order")


class FolderQuery(Arguments):
    """The kind of case."""

    case = Choice(tuple(case_kinds()), load_default=next(iter(case_kinds())))


class RegisterQuery(Arguments):
    """The year of a register, the present one without it; `exercise` for the register of exercises."""

    year = Number(2000, 9998, is_written=True, load_default=None)
    exercise = Choice(("true", "false"), load_default="false")


class TextBlockOut(Schema):
    """A passage of words with its title."""

    title = schema_parts.text()
    text = schema_parts.text()


class TextBlocksOut(Schema):
    """All text blocks, by title."""

    blocks = schema_parts.list_of(TextBlockOut)


class TextBlockIn(Arguments):
    """A passage of words with its title."""

    title = Text(TITLE_LIMIT, is_line=True, required=True)
    text = Text(TEXT_LIMIT, required=True)


class TextBlocksIn(Arguments):
    """All text blocks; one that is left out is removed."""

    blocks = fields.List(fields.Nested(TextBlockIn), required=True, metadata={"maxItems": MAX_WORDINGS})


@blueprint.route("/incidents/<number>/folder", methods=["GET"])
@needs("document.read")
@blueprint.arguments(FolderQuery, location="query")
@blueprint.response(200, CaseFolderOut)
def read_case_folder(given: dict[str, Any], number: str) -> Response:
    """Read the folder of an incident as a kind of case: its parts, and which of them are missing."""
    incident, case = access.visible_incident(number), case_kinds()[given["case"]]
    held = folder_of(incident, case)
    missing = missing_parts(held)
    parts = [
        {"title": one.part.title, "state": one.state, "documents": one.documents, "papers": one.papers} for one in held
    ]
    return respond(
        {
            "case": case.id,
            "title": case.title,
            "is_complete": not missing,
            "missing": [one.title for one in missing],
            "parts": parts,
        }
    )


@blueprint.route("/document-registers/outgoing.xlsx", methods=["GET"])
@needs("document.read")
@blueprint.arguments(RegisterQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=WORKBOOK)
def read_outgoing_register(given: dict[str, Any]) -> Response:
    """Download the register of documents issued in a year as a workbook."""
    return _register("outgoing", given)


@blueprint.route("/document-registers/incoming.xlsx", methods=["GET"])
@needs("document.read")
@blueprint.arguments(RegisterQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=WORKBOOK)
def read_incoming_register(given: dict[str, Any]) -> Response:
    """Download the register of papers that came in in a year as a workbook."""
    return _register("incoming", given)


@blueprint.route("/document-registers/service.xlsx", methods=["GET"])
@needs("document.read")
@blueprint.arguments(RegisterQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=WORKBOOK)
def read_service_register(given: dict[str, Any]) -> Response:
    """Download the register of the service of documents in a year as a workbook."""
    return _register("service", given)


def _register(name: str, given: dict[str, Any]) -> Response:
    year = given["year"] or present_year()
    return register_workbook(register_table(name, year, is_drill=given["exercise"] == "true"))


@blueprint.route("/text-blocks", methods=["GET"])
@needs("document.read")
@blueprint.response(200, TextBlocksOut)
def list_text_blocks() -> Response:
    """List the text blocks by title."""
    rows = all_text_blocks()
    return respond(_blocks(rows), blocks_version(rows))


@blueprint.route("/text-blocks", methods=["PUT"])
@needs("document.configure")
@blueprint.arguments(TextBlocksIn)
@blueprint.response(200, TextBlocksOut)
def put_document_text_blocks(given: dict[str, Any]) -> Response:
    """Replace the text blocks."""
    version = read_version(blocks_version(all_text_blocks()))
    rows = put_text_blocks(read_wordings(given["blocks"]), require_caller().actor, now(), version)
    return respond(_blocks(rows), blocks_version(rows))


def _blocks(rows: Sequence[TextBlock]) -> Document:
    return {"blocks": [{"title": one.title, "text": one.text} for one in rows]}
