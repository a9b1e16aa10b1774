"""Tokens of programs."""

import datetime as dt
import hmac
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.values.access import Role
from incident.store.db.database import Base, db
from incident.store.db.prepared import fetch_one


class Token(Base):
    """The credential of a program; stored as SHA-256 of 256 random bits.

    One of a `source` is accepted only where alerts of that source are received.
    """

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    source: Mapped[str | None] = mapped_column(String(60), index=True)
    created_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]


_tokens = Base.metadata.tables[Token.__tablename__].c
_LIVE_TOKEN = select(
    _tokens.id, _tokens.name, _tokens.role, _tokens.department_id, _tokens.source, _tokens.token_hash
).where(_tokens.token_hash == bindparam("token_hash"), _tokens.revoked_at.is_(None))


class LiveToken(NamedTuple):
    """A token with the columns that authentication needs."""

    id: int
    name: str
    role: Role
    department_id: int | None
    source: str | None = None


def live_token(token_hash: str) -> LiveToken | None:
    """Return a token unless it was revoked; called on every request."""
    row = fetch_one(db.session.connection(), _LIVE_TOKEN, token_hash=token_hash)
    if row is None:
        return None
    *facts, stored = row
    return LiveToken(*facts) if hmac.compare_digest(stored, token_hash) else None


def tokens_of_source(source: str) -> Sequence[Token]:
    """Return the tokens of a source that were not revoked, the oldest first."""
    query = select(Token).where(Token.source == source, Token.revoked_at.is_(None)).order_by(Token.id)
    return db.session.scalars(query).all()


def list_tokens(after: int | None, limit: int) -> Sequence[Token]:
    """Return tokens, the newest first."""
    query = select(Token).order_by(Token.id.desc()).limit(limit)
    return db.session.scalars(query if after is None else query.where(Token.id < after)).all()


def all_tokens() -> Sequence[Token]:
    """Return the tokens, live ones first, newest first."""
    return db.session.scalars(select(Token).order_by(Token.revoked_at.is_(None).desc(), Token.id.desc())).all()
