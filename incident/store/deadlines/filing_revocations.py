"""Revocations of filings that were recorded by mistake."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.approvals import TwoPersonRecord, waiting_index
from incident.store.db.database import Base, db


class FilingRevocation(TwoPersonRecord, Base):
    """A decision of two people that a filing was recorded by mistake.

    `regime`, `stage`, `filed_at` and `recipient` are those of the filing, for the second person.
    """

    __tablename__ = "filing_revocations"
    __table_args__ = (
        Index("ix_filing_revocations_incident_id_id", "incident_id", "id"),
        waiting_index("filing_revocations"),
    )

    filing_id: Mapped[int] = mapped_column(ForeignKey("filings.id"), index=True)
    regime: Mapped[str] = mapped_column(String(60))
    stage: Mapped[str] = mapped_column(String(60))
    filed_at: Mapped[dt.datetime]
    recipient: Mapped[str] = mapped_column(String(300))

    @property
    def approval_kind(self) -> str:
        """The kind of its approvals."""
        return "filing_revocation"


def revocations_on(incident_id: int) -> Sequence[FilingRevocation]:
    """Return the revocations of filings on an incident, in the order in which they were proposed."""
    wanted = select(FilingRevocation).where(FilingRevocation.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(FilingRevocation.id)).all()


def revocations_of(filing_ids: Sequence[int]) -> Sequence[FilingRevocation]:
    """Return the revocations of some filings, in the order in which they were proposed."""
    if not filing_ids:
        return ()
    wanted = select(FilingRevocation).where(FilingRevocation.filing_id.in_(filing_ids))
    return db.session.scalars(wanted.order_by(FilingRevocation.id)).all()
