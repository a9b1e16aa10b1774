"""Custodians, the sets that they form, and their shares of the keys of protected fields."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, false, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db
from incident.store.reports.identities import ReportIdentity


class Custodian(Base):
    """A person with a key pair that holds shares; a new key is a new row.

    `sealed_private_key` is the private half under the custodian's own passphrase. `tested_at` is when they last opened
    a test seal, `is_away` whether they are on leave.
    """

    __tablename__ = "custodians"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_private_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime]
    tested_at: Mapped[dt.datetime | None]
    is_away: Mapped[bool] = mapped_column(default=False, server_default=false())
    ended_at: Mapped[dt.datetime | None]


class CustodianSet(Base):
    """Custodians of whom `threshold` open a field; proposed until `begun_at`, the current one until `ended_at`."""

    __tablename__ = "custodian_sets"

    id: Mapped[int] = mapped_column(primary_key=True)
    threshold: Mapped[int]
    proposed_at: Mapped[dt.datetime]
    proposed_by: Mapped[str] = mapped_column(String(300))
    begun_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]


class CustodianSetMember(Base):
    """A custodian of a set, and the index of the shares."""

    __tablename__ = "custodian_set_members"
    __table_args__ = (UniqueConstraint("set_id", "custodian_id"),)

    set_id: Mapped[int] = mapped_column(ForeignKey("custodian_sets.id"), primary_key=True)
    share_index: Mapped[int] = mapped_column(primary_key=True)
    custodian_id: Mapped[int] = mapped_column(ForeignKey("custodians.id"))


class IdentityShare(Base):
    """The share of one custodian of the key of one field, in a box for that custodian.

    `mark` is the SHA-256 of the share, which is random: with it a share that was made up is recognized.
    """

    __tablename__ = "identity_shares"
    __table_args__ = (UniqueConstraint("identity_id", "share_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("report_identities.id"))
    share_index: Mapped[int]
    box: Mapped[bytes] = mapped_column(LargeBinary)
    mark: Mapped[str] = mapped_column(String(64))


def current_set() -> CustodianSet | None:
    """Return the set for which protected fields are sealed, None before the ceremony."""
    wanted = select(CustodianSet).where(CustodianSet.begun_at.is_not(None), CustodianSet.ended_at.is_(None))
    return db.session.scalar(wanted.order_by(CustodianSet.id.desc()).limit(1))


def newest_set() -> CustodianSet | None:
    """Return the set that was proposed last, whether or not it has begun."""
    return db.session.scalar(select(CustodianSet).order_by(CustodianSet.id.desc()).limit(1))


def members_of_set(set_id: int) -> Sequence[tuple[int, Custodian]]:
    """Return the custodians of a set with the index of their shares, in that order."""
    wanted = select(CustodianSetMember.share_index, Custodian).join(
        Custodian, Custodian.id == CustodianSetMember.custodian_id
    )
    found = db.session.execute(
        wanted.where(CustodianSetMember.set_id == set_id).order_by(CustodianSetMember.share_index)
    )
    return [(index, custodian) for index, custodian in found]


def live_custodians() -> Sequence[Custodian]:
    """Return the custodians whose key has not ended, the oldest first."""
    return db.session.scalars(select(Custodian).where(Custodian.ended_at.is_(None)).order_by(Custodian.id)).all()


def custodian_of_person(person_id: int) -> Custodian | None:
    """Return the newest live key of a person, None when they have none."""
    wanted = select(Custodian).where(Custodian.person_id == person_id, Custodian.ended_at.is_(None))
    return db.session.scalar(wanted.order_by(Custodian.id.desc()).limit(1))


def shares_of_identity(identity_id: int) -> Sequence[IdentityShare]:
    """Return the shares of a field's key, by index."""
    wanted = select(IdentityShare).where(IdentityShare.identity_id == identity_id)
    return db.session.scalars(wanted.order_by(IdentityShare.share_index)).all()


def identities_of_older_sets(current: int, limit: int) -> Sequence[ReportIdentity]:
    """Return protected fields whose shares belong to another set than the current one."""
    wanted = select(ReportIdentity).where(ReportIdentity.custodian_set != current)
    return db.session.scalars(wanted.order_by(ReportIdentity.id).limit(limit)).all()


def count_of_older_sets(current: int) -> int:
    """Count the protected fields whose shares belong to another set than the current one."""
    wanted = select(func.count()).select_from(ReportIdentity).where(ReportIdentity.custodian_set != current)
    return db.session.scalar(wanted) or 0


def count_overdue_custodians(tested_before: dt.datetime) -> int:
    """Count the custodians of the present set who have opened no test seal since a moment."""
    wanted = (
        select(func.count())
        .select_from(Custodian)
        .join(CustodianSetMember, CustodianSetMember.custodian_id == Custodian.id)
        .join(CustodianSet, CustodianSet.id == CustodianSetMember.set_id)
    )
    is_present = CustodianSet.begun_at.is_not(None), CustodianSet.ended_at.is_(None)
    return db.session.scalar(wanted.where(*is_present, Custodian.tested_at < tested_before)) or 0
