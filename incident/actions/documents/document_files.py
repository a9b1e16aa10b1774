"""Files of documents: asked for once for each paper, made by a worker, kept once the document is signed.

A worker claims a file in one transaction, compiles it outside of any, and writes it in another: after a kill the claim
runs out, and the next worker makes the same file of the same paper.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Final

from incident.actions.documents.document_flows import record_step
from incident.actions.documents.papers import paper_of
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.documents.paper import paper_document, paper_hash
from incident.formats.papers.compiling import TIME_LIMIT, PaperError, PaperKilled, compile_paper
from incident.store.db.database import advisory_lock, db
from incident.store.documents import document_files
from incident.store.documents.document_files import DocumentFile, FileFormat
from incident.store.documents.documents import OfficialDocument
from incident.store.incidents.incidents import Incident

FILE_MAKER: Final = "documents"
"""The actor of what the worker does."""

CLAIMED_FOR: Final = dt.timedelta(seconds=TIME_LIMIT + 30)
MAX_TRIES: Final = 3
"""How often a file is begun: a paper that kills its worker must not kill every other."""

RETRY_AFTER: Final = dt.timedelta(minutes=1)
"""Delay after which a failed file is made again on request, such as once the compiler is installed."""

EXPLAINED: Final = frozenset({"document_file.no_compiler", "document_file.no_font"})
"""Faults whose words say how to repair them: the log does not repeat them for each file."""


def request_file(
    row: OfficialDocument, incident: Incident, file_format: FileFormat, zone: dt.tzinfo, by: str, now: dt.datetime
) -> DocumentFile:
    """Return the file of a document as it is now, and have it made unless it is there.

    Args:
        row: the document.
        incident: its incident.
        file_format: the format.
        zone: in which the day of the signature is written.
        by: who asks.
        now: when (UTC).
    """
    found = present_files(row, incident, zone).get(file_format)
    if found is not None and not _is_retried(found, now):
        return found
    with transaction(by, now) as uow:
        advisory_lock(f"document_file:{row.id}")  # of two who ask at once, the second finds the row of the first
        return queue_file(uow, row, incident, file_format, zone)


def present_files(row: OfficialDocument, incident: Incident, zone: dt.tzinfo) -> Mapping[str, DocumentFile]:
    """Return the requested files of a document as it is now, made or waiting, by format."""
    digest = paper_hash(paper_document(paper_of(row, incident, zone)))
    return {one.format: one for one in document_files.files_of_source(row.id, digest)}


def queue_file(
    uow: UnitOfWork, row: OfficialDocument, incident: Incident, file_format: FileFormat, zone: dt.tzinfo
) -> DocumentFile:
    """Have the file of a document made unless it is there, within the caller's transaction."""
    paper = paper_document(paper_of(row, incident, zone))
    digest = paper_hash(paper)
    found = document_files.document_file(row.id, file_format, digest)
    if found is not None:
        if _is_retried(found, uow.now):
            found.state, found.fault, found.ended_at, found.claim_ends_at, found.tries = "waiting", None, None, None, 0
        return found
    document_files.remove_outdated(row.id, digest)
    return uow.add(
        DocumentFile(
            document_id=row.id,
            format=file_format,
            source_hash=digest,
            source=paper,
            is_kept=row.signed_at is not None,
            state="waiting",
            tries=0,
            asked_at=uow.now,
        )
    )


def make_next_file(now: dt.datetime) -> bool:
    """Make the file that waits longest; return whether there was one.

    Raises:
        PaperError: when it cannot be compiled for a reason without words for people; the file has failed then.
    """
    if not document_files.has_claimable_file(now):
        db.session.rollback()
        return False
    with transaction(FILE_MAKER, now) as uow:
        claimed = document_files.claim_next_file(now, now + CLAIMED_FOR)
        if claimed is None:
            return False
        if claimed.tries > MAX_TRIES:
            _fail(uow, claimed, "document_file.broken")
            return True
        file_id, paper, file_format = claimed.id, claimed.source, claimed.format
    db.session.remove()
    try:
        content = compile_paper(paper, file_format)
    except PaperKilled:
        _release(file_id, now)
        return True
    except PaperError as error:
        with transaction(FILE_MAKER, now) as uow:
            if (row := document_files.lock_file(file_id)) is not None:
                _fail(uow, row, error.code)
        if error.code in EXPLAINED:
            return True
        raise
    finish_file(file_id, content, now)
    return True


def _release(file_id: int, now: dt.datetime) -> None:
    """Let the next try take a file whose compiler was killed; how often it has begun still counts."""
    with transaction(FILE_MAKER, now):
        if (row := document_files.lock_file(file_id)) is not None:
            row.claim_ends_at = None


def finish_file(file_id: int, content: bytes, now: dt.datetime) -> None:
    """Write a file that a worker has made, unless it is there or the document has changed since.

    The SHA-256 of one that is kept goes into the journal.
    """
    with transaction(FILE_MAKER, now) as uow:
        row = document_files.lock_file(file_id)
        if row is None:
            return
        row.state, row.ended_at, row.claim_ends_at, row.fault = "ready", now, None, None
        row.content, row.sha256 = content, hashlib.sha256(content).hexdigest()
        if row.is_kept:
            document = db.session.get_one(OfficialDocument, row.document_id)
            incident = db.session.get_one(Incident, document.incident_id)
            record_step(uow, "document.file_made", document, incident, format=row.format, sha256=row.sha256)


def _fail(uow: UnitOfWork, row: DocumentFile, fault: str) -> None:
    row.state, row.fault, row.ended_at, row.claim_ends_at = "failed", fault, uow.now, None


def _is_retried(row: DocumentFile, now: dt.datetime) -> bool:
    return row.state == "failed" and (row.ended_at is None or row.ended_at <= now - RETRY_AFTER)
