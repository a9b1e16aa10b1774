"""The trusted signers of playbooks."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Index, String, Text, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.cacao.signing.signature import read_key
from incident.core.cacao.signing.trust import Signer
from incident.store.db.database import Base, db

_LIVE = text("revoked_at IS NULL")


class TrustedSigner(Base):
    """A signer whom an administrator trusts: a key and its validity period; `kind` is that of the key."""

    __tablename__ = "signers"
    __table_args__ = (
        Index("ix_signers_fingerprint", "fingerprint", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    public_key: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    begins_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    added_at: Mapped[dt.datetime]
    added_by: Mapped[str] = mapped_column(String(300))
    revoked_at: Mapped[dt.datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(300))

    def as_signer(self) -> Signer:
        """Return it as a value of the rules."""
        return Signer(self.name, read_key(self.public_key), self.begins_at, self.ends_at, self.revoked_at)


def list_signers(after: int | None = None, limit: int | None = None) -> Sequence[TrustedSigner]:
    """Return all signers ever trusted, in the order of addition, after the last one of the previous page."""
    query = select(TrustedSigner).order_by(TrustedSigner.id).limit(limit)
    return db.session.scalars(query if after is None else query.where(TrustedSigner.id > after)).all()


def live_signer_of(fingerprint: str) -> TrustedSigner | None:
    """Return the signer with a key whose trust was not revoked."""
    wanted = select(TrustedSigner).where(TrustedSigner.fingerprint == fingerprint, TrustedSigner.revoked_at.is_(None))
    return db.session.scalar(wanted)
