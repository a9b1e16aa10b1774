"""Approvals: one row for each person who has approved one content of one thing."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class Approval(Base):
    """One approval.

    `kind` and `identifier` name the approved object, such as `playbook` and its CACAO id; `content_hash` pins the
    content that the person has read. `approver` is the identity that they count as (`core.operations.approval`),
    `approved_by` the actor.
    """

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("kind", "identifier", "content_hash", "approver"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    identifier: Mapped[str] = mapped_column(String(100))
    content_hash: Mapped[str] = mapped_column(String(64))
    approver: Mapped[str] = mapped_column(String(100))
    approved_by: Mapped[str] = mapped_column(String(300))
    approved_at: Mapped[dt.datetime]


def list_approvals(kind: str, identifier: str, content_hash: str) -> Sequence[Approval]:
    """Return the approvals of one content, oldest first."""
    wanted = select(Approval).where(
        Approval.kind == kind, Approval.identifier == identifier, Approval.content_hash == content_hash
    )
    return db.session.scalars(wanted.order_by(Approval.id)).all()
