"""The access log: who has read incidents marked TLP:RED, and personal data."""

from typing import Any

from flask import Response

from incident.core.journal.access_log import OBJECT_KINDS
from incident.core.values.moment import format_moment
from incident.store.journal.access_log import AccessRecord, list_records
from incident.store.queries.reports_about_units import unbarred_reads
from incident.web.api.document_parts import Document
from incident.web.api.endpoint import Paged, noun
from incident.web.api.fields import Choice, Text
from incident.web.api.journal.access_log_schemas import AccessRecordOut
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.paging import page, read_cursor
from incident.web.security import access
from incident.web.security.auth import needs

blueprint = noun("access log", "Who has read incidents marked TLP:RED, and personal data.")


class AccessQuery(Paged):
    """Filters of the access log."""

    by = Text(100, is_line=True, load_default=None, metadata={"description": "who has read, such as `person:3`"})
    kind = Choice(OBJECT_KINDS, load_default=None)
    identifier = Text(
        100,
        is_line=True,
        load_default=None,
        metadata={"description": "of what was read: an incident's number, else an id"},
    )


@blueprint.route("/access-log", methods=["GET"])
@needs("access_log.read")
@blueprint.arguments(AccessQuery, location="query")
@blueprint.response(200, page_of(AccessRecordOut))
def list_reads(given: dict[str, Any]) -> Response:
    """List the access log: one record per reader, object and hour, kept for 180 days; the newest first."""
    before = read_cursor(given["cursor"], (int,)) or (None,)
    shown_reads = unbarred_reads(access.viewer())
    rows = list_records(given["by"], given["kind"], given["identifier"], before[0], given["limit"] + 1, shown_reads)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": [_document(row) for row in shown], "next": following})


def _document(row: AccessRecord) -> Document:
    return {
        "by": row.actor,
        "kind": row.kind,
        "identifier": row.identifier,
        "first_at": format_moment(row.first_at),
        "last_at": format_moment(row.last_at),
        "count": row.count,
    }
