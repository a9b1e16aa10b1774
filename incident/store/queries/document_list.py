"""Lists of official documents: the register, and what waits for a person; visible incidents and markings only."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, literal_column, or_, select, true, tuple_

from incident.core.documents.flow import NUMBERED
from incident.core.documents.markings import WORK_SECRET
from incident.core.values.access import Role, Viewer, may
from incident.store.db.by_id import rows_by_ids
from incident.store.db.database import db
from incident.store.documents.documents import UNSERVED, WAITING, DocumentSignOff, OfficialDocument
from incident.store.documents.service_attempts import OWED, DocumentService
from incident.store.incidents.incidents import Incident
from incident.store.queries.document_search import document_filter, newest_documents
from incident.store.queries.visibility import visible_incidents

HITS_FOR_EACH: Final = (4, 64)
"""How many of the newest hits of a search are looked at for each line of a page first."""


@dataclass(frozen=True)
class DocumentFilter:
    """Which documents are wanted; None for all. `words` are all in the title or the number."""

    state: str | None = None
    kind: str | None = None
    words: str | None = None
    incident_ids: Sequence[int] | None = None
    is_numbered: bool = False


Listed = Sequence[tuple[OfficialDocument, Incident]]
"""Documents with their incidents."""


def list_documents(viewer: Viewer, wanted: DocumentFilter, after: int | None, limit: int) -> Listed:
    """Return documents, the newest first.

    Args:
        viewer: who requests them.
        wanted: the filter.
        after: the id of the last one of the previous page.
        limit: the maximum number.
    """
    query = visible_documents(viewer)
    if wanted.state is not None:
        query = query.where(OfficialDocument.state == wanted.state)
    if wanted.kind is not None:
        query = query.where(OfficialDocument.kind == wanted.kind)
    if wanted.incident_ids is not None:
        query = query.where(OfficialDocument.incident_id.in_(list(wanted.incident_ids)))
    if wanted.is_numbered:
        query = query.where(OfficialDocument.state.in_(sorted(NUMBERED)))
    if after is not None:
        query = query.where(OfficialDocument.id < after)
    query = query.order_by(OfficialDocument.id.desc()).limit(limit)
    for share in HITS_FOR_EACH:
        newest = newest_documents(wanted.words, after, share * limit)
        if newest is None:
            break
        listed = _rows(query.where(OfficialDocument.id.in_(newest)))
        if len(listed) == limit or len(newest) < share * limit:
            return listed
    found = document_filter(wanted.words)
    return _rows(query if found is None else query.where(found))


def unserved_documents(
    viewer: Viewer, after: tuple[dt.datetime, int] | None, limit: int
) -> list[tuple[OfficialDocument, Incident, dt.datetime]]:
    """Return documents that must be served and are not, with since when they wait, the longest first.

    Args:
        viewer: who requests them.
        after: since when the last one of the previous page waits, and its id.
        limit: the maximum number.
    """
    place = (OfficialDocument.unserved_at, OfficialDocument.id)
    query = visible_documents(viewer).where(UNSERVED)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    found = _rows(query.order_by(*place).limit(limit))
    return [(row, its, row.unserved_at) for row, its in found if row.unserved_at is not None]


def running_terms(
    viewer: Viewer, after: tuple[dt.datetime, int] | None, limit: int
) -> list[tuple[DocumentService, OfficialDocument]]:
    """Return services whose terms run and that nobody has answered, with their documents, those due next first.

    Args:
        viewer: who requests them.
        after: when the last one of the previous page is due, and its id.
        limit: the maximum number.
    """
    place = (DocumentService.due_at, DocumentService.id)
    seen = visible_documents(viewer).where(
        OfficialDocument.id == DocumentService.document_id, OfficialDocument.state != literal_column("'void'")
    )
    query = select(DocumentService).where(OWED, seen.exists())
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*after))
    found = db.session.scalars(query.order_by(*place).limit(limit)).all()
    documents = rows_by_ids(OfficialDocument, (one.document_id for one in found))
    return [(one, documents[one.document_id]) for one in found]


def waiting_documents(viewer: Viewer, states: Collection[str], signer: str, limit: int) -> Listed:
    """Return documents that wait for a step, the oldest first, without those that a person has written or signed off.

    Args:
        viewer: the person.
        states: those whose step they have a right to.
        signer: the identity of the person, such as `person:3`.
        limit: the maximum number.
    """
    query = visible_documents(viewer).where(waits_for(states, signer))
    return _rows(query.order_by(OfficialDocument.changed_at, OfficialDocument.id).limit(limit))


def waits_for(states: Collection[str], signer: Any) -> ColumnElement[bool]:
    """Return the condition that a document waits for a person who has not written or signed it off."""
    own = exists().where(
        DocumentSignOff.document_id == OfficialDocument.id,
        DocumentSignOff.signer == signer,
        DocumentSignOff.voided_at.is_(None),
    )
    is_free = or_(OfficialDocument.state == literal_column("'signed'"), ~own)
    return and_(WAITING, OfficialDocument.state.in_(list(states)), is_free)


def is_marking_open(role: Role, person: Any) -> ColumnElement[bool]:
    """Return the condition that a role may read documents of a marking, or that a person has drafted them."""
    if may(role, "document.read_work_secret"):
        return true()
    return or_(OfficialDocument.marking != WORK_SECRET, OfficialDocument.drafter == person)


def visible_documents(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query of visible documents; without a join, as a database could begin with the incidents and sort."""
    query = select(OfficialDocument).where(is_marking_open(viewer.role, f"person:{viewer.person_id}"))
    visible = visible_incidents(viewer)
    if visible is None:
        return query
    return query.where(exists().where(Incident.id == OfficialDocument.incident_id, visible))


def _rows(query: Select[*tuple[Any, ...]]) -> Listed:
    found = db.session.scalars(query).all()
    incidents = rows_by_ids(Incident, (row.incident_id for row in found))
    return [(row, incidents[row.incident_id]) for row in found]
