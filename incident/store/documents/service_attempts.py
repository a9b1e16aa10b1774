"""Service of documents: every attempt, also those that failed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.documents.ways_of_service import ServiceWay
from incident.store.db.database import Base, db

OWED: Final = text("due_at IS NOT NULL AND answered_at IS NULL")
"""Services that started a term in which nobody has answered; a literal, as the condition of its partial index."""


class DocumentService(Base):
    """An attempt to serve a document on a party, `recipient`; `reason` says why it was left there, or not served.

    `evidence` lists `{id, name, sha256}`. `due_at` is when the term ends that the service started, and `answered_at`
    when the party answered. `receipt_id` is the proof of service that was drafted from it.
    """

    __tablename__ = "document_services"
    __table_args__ = (
        CheckConstraint("way IN ('channel', 'in_person', 'left', 'post', 'publication', 'electronic')", name="way"),
        Index("ix_document_services_document_id_id", "document_id", "id"),
        Index("ix_document_services_owed", "due_at", "id", sqlite_where=OWED, postgresql_where=OWED),
        Index("ix_document_services_served_at_id", "served_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    way: Mapped[ServiceWay] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(300))
    served_at: Mapped[dt.datetime]
    is_served: Mapped[bool]
    place: Mapped[str | None] = mapped_column(String(300))
    proxy: Mapped[str | None] = mapped_column(String(300))
    witness: Mapped[str | None] = mapped_column(String(300))
    reason: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[str | None] = mapped_column(String(500))
    evidence: Mapped[list[Any]]
    term_days: Mapped[int | None]
    due_at: Mapped[dt.datetime | None]
    answered_at: Mapped[dt.datetime | None]
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    recorded_by: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[dt.datetime]


def services_of(document_id: int) -> Sequence[DocumentService]:
    """Return the attempts to serve a document, in the order in which they were recorded."""
    wanted = select(DocumentService).where(DocumentService.document_id == document_id)
    return db.session.scalars(wanted.order_by(DocumentService.id)).all()
