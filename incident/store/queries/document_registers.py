"""Rows of the printed registers of a year: documents issued, papers that came in, and service; visible ones only."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select

from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.documents.documents import DocumentSignOff, OfficialDocument
from incident.store.documents.incoming import IncomingPaper
from incident.store.documents.service_attempts import DocumentService
from incident.store.queries.document_list import visible_documents
from incident.store.queries.paper_list import visible_papers

MAX_ROWS: Final = 10_000
"""Rows of a register; a longer one ends there and says so."""

Served = Sequence[tuple[DocumentService, OfficialDocument]]


def issued_documents(viewer: Viewer, year: int, *, is_drill: bool) -> Sequence[OfficialDocument]:
    """Return the documents that took a number in a year, also void ones, in the order of their signatures."""
    query = visible_documents(viewer).where(
        OfficialDocument.number_year == year, OfficialDocument.is_drill.is_(is_drill)
    )
    ordered = query.order_by(OfficialDocument.signed_at, OfficialDocument.id)
    return db.session.scalars(ordered.limit(MAX_ROWS + 1)).all()


def received_papers(viewer: Viewer, begin: dt.datetime, end: dt.datetime, *, is_drill: bool) -> Sequence[IncomingPaper]:
    """Return the papers that were registered in a time, in the order of their numbers."""
    query = visible_papers(viewer).where(
        IncomingPaper.registered_at >= begin, IncomingPaper.registered_at < end, IncomingPaper.is_drill.is_(is_drill)
    )
    return db.session.scalars(query.order_by(IncomingPaper.id).limit(MAX_ROWS + 1)).all()


def served_documents(viewer: Viewer, begin: dt.datetime, end: dt.datetime, *, is_drill: bool) -> Served:
    """Return the attempts to serve documents in a time, the oldest first, with their documents."""
    seen = visible_documents(viewer).where(OfficialDocument.is_drill.is_(is_drill)).subquery()
    query = (
        select(DocumentService, OfficialDocument)
        .join(OfficialDocument, OfficialDocument.id == DocumentService.document_id)
        .where(DocumentService.served_at >= begin, DocumentService.served_at < end)
        .where(DocumentService.document_id.in_(select(seen.c.id)))
        .order_by(DocumentService.served_at, DocumentService.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query.limit(MAX_ROWS + 1))]


def signers_of(year: int) -> Mapping[int, str]:
    """Return who signed each document of a year, by its id."""
    query = (
        select(DocumentSignOff.document_id, DocumentSignOff.signed_by)
        .join(OfficialDocument, OfficialDocument.id == DocumentSignOff.document_id)
        .where(OfficialDocument.number_year == year, DocumentSignOff.step == "sign")
        .where(DocumentSignOff.voided_at.is_(None))
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
