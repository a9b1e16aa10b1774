"""Certificates of notice that were issued within the hour, so that each is signed and recorded once."""

import datetime as dt
from typing import Any

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class IssuedCertificate(Base):
    """A signed certificate; `digest` covers its content except its time of issue and its receiver."""

    __tablename__ = "issued_certificates"

    incident: Mapped[str] = mapped_column(String(24), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[dict[str, Any]]
    issued_at: Mapped[dt.datetime] = mapped_column(index=True)


def issued_certificate(incident: str, digest: str, since: dt.datetime, now: dt.datetime) -> dict[str, Any] | None:
    """Return the recent certificate of this content.

    Args:
        incident: the number of the incident.
        digest: SHA-256 of the content, in hexadecimal.
        since: certificates issued then or earlier do not count (UTC).
        now: neither do certificates from later than this, issued before the clock was set back (UTC).
    """
    found = db.session.get(IssuedCertificate, (incident, digest), populate_existing=True)
    return found.document if found and since < found.issued_at <= now else None


def keep_certificate(incident: str, digest: str, document: dict[str, Any], now: dt.datetime) -> None:
    """Store a certificate, replacing an older one of the same content."""
    db.session.merge(IssuedCertificate(incident=incident, digest=digest, document=document, issued_at=now))


def forget_certificates(before: dt.datetime) -> None:
    """Delete certificates issued then or earlier (UTC)."""
    db.session.execute(delete(IssuedCertificate).where(IssuedCertificate.issued_at <= before))
