"""Signing secrets of sources, and the signed messages that were received of late."""

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import JSON, String, Text, UniqueConstraint, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, table_of
from incident.store.db.prepared import fetch_one


class SourceSignature(Base):
    """How the sender of a source signs, and its secret, sealed; the former one is valid until `old_secret_ends_at`.

    `is_token_needed` says that a signature is added to a token and does not replace it.
    """

    __tablename__ = "source_signatures"

    source: Mapped[str] = mapped_column(String(60), primary_key=True)
    scheme: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_token_needed: Mapped[bool]
    sealed_secret: Mapped[str] = mapped_column(Text)
    old_sealed_secret: Mapped[str | None] = mapped_column(Text)
    old_secret_ends_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime]


class SignedMessage(Base):
    """A signed message that was received; the same one is refused as long as its time would be accepted."""

    __tablename__ = "signed_messages"
    __table_args__ = (UniqueConstraint("source", "message"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    message: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[dt.datetime] = mapped_column(index=True)


class UsedSignature(NamedTuple):
    """The columns of a source's signature that verification needs."""

    source: str
    scheme: dict[str, Any]
    is_token_needed: bool
    sealed_secret: str
    old_sealed_secret: str | None
    old_secret_ends_at: dt.datetime | None


_signatures = table_of(SourceSignature).c
_USED = select(*(_signatures[name] for name in UsedSignature._fields)).where(_signatures.source == bindparam("source"))
_messages = table_of(SignedMessage).c
_RECEIVED = select(_messages.id).where(
    _messages.source == bindparam("source"), _messages.message == bindparam("message")
)


def used_signature(source: str) -> UsedSignature | None:
    """Return how a source's requests are signed, None when they are not; called for each of its requests."""
    row = fetch_one(db.session.connection(), _USED, source=source)
    return None if row is None else UsedSignature(*row)


def source_signature(source: str) -> SourceSignature | None:
    """Return the signature of a source."""
    return db.session.get(SourceSignature, source)


def is_received(source: str, message: str) -> bool:
    """Whether a signed message of a source was received before."""
    return fetch_one(db.session.connection(), _RECEIVED, source=source, message=message) is not None


def forget_messages(before: dt.datetime) -> None:
    """Delete the messages whose time would be refused by now."""
    db.session.execute(delete(SignedMessage).where(SignedMessage.received_at < before))
