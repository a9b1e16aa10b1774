"""The mailbox of a report: messages between the desk and the reporter."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db

SENDERS = ("desk", "reporter")
MESSAGE_KINDS = ("message", "addition", "objection", "withdrawal")


class ReportMessage(Base):
    """A message of a mailbox; `written_by` is the actor of the desk, None for the reporter.

    `sealed_text` is sealed by the key ring; an empty one is of a key that is lost.
    """

    __tablename__ = "report_messages"
    __table_args__ = (
        CheckConstraint("sender IN ('desk', 'reporter')", name="sender"),
        CheckConstraint("kind IN ('message', 'addition', 'objection', 'withdrawal')", name="kind"),
        Index("ix_report_messages_report_id_id", "report_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    sender: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12))
    sealed_text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[dt.datetime]
    written_by: Mapped[str | None] = mapped_column(String(300))


def count_messages(report_id: int, sender: str) -> int:
    """Count the messages of a report's mailbox that the desk or the reporter wrote."""
    wanted = select(func.count()).where(ReportMessage.report_id == report_id, ReportMessage.sender == sender)
    return db.session.scalar(wanted) or 0


def messages_of_report(report_id: int, now: dt.datetime) -> Sequence[ReportMessage]:
    """Return the messages of a report's mailbox, the oldest first; those of a later moment are not sent yet."""
    wanted = select(ReportMessage).where(ReportMessage.report_id == report_id, ReportMessage.sent_at <= now)
    return db.session.scalars(wanted.order_by(ReportMessage.sent_at, ReportMessage.id)).all()


def all_messages_of(report_id: int) -> Sequence[ReportMessage]:
    """Return every message of a report's mailbox, also those of a later moment."""
    return db.session.scalars(select(ReportMessage).where(ReportMessage.report_id == report_id)).all()
