"""Files of documents: those that wait for a worker, and those that were made."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, Literal, get_args

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    delete,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, undefer

from incident.store.db.database import Base, db

FileFormat = Literal["pdf", "docx"]
FILE_FORMATS: Final[tuple[FileFormat, ...]] = get_args(FileFormat)
"""Formats of what is printed; the signed content of a document is kept beside them as `json`."""

_WAITING: Final = text("state = 'waiting'")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""


class DocumentFile(Base):
    """A file of a document in a format; one row for each source of it.

    `source` is what is printed, in canonical JSON, and `source_hash` its SHA-256. Files of a signed document have
    `is_kept`; others go when the document changes. `claim_ends_at` is when another worker may take it, `tries` how
    often one has begun; `sha256` is that of `content`.
    """

    __tablename__ = "document_files"
    __table_args__ = (
        CheckConstraint("format IN ('pdf', 'docx', 'json')", name="format"),
        CheckConstraint("state IN ('waiting', 'ready', 'failed')", name="state"),
        UniqueConstraint("document_id", "format", "source_hash"),
        Index("ix_document_files_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    format: Mapped[str] = mapped_column(String(10))
    source_hash: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Text, deferred=True)
    is_kept: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    claim_ends_at: Mapped[dt.datetime | None]
    asked_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    fault: Mapped[str | None] = mapped_column(String(60))
    sha256: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


def document_file(document_id: int, file_format: str, source_hash: str) -> DocumentFile | None:
    """Return the file of a document with a source, made or waiting."""
    wanted = select(DocumentFile).where(
        DocumentFile.document_id == document_id,
        DocumentFile.format == file_format,
        DocumentFile.source_hash == source_hash,
    )
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def files_of_source(document_id: int, source_hash: str) -> Sequence[DocumentFile]:
    """Return the files of a document with a source in all formats, made or waiting."""
    wanted = select(DocumentFile).where(
        DocumentFile.document_id == document_id, DocumentFile.source_hash == source_hash
    )
    return db.session.scalars(wanted.execution_options(populate_existing=True)).all()


def remove_outdated(document_id: int, source_hash: str) -> None:
    """Delete the files of a document that are not kept and are of another source."""
    db.session.execute(
        delete(DocumentFile).where(
            DocumentFile.document_id == document_id,
            DocumentFile.is_kept.is_(False),
            DocumentFile.source_hash != source_hash,
        )
    )


def has_claimable_file(now: dt.datetime) -> bool:
    """Return whether a file waits that no worker has."""
    return db.session.scalar(select(DocumentFile.id).where(_WAITING, _is_free(now)).limit(1)) is not None


def _is_free(now: dt.datetime) -> ColumnElement[bool]:
    return or_(DocumentFile.claim_ends_at.is_(None), DocumentFile.claim_ends_at <= now)


def claim_next_file(now: dt.datetime, until: dt.datetime) -> DocumentFile | None:
    """Claim the file that waits longest and that no other worker has, within the caller's transaction.

    Args:
        now: when (UTC).
        until: when another worker may claim it if this one has not ended.
    """
    wanted = select(DocumentFile).where(_WAITING, _is_free(now)).order_by(DocumentFile.id).limit(1)
    locked = wanted.with_for_update(skip_locked=True).options(undefer(DocumentFile.source))
    row = db.session.scalar(locked.execution_options(populate_existing=True))
    if row is not None:
        row.claim_ends_at, row.tries = until, row.tries + 1
    return row


def lock_file(file_id: int) -> DocumentFile | None:
    """Lock a waiting file; None when it is made or was deleted."""
    wanted = select(DocumentFile).where(DocumentFile.id == file_id, _WAITING)
    return db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
