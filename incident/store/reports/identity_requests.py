"""Requests to open fields of an identity, their approvals, and the boxes that only the requester opens."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.reports.identity import RequestEnd
from incident.store.db.database import Base, db


class IdentityRequest(Base):
    """A request to open fields of the identity of one report.

    `requester` is who asked, as `person:3`, `requested_by` the actor. The boxes of the request are made for
    `public_key`; its private half is sealed under a secret that is not stored. It is deleted when the request expires.
    `opens_at` is None until enough people have approved. `legal_reason` with its document lets protected fields open at
    once; the reporter is notified at `reason_ends_at`. `ended_as` and `ended_at` are None unless it was
    refused or withdrawn.
    """

    __tablename__ = "identity_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    uuid: Mapped[str] = mapped_column(String(36))
    purpose: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[Any]]
    requester: Mapped[str] = mapped_column(String(100), index=True)
    requested_by: Mapped[str] = mapped_column(String(300))
    requested_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    opens_at: Mapped[dt.datetime | None]
    legal_reason: Mapped[str | None] = mapped_column(Text)
    legal_document: Mapped[str | None] = mapped_column(String(200))
    reason_ends_at: Mapped[dt.datetime | None]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_private_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    ended_as: Mapped[RequestEnd | None] = mapped_column(String(10))
    ended_at: Mapped[dt.datetime | None]


class IdentityApproval(Base):
    """One approval of a request; `approver` is a person, as `person:3`."""

    __tablename__ = "identity_approvals"
    __table_args__ = (UniqueConstraint("request_id", "approver"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("identity_requests.id"))
    approver: Mapped[str] = mapped_column(String(100))
    approved_by: Mapped[str] = mapped_column(String(300))
    approved_at: Mapped[dt.datetime]


class IdentityRefusal(Base):
    """One refusal of a request, and why; `refuser` is a person, as `person:3`."""

    __tablename__ = "identity_refusals"
    __table_args__ = (UniqueConstraint("request_id", "refuser"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("identity_requests.id"))
    refuser: Mapped[str] = mapped_column(String(100))
    refused_by: Mapped[str] = mapped_column(String(300))
    reason: Mapped[str] = mapped_column(Text)
    refused_at: Mapped[dt.datetime]


class IdentityBox(Base):
    """What an approval gave to the requester: a field, whose index is 0, or a custodian's share."""

    __tablename__ = "identity_boxes"
    __table_args__ = (UniqueConstraint("request_id", "field", "share_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("identity_requests.id"))
    field: Mapped[str] = mapped_column(String(20))
    share_index: Mapped[int]
    box: Mapped[bytes] = mapped_column(LargeBinary)


def lock_identity_request(request_id: int) -> IdentityRequest | None:
    """Lock a request for the transaction and return it as it is now; None when there is none."""
    wanted = select(IdentityRequest).where(IdentityRequest.id == request_id)
    return db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def approvals_of(request_id: int) -> Sequence[IdentityApproval]:
    """Return the approvals of a request, the oldest first."""
    wanted = select(IdentityApproval).where(IdentityApproval.request_id == request_id)
    return db.session.scalars(wanted.order_by(IdentityApproval.id)).all()


def refusals_of(request_id: int) -> Sequence[IdentityRefusal]:
    """Return the refusals of a request, the oldest first."""
    wanted = select(IdentityRefusal).where(IdentityRefusal.request_id == request_id)
    return db.session.scalars(wanted.order_by(IdentityRefusal.id)).all()


def boxes_of(request_id: int) -> Sequence[IdentityBox]:
    """Return the boxes of a request."""
    wanted = select(IdentityBox).where(IdentityBox.request_id == request_id)
    return db.session.scalars(wanted.order_by(IdentityBox.id)).all()


def live_requests(now: dt.datetime, requester: str | None, after: int | None, limit: int) -> Sequence[IdentityRequest]:
    """Return requests that have not expired, those that ended before their time as well, the newest first.

    Args:
        now: the moment (UTC).
        requester: only those of this person or program; None for all.
        after: the last id of the page before, None for the first page.
        limit: the largest number.
    """
    wanted = select(IdentityRequest).where(IdentityRequest.expires_at > now)
    if requester is not None:
        wanted = wanted.where(IdentityRequest.requester == requester)
    if after is not None:
        wanted = wanted.where(IdentityRequest.id < after)
    return db.session.scalars(wanted.order_by(IdentityRequest.id.desc()).limit(limit)).all()


def requests_of_report(report_id: int) -> Sequence[IdentityRequest]:
    """Return the requests for fields of a report, the newest first."""
    wanted = select(IdentityRequest).where(IdentityRequest.report_id == report_id)
    return db.session.scalars(wanted.order_by(IdentityRequest.id.desc())).all()


def end_requests_of(report_id: int, now: dt.datetime) -> None:
    """End the live requests of a report; their boxes and one-time keys are deleted."""
    alive = [one for one in requests_of_report(report_id) if one.expires_at > now and one.ended_as is None]
    for one in alive:
        one.expires_at = now
    db.session.flush()
    forget_boxes_of([one.id for one in alive])


def forget_boxes(now: dt.datetime) -> None:
    """Delete the boxes and the one-time keys of requests that have expired; the requests stay."""
    ended = select(IdentityRequest.id).where(
        IdentityRequest.expires_at <= now, IdentityRequest.sealed_private_key.is_not(None)
    )
    chosen = db.session.scalars(ended).all()
    if chosen:
        forget_boxes_of(chosen)


def forget_boxes_of(request_ids: Collection[int]) -> None:
    """Delete the boxes and the one-time keys of some requests: nobody opens them from then on."""
    db.session.execute(delete(IdentityBox).where(IdentityBox.request_id.in_(request_ids)))
    without_key = update(IdentityRequest).where(IdentityRequest.id.in_(request_ids))
    db.session.execute(without_key.values(sealed_private_key=None))
