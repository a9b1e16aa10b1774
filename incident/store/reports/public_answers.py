"""Answers to requests of the public, kept for their repetition."""

import datetime as dt

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class PublicAnswer(Base):
    """The first answer to a key of the public, sealed under a key that only its sender has.

    `key_digest` finds it; `request_mark` is a keyed digest of the request.
    """

    __tablename__ = "public_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    request_mark: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[dt.datetime] = mapped_column(index=True)


def public_answer(key_digest: str) -> PublicAnswer | None:
    """Return the answer that is kept for a key, None when there is none."""
    return db.session.scalar(select(PublicAnswer).where(PublicAnswer.key_digest == key_digest))


def forget_answers(stored_before: dt.datetime) -> None:
    """Delete the answers that were kept before a moment."""
    db.session.execute(delete(PublicAnswer).where(PublicAnswer.stored_at < stored_before))
