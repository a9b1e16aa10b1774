"""Devices of people that take notifications, and the key that signs what is sent to them."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incident.store.db.database import Base, db
from incident.store.directory.departments import Contact
from incident.store.directory.members import Member
from incident.store.directory.people import Person


class PushDevice(Base):
    """One browser in which a person has turned notifications on; messages to it go to its contact.

    `endpoint_hash` is SHA-256 of the address at the push service, by which a browser is recognized; `sealed_keys` are
    the keys of its subscription as JSON.
    """

    __tablename__ = "push_devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    endpoint_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_endpoint: Mapped[str] = mapped_column(String(4000))
    sealed_keys: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[dt.datetime]

    contact: Mapped[Contact] = relationship(lazy="joined", innerjoin=True)


class PushKey(Base):
    """The one key with which this instance signs for push services (RFC 8292)."""

    __tablename__ = "push_keys"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_key: Mapped[str] = mapped_column(String(100))
    sealed_private_key: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[dt.datetime]


def push_key() -> PushKey | None:
    """Return the key of this instance, None before the first device."""
    return db.session.get(PushKey, 1)


def devices_of(person_id: int) -> Sequence[PushDevice]:
    """Return the devices of a person, the oldest first."""
    return db.session.scalars(select(PushDevice).where(PushDevice.person_id == person_id).order_by(PushDevice.id)).all()


def all_devices() -> Sequence[PushDevice]:
    """Return every device."""
    return db.session.scalars(select(PushDevice).order_by(PushDevice.id)).all()


def device_by_hash(endpoint_hash: str) -> PushDevice | None:
    """Return the device with this hash of its address."""
    return db.session.scalar(select(PushDevice).where(PushDevice.endpoint_hash == endpoint_hash))


def device_of_contact(contact_id: int) -> PushDevice | None:
    """Return the device that a contact stands for."""
    return db.session.scalar(select(PushDevice).where(PushDevice.contact_id == contact_id))


def first_department(person_id: int) -> int | None:
    """Return a department of a person: where they are a member, else their own, else where they are a contact."""
    member = select(Member.department_id).where(Member.person_id == person_id)
    found = db.session.scalar(member.order_by(Member.department_id).limit(1))
    found = db.session.get_one(Person, person_id).department_id if found is None else found
    if found is not None:
        return found
    contact = select(Contact.department_id).where(Contact.person_id == person_id, Contact.switched_off_at.is_(None))
    return db.session.scalar(contact.order_by(Contact.id).limit(1))
