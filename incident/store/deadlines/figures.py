"""Figures of rule sets and regimes that administrators have confirmed against their source."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class FigureConfirmation(Base):
    """The confirmation of one figure.

    `source` and `cell` name it, `figure_hash` is the SHA-256 of what it says and `content_hash` that of the version of
    the whole rule set or regime. `read_in` says in which text it was read.
    """

    __tablename__ = "figure_confirmations"
    __table_args__ = (UniqueConstraint("figure_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    cell: Mapped[str] = mapped_column(String(60))
    figure_hash: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    read_in: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[dt.datetime]
    confirmed_by: Mapped[str] = mapped_column(String(300))


def figure_confirmations() -> Sequence[FigureConfirmation]:
    """Return the confirmations, oldest first."""
    return db.session.scalars(select(FigureConfirmation).order_by(FigureConfirmation.id)).all()


def confirmation_of(figure_hash: str) -> FigureConfirmation | None:
    """Return the confirmation of a figure by its SHA-256."""
    return db.session.scalar(select(FigureConfirmation).where(FigureConfirmation.figure_hash == figure_hash))


def confirmed_hashes() -> frozenset[str]:
    """Return the SHA-256 of every figure that was confirmed."""
    return frozenset(db.session.scalars(select(FigureConfirmation.figure_hash)))
