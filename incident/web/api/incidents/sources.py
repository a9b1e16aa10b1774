"""Sources of alerts: those that come with the program, and those that people describe by a mapping."""

import json
from typing import Any, Final

from flask import Response

from incident.actions.incidents import sources as use_cases
from incident.actions.incidents.signed_messages import signature_fault
from incident.core.incidents.mapping import AlertMapping, check_mapping
from incident.core.incidents.source import SOURCE_NAME, moved_faults, read_source
from incident.core.values.document import Reader, any_text
from incident.core.values.faults import RuleError
from incident.data.source_presets import source_presets
from incident.sources import SOURCES, try_source
from incident.store.incidents import sources
from incident.store.incidents.signatures import UsedSignature, used_signature
from incident.store.incidents.sources import AlertSource
from incident.web.api.arguments import Arguments, read_json
from incident.web.api.directory.people_documents import token_documents
from incident.web.api.directory.people_schemas import TokenOut
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import ID, Paged, described, noun
from incident.web.api.fields import Text
from incident.web.api.incidents.source_documents import (
    own_source_document,
    program_source_document,
    source_document,
    tried_document,
    tried_signature,
    version_document,
)
from incident.web.api.incidents.source_schemas import (
    SourceIn,
    SourceItem,
    SourceOut,
    SourceTrialIn,
    SourceTrialOut,
    SourceVersionOut,
)
from incident.web.api.schema_parts import page_of
from incident.web.http.body_limits import LARGE, max_body
from incident.web.http.conditional import read_version, respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, now
from incident.web.security.auth import needs, require_caller

blueprint = noun("sources", "How what other programs send becomes alerts.")

SOURCE_PATH: Final = {
    "in": "path",
    "name": "name",
    "schema": {"type": "string", "pattern": f"^{SOURCE_NAME}$"},
    "example": "door-scanner",
}
_VARIANT: Final = {"name": "alarm", "title": "{/text}", "fingerprint": "/id"}
_MAPPING: Final[dict[str, Any]] = {"version": 1, "variants": [_VARIANT]}
_TRIAL: Final = {"mapping": _MAPPING, "payload": {"id": "door-7", "text": "Door 7 is open"}}


@blueprint.route("/sources", methods=["GET"])
@needs("source.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(SourceItem))
def list_sources(given: dict[str, Any]) -> Response:
    """List the sources by name: those that come with the program, and one's own."""
    after = (read_cursor(given["cursor"], (str,)) or ("",))[0]
    every = [program_source_document(name) for name in SOURCES]
    every += [own_source_document(row) for row in sources.list_sources()]
    rows = sorted((one for one in every if one["name"] > after), key=lambda one: one["name"])
    shown, following = page(rows[: given["limit"] + 1], given["limit"], lambda one: (one["name"],))
    return respond({"items": shown, "next": following})


@blueprint.route("/sources/try", methods=["POST"])
@needs("source.read")
@max_body(LARGE)
@blueprint.response(200, SourceTrialOut)
@blueprint.doc(requestBody=described(SourceTrialIn, _TRIAL))
def try_payload() -> Response:
    """Show the alerts that a payload would become, by a mapping or as a source reads it; nothing is stored."""
    document = read_json()
    reader = Reader()
    parts = reader.members(document, "", ("mapping", "source", "payload", "headers"))
    mapping = reader.optional(parts, "mapping", "", check_mapping)
    name = reader.optional(parts, "source", "", any_text)
    headers = reader.optional(parts, "headers", "", _headers)
    if isinstance(document, dict) and "payload" not in parts:
        reader.fault("document.missing", "/payload")
    if isinstance(document, dict) and (parts.get("mapping") is None) == (parts.get("source") is None):
        reader.fault("source.one_needed", "/mapping")
    if name is not None and mapping is None and name not in SOURCES:
        mapping = reader.checked(_mapping_of, name, "/source")
    used = _used_signature(reader, parts, name) if parts.get("headers") is not None else None
    reader.finish()
    given = parts["payload"]
    body = given if isinstance(given, str) else json.dumps(given)
    try:
        items = try_source(name or "mapping", mapping, body.encode("utf-8", "surrogatepass"), now())
    except RuleError as fault:
        raise moved_faults(fault, "payload") from fault
    tried: Document = {"items": [tried_document(item) for item in items], "signature": None}
    if used is not None:
        ring = current_instance().ring
        tried["signature"] = tried_signature(signature_fault(used, headers or {}, body.encode(), ring, now()))
    return respond(tried)


def _headers(value: object, pointer: str) -> dict[str, str]:
    """Check for the headers of a request; returns them with names in lower case."""
    if not isinstance(value, dict):
        raise RuleError("document.not_an_object", pointer=pointer)
    return {name.lower(): any_text(text, f"{pointer}/{name}") for name, text in value.items()}


def _used_signature(reader: Reader, parts: dict[str, Any], name: str | None) -> UsedSignature | None:
    """Return the signature of the source that is tried; the payload must be the body as it was signed."""
    if not isinstance(parts.get("payload"), str):
        reader.fault("document.not_a_text", "/payload")
    used = None if name is None else used_signature(name)
    if used is None:
        reader.fault("signature.none", "/source")
    return used


def _mapping_of(name: object, pointer: str) -> AlertMapping:
    row = sources.source_by_name(str(name))
    found = None if row is None else sources.source_version(row.id, row.version)
    if found is None:
        raise RuleError("source.unknown", {"sources": ", ".join(SOURCES)}, pointer=pointer)
    return check_mapping(found.mapping)


@blueprint.route("/sources/<named:name>", methods=["GET"], parameters=[SOURCE_PATH])
@needs("source.read")
@blueprint.response(200, SourceOut)
def read_one(name: str) -> Response:
    """Read a source with its mapping."""
    if name in SOURCES:
        preset = source_presets().get(name)
        mapping = None if preset is None else dict(preset.mapping)
        return respond(source_document(program_source_document(name), mapping))
    row = _seen(name)
    return respond(_document(row), row.version)


@blueprint.route("/sources/<named:name>", methods=["PUT"], parameters=[SOURCE_PATH])
@needs("source.write")
@blueprint.response(200, SourceOut)
@blueprint.doc(
    requestBody=described(SourceIn, {"mapping": _MAPPING}),
    responses={"201": {"description": "added", "content": {"application/json": {"schema": SourceOut}}}},
)
def put_one(name: str) -> Response:
    """Add a source, or change one; each change is a new version, and the earlier ones stay readable."""
    mapping, is_active = read_source(read_json())
    present = sources.source_by_name(name)
    version = read_version(0 if present is None else present.version)
    row, is_new = use_cases.put_source(name, mapping, is_active, version, require_caller().actor, now())
    return respond(_document(row), row.version, 201 if is_new else 200)


@blueprint.route("/sources/<named:name>", methods=["DELETE"], parameters=[SOURCE_PATH])
@needs("source.write")
@blueprint.response(204)
def remove_one(name: str) -> Response:
    """Remove a source and revoke its tokens; its versions stay readable."""
    present = sources.source_by_name(name)
    version = read_version(0 if present is None else present.version)
    use_cases.remove_source(name, version, require_caller().actor, now())
    return Response(status=204)


@blueprint.route("/sources/<named:name>/versions", methods=["GET"], parameters=[SOURCE_PATH])
@needs("source.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(SourceVersionOut))
def list_versions(given: dict[str, Any], name: str) -> Response:
    """List the versions of a source, the newest first; also those of a removed one."""
    before = read_cursor(given["cursor"], (int,)) or (None,)
    row = sources.source_row(name)
    if row is None:
        raise _unknown()
    found = sources.versions_of(row.id, before[0], given["limit"] + 1)
    shown, following = page(found, given["limit"], lambda one: (one.version,))
    return respond({"items": [version_document(one) for one in shown], "next": following})


class SourceTokenIn(Arguments):
    """A new token of one source."""

    name = Text(200, is_line=True, required=True)


@blueprint.route("/sources/<named:name>/tokens", methods=["POST"], parameters=[SOURCE_PATH])
@needs("source.write")
@blueprint.arguments(SourceTokenIn)
@blueprint.response(201, TokenOut)
def make_one_token(given: dict[str, Any], name: str) -> Response:
    """Create a token that is accepted only where alerts of this source are received; its value is shown once."""
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.make_source_token(name, given["name"], actor, now(), idempotency),
        lambda made: token_documents([made.row])[0] | {"token": made.secret},
    )


@blueprint.route(f"/sources/<named:name>/tokens/{ID.format('token_id')}", methods=["DELETE"], parameters=[SOURCE_PATH])
@needs("source.write")
@blueprint.response(204)
def revoke_one_token(name: str, token_id: int) -> Response:
    """Revoke a token of a source."""
    use_cases.revoke_source_token(name, token_id, require_caller().actor, now())
    return Response(status=204)


def _seen(name: str) -> AlertSource:
    row = sources.source_by_name(name)
    if row is None:
        raise _unknown()
    return row


def _unknown() -> RuleError:
    return RuleError("source.unknown", {"sources": ", ".join(SOURCES)}, kind="not_found")


def _document(row: AlertSource) -> Document:
    found = sources.source_version(row.id, row.version)
    return source_document(own_source_document(row), None if found is None else found.mapping)
