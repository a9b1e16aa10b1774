"""What comes due of papers and documents: an answer, the term of a service, a service."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Select, select

from incident.core.documents.flow import NUMBERED
from incident.core.documents.markings import WORK_SECRET
from incident.core.documents.reminders import SERVE_WITHIN, Matter
from incident.store.db.database import db
from incident.store.documents.documents import OfficialDocument
from incident.store.documents.incoming import IncomingPaper, answers_to
from incident.store.documents.service_attempts import DocumentService


class Paperwork(NamedTuple):
    """What is due: the row that it belongs to, its time (UTC), and whose it is.

    `start_at` and `due_at` are None for what is no longer owed. `keeper` is the identity of the person who registered
    or wrote it, `helpers` of those who worked on it since; `department_id` the department that it was given to.
    """

    row: IncomingPaper | OfficialDocument
    start_at: dt.datetime | None
    due_at: dt.datetime | None
    keeper: str
    helpers: frozenset[str] = frozenset()
    department_id: int | None = None

    @property
    def is_secret(self) -> bool:
        """Whether a department must not read of it."""
        return self.row.marking == WORK_SECRET


def paperwork_of(matter: str, key: int) -> Paperwork | None:
    """Return what a reminder is about, None for what is not known.

    Args:
        matter: `paper`, `term` or `unserved`.
        key: the id of the paper, of the service, or of the document.
    """
    if matter == "paper":
        paper = db.session.get(IncomingPaper, key)
        return None if paper is None else _of_paper(paper)
    if matter == "term":
        service = db.session.get(DocumentService, key)
        return None if service is None else _of_term(service)
    document = db.session.get(OfficialDocument, key)
    return None if document is None else _of_unserved(document)


def owed_paperwork() -> list[tuple[Matter, int, int]]:
    """Return all that is owed: what it is, its id as for `paperwork_of`, and its incident."""
    papers = select(IncomingPaper.id, IncomingPaper.incident_id).where(
        IncomingPaper.state == "open", IncomingPaper.due_at.is_not(None)
    )
    terms = select(DocumentService.id, OfficialDocument.incident_id).join(
        OfficialDocument, OfficialDocument.id == DocumentService.document_id
    )
    terms = terms.where(DocumentService.due_at.is_not(None), DocumentService.answered_at.is_(None))
    unserved = select(OfficialDocument.id, OfficialDocument.incident_id).where(
        OfficialDocument.unserved_at.is_not(None)
    )
    asked: tuple[tuple[Matter, Select[int, int]], ...] = (("paper", papers), ("term", terms), ("unserved", unserved))
    return [(matter, key, incident) for matter, query in asked for key, incident in db.session.execute(query)]


def _of_paper(row: IncomingPaper) -> Paperwork:
    """Return the answer that a paper waits for; a signed document of ours that answers it ends the wait."""
    is_owed = row.state == "open" and all(one.state not in NUMBERED for one in answers_to(row.id))
    due_at = row.due_at if is_owed else None
    return Paperwork(row, row.received_at, due_at, row.registrar, frozenset(), row.department_id)


def _of_term(service: DocumentService) -> Paperwork:
    row = db.session.get_one(OfficialDocument, service.document_id)
    is_owed = service.answered_at is None and row.state != "void"
    helpers = frozenset({":".join(service.recorded_by.split(":")[:2])})
    return Paperwork(row, service.served_at, service.due_at if is_owed else None, row.drafter, helpers)


def _of_unserved(row: OfficialDocument) -> Paperwork:
    since = row.unserved_at
    return Paperwork(row, since, None if since is None else since + SERVE_WITHIN, row.drafter)
