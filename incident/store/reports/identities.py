"""Sealed fields of reporters' contacts, and who has handled a report."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.reports.identity import identity_of
from incident.store.db.database import Base, db
from incident.store.journal.journal import token_creator


class ReportIdentity(Base):
    """One sealed field of the reporter's contact.

    `report_uuid` is random and one for all fields of a report: what is sealed is bound to it. `custodian_set` is the
    set whose members hold the shares of a protected field, None of one that is sealed to the key of the instance.
    """

    __tablename__ = "report_identities"
    __table_args__ = (UniqueConstraint("report_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    report_uuid: Mapped[str] = mapped_column(String(36))
    field: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[dt.datetime]
    custodian_set: Mapped[int | None] = mapped_column(index=True)


class ReportHandler(Base):
    """A person or program that has worked on a report, as `person:3`."""

    __tablename__ = "report_handlers"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    handler: Mapped[str] = mapped_column(String(100), primary_key=True)


def identities_of(report_id: int) -> Sequence[ReportIdentity]:
    """Return the sealed fields of a report, in the order in which they were given."""
    wanted = select(ReportIdentity).where(ReportIdentity.report_id == report_id)
    return db.session.scalars(wanted.order_by(ReportIdentity.id)).all()


def handlers_of(report_id: int) -> frozenset[str]:
    """Return who has worked on a report."""
    return frozenset(db.session.scalars(select(ReportHandler.handler).where(ReportHandler.report_id == report_id)))


def people_of_actor(identity: str) -> frozenset[str]:
    """Return an identity, and for a program the person who created its token: both count as one."""
    kind, _, number = identity.partition(":")
    creator = token_creator(int(number)) if kind == "token" and number.isdigit() else None
    return frozenset({identity} if creator is None else {identity, identity_of(creator)})


def people_handling(report_id: int) -> frozenset[str]:
    """Return who has worked on a report, with the people behind programs."""
    return frozenset().union(*map(people_of_actor, handlers_of(report_id)))


def note_handler(report_id: int, handler: str) -> None:
    """Record within the caller's transaction that somebody has worked on a report."""
    if db.session.get(ReportHandler, (report_id, handler)) is None:
        db.session.add(ReportHandler(report_id=report_id, handler=handler))
        db.session.flush()
