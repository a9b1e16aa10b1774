"""Incoming papers, who reads them, and the documents that answer them."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.documents.incoming import PaperKind, PaperState
from incident.core.documents.markings import Marking
from incident.store.db.database import Base, db
from incident.store.documents.documents import OfficialDocument
from incident.store.incidents.incidents import Incident, lock_incident

OPEN: Final = text("incoming_papers.state = 'open'")
UNREAD: Final = text("read_at IS NULL")
UNDECIDED: Final = text("state = 'open' AND proposal IS NOT NULL AND instruction IS NULL")
"""Literals, not parameters: a partial index serves only queries that contain its condition."""


class IncomingPaper(Base):
    """A paper that came in about an incident; `number` is that of the register, `sender_number` that of its sender.

    `proposal` is how somebody proposes to handle it, `instruction` what a leader decided, `department_id` the
    department that either of them gives it to. `evidence_id` is the scan.
    `answers_id` is the document of ours that it answers. `registrar` is the identity of who registered it, `person:3`.
    """

    __tablename__ = "incoming_papers"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done')", name="state"),
        CheckConstraint("marking IN ('none', 'internal', 'work_secret')", name="marking"),
        UniqueConstraint("is_drill", "number"),
        Index("ix_incoming_papers_incident_id_id", "incident_id", "id"),
        Index("ix_incoming_papers_open", "due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_incoming_papers_undecided", "id", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    number: Mapped[str] = mapped_column(String(120))
    kind: Mapped[PaperKind] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(300))
    sender: Mapped[str] = mapped_column(String(300))
    sender_number: Mapped[str | None] = mapped_column(String(120))
    marking: Mapped[Marking] = mapped_column(String(20))
    urgency: Mapped[str] = mapped_column(String(20))
    is_drill: Mapped[bool]
    received_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None]
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    proposal: Mapped[str | None] = mapped_column(Text)
    proposed_by: Mapped[str | None] = mapped_column(String(300))
    proposed_at: Mapped[dt.datetime | None]
    instruction: Mapped[str | None] = mapped_column(Text)
    instructed_by: Mapped[str | None] = mapped_column(String(300))
    instructed_at: Mapped[dt.datetime | None]
    state: Mapped[PaperState] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(Text)
    done_by: Mapped[str | None] = mapped_column(String(300))
    done_at: Mapped[dt.datetime | None]
    registrar: Mapped[str] = mapped_column(String(100))
    registered_by: Mapped[str] = mapped_column(String(300))
    registered_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


class PaperReader(Base):
    """A person who was asked to read a paper; `read_at` is when they did."""

    __tablename__ = "paper_readers"
    __table_args__ = (
        Index("ix_paper_readers_unread", "person_id", "paper_id", sqlite_where=UNREAD, postgresql_where=UNREAD),
    )

    paper_id: Mapped[int] = mapped_column(ForeignKey("incoming_papers.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]


class PaperAnswer(Base):
    """A document of ours that answers an incoming paper."""

    __tablename__ = "paper_answers"

    paper_id: Mapped[int] = mapped_column(ForeignKey("incoming_papers.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True, index=True)


def lock_paper(paper_id: int) -> tuple[IncomingPaper, Incident] | None:
    """Lock the incident of a paper and then the paper, until the transaction ends."""
    row = db.session.get(IncomingPaper, paper_id, populate_existing=True)
    if row is None:
        return None
    incident = lock_incident(row.incident_id)
    return db.session.get_one(IncomingPaper, paper_id, with_for_update=True, populate_existing=True), incident


def readers_of(paper_id: int) -> Sequence[PaperReader]:
    """Return who was asked to read a paper, in the order in which they were asked."""
    wanted = select(PaperReader).where(PaperReader.paper_id == paper_id)
    return db.session.scalars(wanted.order_by(PaperReader.asked_at, PaperReader.person_id)).all()


def answers_to(paper_id: int) -> Sequence[OfficialDocument]:
    """Return the documents of ours that answer a paper, the oldest first."""
    linked = select(PaperAnswer.document_id).where(PaperAnswer.paper_id == paper_id)
    return db.session.scalars(
        select(OfficialDocument).where(OfficialDocument.id.in_(linked)).order_by(OfficialDocument.id)
    ).all()


def papers_answering(document_id: int) -> Sequence[IncomingPaper]:
    """Return the incoming papers that answer a document, the oldest first."""
    wanted = select(IncomingPaper).where(IncomingPaper.answers_id == document_id)
    return db.session.scalars(wanted.order_by(IncomingPaper.id)).all()


def papers_answered_by(document_id: int) -> Sequence[IncomingPaper]:
    """Return the incoming papers that a document answers, the oldest first."""
    linked = select(PaperAnswer.paper_id).where(PaperAnswer.document_id == document_id)
    return db.session.scalars(
        select(IncomingPaper).where(IncomingPaper.id.in_(linked)).order_by(IncomingPaper.id)
    ).all()
