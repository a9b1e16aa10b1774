"""The series of the numbers of documents: how they are written, and how far each has come."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.documents.numbering import NumberSeries
from incident.store.db.database import Base, db, upsert


class DocumentSeries(Base):
    """How the numbers of a series are written; `version` is the same in all rows, and grows with each change."""

    __tablename__ = "document_series"

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    word: Mapped[str] = mapped_column(String(20))
    form: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[str] = mapped_column(String(300))


class DocumentCount(Base):
    """The last number taken of an issuer word, a series and a year; exercises have counts of their own."""

    __tablename__ = "document_counts"

    word: Mapped[str] = mapped_column(String(20), primary_key=True)
    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_drill: Mapped[bool] = mapped_column(primary_key=True)
    last: Mapped[int]


def all_series() -> Sequence[DocumentSeries]:
    """Return how the numbers of each series are written, by name."""
    return db.session.scalars(select(DocumentSeries).order_by(DocumentSeries.series)).all()


def series_called(name: str) -> NumberSeries | None:
    """Return how the numbers of a series are written; None before anybody has entered it."""
    row = db.session.get(DocumentSeries, name, populate_existing=True)
    return None if row is None else NumberSeries(row.series, row.word, row.form)


def take_count(word: str, series: str, year: int, *, is_drill: bool) -> int:
    """Return the next number, and keep its row locked until the transaction ends: one that fails leaves no gap.

    Args:
        word: the issuer word.
        series: the name of the series.
        year: the year in which the document is signed.
        is_drill: whether the document belongs to an exercise.
    """
    key = {"word": word, "series": series, "year": year, "is_drill": is_drill}
    db.session.execute(upsert(DocumentCount).values(**key, last=0).on_conflict_do_nothing())
    conditions = [getattr(DocumentCount, name) == value for name, value in key.items()]
    taken = update(DocumentCount).where(*conditions).values(last=DocumentCount.last + 1)
    return db.session.execute(taken.returning(DocumentCount.last)).scalar_one()
