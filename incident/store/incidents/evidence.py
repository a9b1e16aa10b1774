"""Files that are kept as evidence of incidents, and their sealed parts."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    and_,
    delete,
    func,
    inspect,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.incidents.evidence.custody import EvidenceState
from incident.core.incidents.evidence.scan import DETAIL_LIMIT, ScanResult
from incident.store.db.database import Base, db
from incident.store.incidents.incidents import Incident, lock_incident

_STORED: Final = text("state = 'stored'")
_UNSCANNED: Final = text("state = 'stored' AND scan IS NULL")
_UNFINISHED: Final = text("state IN ('receiving', 'discarded')")
"""Literals, not parameters: a partial index serves only queries that contain its condition."""


class Evidence(Base):
    """A file of an incident, from the beginning of its upload.

    `received` counts the bytes of the stored parts. `uploader` is the identity that continues the upload (`person:3`,
    `token:4`), `uploaded_by` the same as in the journal; `first_looker` is the person who has looked first, and whose
    second look does not release it. `sealed_key` is the key of this file, sealed; None once its parts may be deleted.
    `is_in_folder` says that the parts are files. `scan` is what a scanner said, None before; `scan_detail` names what
    it found, or why it could not look.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("state IN ('receiving', 'stored', 'removed', 'discarded')", name="state"),
        Index(
            "ix_evidence_content",
            "incident_id",
            "sha256",
            unique=True,
            sqlite_where=_STORED,
            postgresql_where=_STORED,
        ),
        Index("ix_evidence_unscanned", "id", sqlite_where=_UNSCANNED, postgresql_where=_UNSCANNED),
        Index("ix_evidence_unfinished", "id", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    received: Mapped[int]
    state: Mapped[EvidenceState] = mapped_column(String(10))
    media_type: Mapped[str | None] = mapped_column(String(100))
    sha256: Mapped[str | None] = mapped_column(String(64))
    sealed_key: Mapped[str | None] = mapped_column(Text)
    is_in_folder: Mapped[bool]
    uploader: Mapped[str] = mapped_column(String(100))
    uploaded_by: Mapped[str] = mapped_column(String(300))
    begun_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    stored_at: Mapped[dt.datetime | None]
    first_looker: Mapped[str | None] = mapped_column(String(100))
    released_at: Mapped[dt.datetime | None]
    released_by: Mapped[str | None] = mapped_column(String(300))
    removed_at: Mapped[dt.datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(300))
    removal_reason: Mapped[str | None] = mapped_column(Text)
    scan: Mapped[ScanResult | None] = mapped_column(String(10))
    scan_detail: Mapped[str | None] = mapped_column(String(DETAIL_LIMIT))
    scanned_at: Mapped[dt.datetime | None]


class EvidencePart(Base):
    """A part of a file: sealed, or None where it is in a folder; `sha256` is that of its content."""

    __tablename__ = "evidence_parts"

    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))


def evidence_of(incident_id: int) -> Sequence[Evidence]:
    """Return the files of an incident, also those removed from view, the oldest first."""
    wanted = select(Evidence).where(Evidence.incident_id == incident_id, Evidence.state.in_(("stored", "removed")))
    return db.session.scalars(wanted.order_by(Evidence.id)).all()


def evidence_seen_by(incident_id: int, uploader: str) -> Sequence[Evidence]:
    """Return the files of an incident and the unfinished uploads of a person or program to it, the oldest first."""
    wanted = select(Evidence).where(
        Evidence.incident_id == incident_id,
        or_(
            Evidence.state.in_(("stored", "removed")),
            and_(Evidence.state == "receiving", Evidence.uploader == uploader),
        ),
    )
    return db.session.scalars(wanted.order_by(Evidence.id)).all()


def open_evidence_of(incident_id: int) -> Sequence[Evidence]:
    """Return the files of an incident and its unfinished uploads, the oldest first."""
    wanted = select(Evidence).where(Evidence.incident_id == incident_id, Evidence.state != "discarded")
    return db.session.scalars(wanted.order_by(Evidence.id)).all()


def evidence_with_content(incident_id: int, sha256: str) -> Evidence | None:
    """Return the file of an incident with a content, unless it was removed from view."""
    return db.session.scalar(
        select(Evidence).where(_STORED, Evidence.incident_id == incident_id, Evidence.sha256 == sha256)
    )


def next_unscanned(after: int) -> Evidence | None:
    """Return the oldest stored file that was not scanned, of those that follow an id."""
    wanted = select(Evidence).where(_UNSCANNED, Evidence.id > after)
    return db.session.scalar(wanted.order_by(Evidence.id).limit(1))


def unfinished_of(incident_id: int, uploader: str) -> Sequence[Evidence]:
    """Return the unfinished uploads of a person or program to an incident, the oldest first."""
    wanted = select(Evidence).where(
        Evidence.incident_id == incident_id, Evidence.state == "receiving", Evidence.uploader == uploader
    )
    return db.session.scalars(wanted.order_by(Evidence.id)).all()


def lock_evidence(evidence_id: int) -> Evidence | None:
    """Return a file and lock its row until the transaction ends."""
    return db.session.get(Evidence, evidence_id, with_for_update=True, populate_existing=True)


def lock_evidence_on_incident(evidence_id: int) -> tuple[Evidence, Incident] | None:
    """Lock the incident of a file and then the file; a merge may move it meanwhile."""
    row = db.session.get(Evidence, evidence_id, populate_existing=True)
    while row is not None:
        incident = lock_incident(row.incident_id)
        row = lock_evidence(evidence_id)
        if row is not None and row.incident_id == incident.id:
            return row, incident
    return None


def part_content(evidence_id: int, place: int) -> bytes | None:
    """Return a sealed part; None when it is missing, or in a folder."""
    wanted = select(EvidencePart.content).where(EvidencePart.evidence_id == evidence_id, EvidencePart.place == place)
    return db.session.scalar(wanted)


def part_digests(evidence_id: int) -> Sequence[str]:
    """Return the SHA-256 of each part that has arrived, in order."""
    wanted = select(EvidencePart.sha256).where(EvidencePart.evidence_id == evidence_id)
    return db.session.scalars(wanted.order_by(EvidencePart.place)).all()


def abandoned_uploads(before: dt.datetime, limit: int) -> Sequence[int]:
    """Return the ids of uploads that have got no part since a moment."""
    wanted = select(Evidence.id).where(_UNFINISHED, Evidence.state == "receiving", Evidence.changed_at <= before)
    return db.session.scalars(wanted.order_by(Evidence.id).limit(limit)).all()


def discarded_uploads(repeated_before: dt.datetime, limit: int) -> Sequence[Evidence]:
    """Return uploads whose parts must be deleted; those of files that were there already only after a moment (UTC)."""
    is_due = or_(Evidence.sha256.is_(None), Evidence.changed_at <= repeated_before)
    wanted = select(Evidence).where(_UNFINISHED, Evidence.state == "discarded", is_due)
    return db.session.scalars(wanted.order_by(Evidence.id).limit(limit)).all()


def remove_some_parts(evidence_id: int, limit: int) -> int:
    """Delete some parts of a file, and its row after the last one; return how many parts were deleted."""
    places = db.session.scalars(
        select(EvidencePart.place).where(EvidencePart.evidence_id == evidence_id).limit(limit)
    ).all()
    if places:
        db.session.execute(
            delete(EvidencePart).where(EvidencePart.evidence_id == evidence_id, EvidencePart.place.in_(places))
        )
    else:
        db.session.execute(delete(Evidence).where(Evidence.id == evidence_id))
    return len(places)


def count_in_folder() -> int:
    """Count the files whose parts are in a folder; none before the migration that adds evidence."""
    if not inspect(db.session.connection()).has_table(Evidence.__tablename__):
        return 0
    wanted = select(func.count()).select_from(Evidence).where(Evidence.is_in_folder, Evidence.state != "discarded")
    return db.session.scalar(wanted) or 0
