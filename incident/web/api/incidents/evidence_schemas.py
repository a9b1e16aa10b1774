"""Shapes of evidence in the API."""

from marshmallow import Schema, fields

from incident.core.incidents.evidence.custody import EVIDENCE_STATES
from incident.core.incidents.evidence.scan import NOT_SCANNED, SCAN_RESULTS
from incident.core.incidents.evidence.upload import GIVEN_NAME_LIMIT, PART_SIZE
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.fields import Number, Text
from incident.web.http.paging import MAX_INTEGER


class EvidenceFileOut(Schema):
    """A file that is kept as evidence, or an unfinished upload."""

    id = schema_parts.number()
    name = schema_parts.text("without folders and invisible characters")
    size = schema_parts.number("bytes of the whole file")
    received = schema_parts.number("bytes that have arrived: where an upload goes on")
    part_size = schema_parts.number("bytes of each part of an upload; the last one is shorter")
    state = schema_parts.text(enum=[one for one in EVIDENCE_STATES if one != "discarded"])
    sha256 = schema_parts.maybe("of the whole file, null until the upload is complete")
    media_type = schema_parts.maybe("found by the content; null until the upload is complete")
    is_disguised = schema_parts.truth("its name says another type than its content")
    scan = schema_parts.text("what a scanner says", enum=[NOT_SCANNED, *SCAN_RESULTS])
    scan_detail = schema_parts.maybe("what it found, or why it could not look")
    scanned_at = schema_parts.maybe_at()
    uploaded_by = schema_parts.text()
    uploaded_at = schema_parts.at("when the upload was complete, or began")
    is_released = schema_parts.truth("a second person has looked at it")
    released_by = schema_parts.maybe()
    released_at = schema_parts.maybe_at()
    removed_by = schema_parts.maybe()
    removed_at = schema_parts.maybe_at()
    removal_reason = schema_parts.maybe()
    content = schema_parts.maybe("where it can be downloaded; null while the caller may not")


class CompletedOut(EvidenceFileOut):
    """The file of a completed upload."""

    is_repeated = schema_parts.truth("the incident had the same file already; this is that one, kept once")


class PartsOut(Schema):
    """What has arrived of an upload."""

    digests = schema_parts.list_of(fields.String(), "SHA-256 of each part, in order")


class UploadIn(Arguments):
    """The file that is about to be sent."""

    name = Text(GIVEN_NAME_LIMIT, required=True, metadata={"example": "mail.eml"})
    size = Number(0, MAX_INTEGER, required=True, metadata={"description": "in bytes", "example": PART_SIZE})
