"""An official document on paper: one page of HTML with a print style, or its file."""

import re
from typing import Final
from urllib.parse import quote

from flask import Response, render_template, request

from incident.actions.documents.document_files import request_file
from incident.actions.documents.papers import paper_of
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.formats.papers.compiling import MEDIA
from incident.store.documents.document_files import DocumentFile, FileFormat
from incident.store.documents.documents import OfficialDocument
from incident.web.http.conditional import respond
from incident.web.instance import current_instance, now
from incident.web.security import access
from incident.web.security.auth import require_caller

LOOK_AGAIN: Final = "1"
"""When a file that is being made is asked for again (s)."""

_UNFIT_FOR_NAMES: Final = re.compile(r'[\x00-\x1f"*/:<>?\\|]+')
NAME_LIMIT: Final = 80


def sheet_response(row: OfficialDocument) -> Response:
    """Return a document as it is printed; before its signature it says that it is a draft."""
    paper = paper_of(row, access.incident_of(row), current_instance().settings.zone)
    page = render_template("documents/sheet.html", paper=paper, is_zh=paper.language == "zh")
    return Response(page, content_type="text/html; charset=utf-8")


def asked_file(row: OfficialDocument, file_format: FileFormat) -> DocumentFile:
    """Return the file of a document as it is now, which is made unless it is there."""
    zone = current_instance().settings.zone
    return request_file(row, access.incident_of(row), file_format, zone, require_caller().actor, now())


def file_or_job(row: OfficialDocument, file_format: FileFormat) -> Response:
    """Return the file of a document, or 202 with its job until it is made.

    Raises:
        RuleError: `document_file.no_compiler`, `document_file.no_font`, `document_file.too_slow`,
            `document_file.broken` (unavailable).
    """
    found = asked_file(row, file_format)
    if found.state == "ready":
        return file_response(row, found)
    if found.fault is not None:
        raise RuleError(found.fault, kind="unavailable")
    job = {
        "format": file_format,
        "state": found.state,
        "asked_at": format_moment(found.asked_at),
        "content": request.path,
    }
    made = respond(job, status=202, location=request.path)
    made.headers["Retry-After"] = LOOK_AGAIN
    return made


def file_response(row: OfficialDocument, found: DocumentFile) -> Response:
    """Return a file that was made, to be saved under its number, or its title before it has one."""
    made = Response(found.content or b"", content_type=MEDIA[found.format])
    name = _UNFIT_FOR_NAMES.sub(" ", row.number or row.title)[:NAME_LIMIT].strip(". ") or "document"
    named = f"filename=\"document.{found.format}\"; filename*=UTF-8''{quote(name, safe='')}.{found.format}"
    made.headers["Content-Disposition"] = f"attachment; {named}"
    made.set_etag(found.sha256 or "")
    return made
