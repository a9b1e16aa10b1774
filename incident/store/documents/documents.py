"""Official documents, their sign-offs, and the versions of their kinds."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.documents.flow import DocumentState
from incident.store.db.database import Base, db
from incident.store.incidents.incidents import Incident, lock_incident

WAITING: Final = text("state IN ('in_review', 'in_legal_review', 'in_countersign', 'to_sign', 'signed')")
"""Documents that wait for somebody; a literal, as a partial index serves only queries that contain its condition."""

STANDS: Final = text("voided_at IS NULL")
UNSERVED: Final = text("unserved_at IS NOT NULL")


class OfficialDocument(Base):
    """An official document about an incident.

    `facts` are the bound values as they were at `cut_off_at`, `words` what people wrote, `countersigners` the codes of
    departments. `content_hash` is the SHA-256 of the content in its canonical form, `kind_hash` that of the version of
    the kind. `series`, `number_year`, `count` and `number` are None until the signature. `unserved_at` is when it
    was sealed, or could not be served, and is None for one that is served or need not be.
    """

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'in_review', 'in_legal_review', 'in_countersign', 'to_sign', 'signed', 'sealed', "
            "'served', 'archived', 'void')",
            name="state",
        ),
        CheckConstraint("marking IN ('none', 'internal', 'work_secret')", name="marking"),
        UniqueConstraint("series", "is_drill", "number"),
        Index("ix_documents_incident_id_id", "incident_id", "id"),
        Index("ix_documents_state_id", "state", "id"),
        Index("ix_documents_kind_id", "kind", "id"),
        Index("ix_documents_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_documents_unserved", "unserved_at", "id", sqlite_where=UNSERVED, postgresql_where=UNSERVED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    kind: Mapped[str] = mapped_column(String(60))
    kind_hash: Mapped[str] = mapped_column(ForeignKey("document_kind_versions.content_hash"))
    state: Mapped[DocumentState] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    marking: Mapped[str] = mapped_column(String(20))
    urgency: Mapped[str] = mapped_column(String(20))
    is_drill: Mapped[bool]
    cut_off_at: Mapped[dt.datetime]
    facts: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any]]
    countersigners: Mapped[list[Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    series: Mapped[str | None] = mapped_column(String(20))
    number_year: Mapped[int | None]
    count: Mapped[int | None]
    number: Mapped[str | None] = mapped_column(String(120), index=True)
    drafter: Mapped[str] = mapped_column(String(100))
    drafted_by: Mapped[str] = mapped_column(String(300))
    drafted_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    signed_at: Mapped[dt.datetime | None]
    unserved_at: Mapped[dt.datetime | None]
    return_reason: Mapped[str | None] = mapped_column(Text)
    voided_at: Mapped[dt.datetime | None]
    voided_by: Mapped[str | None] = mapped_column(String(300))
    void_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def values(self) -> dict[str, str]:
        """The values of its fields, bound ones and words, by key."""
        return {**self.words, **self.facts}


class DocumentSignOff(Base):
    """A person's sign-off of one content of a document; of step `draft`, that they wrote it or changed it.

    `signer` is the identity that they count as, such as `person:3`; `voided_at` is when a change or a return voided it.
    """

    __tablename__ = "document_sign_offs"
    __table_args__ = (
        CheckConstraint("step IN ('draft', 'review', 'legal_review', 'countersign', 'sign', 'seal')", name="step"),
        Index("ix_document_sign_offs_document_id_id", "document_id", "id"),
        Index(
            "ix_document_sign_offs_signer",
            "document_id",
            "signer",
            "step",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    step: Mapped[str] = mapped_column(String(20))
    department: Mapped[str | None] = mapped_column(String(64))
    signer: Mapped[str] = mapped_column(String(100))
    signed_by: Mapped[str] = mapped_column(String(300))
    signed_at: Mapped[dt.datetime]
    content_hash: Mapped[str] = mapped_column(String(64))
    voided_at: Mapped[dt.datetime | None]


class DocumentKindVersion(Base):
    """The data of a kind as it was when a document of it was drafted; `content_hash` is its SHA-256."""

    __tablename__ = "document_kind_versions"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    content: Mapped[str] = mapped_column(Text)


def lock_document(document_id: int) -> tuple[OfficialDocument, Incident] | None:
    """Lock the incident of a document and then the document, until the transaction ends."""
    row = db.session.get(OfficialDocument, document_id, populate_existing=True)
    if row is None:
        return None
    incident = lock_incident(row.incident_id)
    return db.session.get_one(OfficialDocument, document_id, with_for_update=True, populate_existing=True), incident


def documents_of(incident_id: int) -> Sequence[OfficialDocument]:
    """Return the documents of an incident, the newest first."""
    wanted = select(OfficialDocument).where(OfficialDocument.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(OfficialDocument.id.desc())).all()


def sign_offs_of(document_id: int) -> Sequence[DocumentSignOff]:
    """Return the sign-offs of a document, also those that were voided, the oldest first."""
    wanted = select(DocumentSignOff).where(DocumentSignOff.document_id == document_id)
    return db.session.scalars(wanted.order_by(DocumentSignOff.id)).all()


def sign_offs_of_each(document_ids: Collection[int]) -> Mapping[int, Sequence[DocumentSignOff]]:
    """Return the sign-offs of some documents by their ids, as `sign_offs_of` does, with one query."""
    wanted = select(DocumentSignOff).where(DocumentSignOff.document_id.in_(list(document_ids)))
    found: dict[int, list[DocumentSignOff]] = {one: [] for one in document_ids}
    for row in db.session.scalars(wanted.order_by(DocumentSignOff.id)) if document_ids else ():
        found[row.document_id].append(row)
    return found


def kind_version(content_hash: str) -> DocumentKindVersion | None:
    """Return a stored version of a kind."""
    return db.session.get(DocumentKindVersion, content_hash)


def is_number_taken(series: str, number: str, *, is_drill: bool) -> bool:
    """Return whether a document of a series has a number already, such as before its form was changed."""
    wanted = select(OfficialDocument.id).where(
        OfficialDocument.series == series, OfficialDocument.is_drill == is_drill, OfficialDocument.number == number
    )
    return db.session.scalar(wanted) is not None
