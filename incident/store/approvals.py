"""Approvals, one row for each person and content, and the states of records that may need two people."""

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, literal_column, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.operations.approval import APPROVAL_LIFETIME, has_expired
from incident.store.db.database import Base, db

IN_FORCE: Final = "in_force"
AWAITING: Final = "awaiting_second"
OUTDATED: Final = "outdated"
DECLINED: Final = "declined"
STANDING: Final = (IN_FORCE, AWAITING)
APPROVAL_STATES: Final = (IN_FORCE, AWAITING, OUTDATED, DECLINED)


class Approval(Base):
    """One approval.

    `kind` and `identifier` name the approved object, such as `playbook` and its CACAO id; `content_hash` pins the
    content that the person has read. `approver` is the identity that they count as (`core.operations.approval`),
    `approved_by` the actor.
    """

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("kind", "identifier", "content_hash", "approver"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    identifier: Mapped[str] = mapped_column(String(100))
    content_hash: Mapped[str] = mapped_column(String(64))
    approver: Mapped[str] = mapped_column(String(100))
    approved_by: Mapped[str] = mapped_column(String(300))
    approved_at: Mapped[dt.datetime]


class TwoPersonRecord:
    """A record about an incident that takes effect by one person or waits for a second one.

    `state` is `in_force`, `awaiting_second`, `outdated`: replaced by another record, or by what has changed since, or
    `declined` by a second person, who says why in `decline_reason`.
    `content_hash` is the SHA-256 of what was proposed; `proposed_by` and `proposed_at` are the first person and their
    time, `approval_kind` the kind of its approvals.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[dt.datetime]
    proposed_by: Mapped[str] = mapped_column(String(300))
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(300))
    declined_at: Mapped[dt.datetime | None]
    declined_by: Mapped[str | None] = mapped_column(String(300))
    decline_reason: Mapped[str | None] = mapped_column(Text)

    @property
    @abstractmethod
    def approval_kind(self) -> str:
        """The kind of its approvals."""

    @property
    def expires_at(self) -> dt.datetime:
        """When it waits no longer (UTC)."""
        return self.proposed_at + APPROVAL_LIFETIME

    def state_at(self, now: dt.datetime) -> str:
        """Return its state at a moment (UTC): what has waited too long is outdated before anybody touches it."""
        return OUTDATED if self.is_expired_at(now) else self.state

    def is_expired_at(self, now: dt.datetime) -> bool:
        """Return whether it has waited too long for a second person."""
        return self.state == AWAITING and has_expired(self.proposed_at, now)


def waiting_index(table: str) -> Index:
    """Return the index of the records of a table that wait for a second person."""
    waiting = text(f"state = '{AWAITING}'")
    return Index(f"ix_{table}_waiting", "id", sqlite_where=waiting, postgresql_where=waiting)


def is_waiting_since(
    model: type[TwoPersonRecord], since: dt.datetime | ColumnElement[dt.datetime]
) -> ColumnElement[bool]:
    """Return the condition on records that wait for a second person, proposed after a moment (UTC) or a parameter.

    The state is a literal, not a parameter: a partial index serves only queries that contain its condition.
    """
    waits: ColumnElement[bool] = model.state == literal_column(f"'{AWAITING}'")
    return waits & (model.proposed_at > since)


def outdate(rows: Iterable[TwoPersonRecord], *states: str) -> list[TwoPersonRecord]:
    """Set those rows that have one of some states (by default: that wait) to outdated, and return them."""
    found = [one for one in rows if one.state in (states or (AWAITING,))]
    for one in found:
        one.state = OUTDATED
    return found


def list_approvals(kind: str, identifier: str, content_hash: str) -> Sequence[Approval]:
    """Return the approvals of one content, oldest first."""
    wanted = select(Approval).where(
        Approval.kind == kind, Approval.identifier == identifier, Approval.content_hash == content_hash
    )
    return db.session.scalars(wanted.order_by(Approval.id)).all()
