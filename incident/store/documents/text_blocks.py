"""Text blocks: short passages of words that people put into fields of documents."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class TextBlock(Base):
    """A passage of words with the title by which it is chosen."""

    __tablename__ = "text_blocks"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100), unique=True)
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[str] = mapped_column(String(300))


def all_text_blocks() -> Sequence[TextBlock]:
    """Return the text blocks by title."""
    return db.session.scalars(select(TextBlock).order_by(TextBlock.title, TextBlock.id)).all()
