"""Data of the instance as a whole: its settings, sealed secrets, scheduler heartbeats, stored responses."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db
from incident.store.db.read_once import read_once


class InstanceSetting(Base):
    """A setting that is stored with the data, such as `is_demonstration`."""

    __tablename__ = "instance_settings"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[dict[str, Any]]


class Secret(Base):
    """A secret that a playbook names by `kms_key_identifier`, sealed.

    `places` are the places where it may be used, as `core.secret_place` writes them; None, of a secret from before
    places existed, is nowhere. The seal covers it.
    """

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    set_at: Mapped[dt.datetime]
    places: Mapped[str | None] = mapped_column(Text)


class Heartbeat(Base):
    """The last tick of each scheduler process, its machine, and the offset of the machine's clock.

    `process` is made by `Node.process`; `off_by` is in seconds, positive when the machine's clock is ahead of the
    database's, and None where the machine's clock is authoritative.
    """

    __tablename__ = "heartbeats"

    process: Mapped[str] = mapped_column(String(100), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    host: Mapped[str | None] = mapped_column(String(255))
    off_by: Mapped[float | None] = mapped_column(Double)

    @property
    def node(self) -> str:
        """The name of the node."""
        return self.process.rpartition(":")[0]


class IdempotencyRecord(Base):
    """The first response to an `Idempotency-Key`, sealed, for 24 hours."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(255))
    request_hash: Mapped[str] = mapped_column(String(64))
    sealed_response: Mapped[str] = mapped_column(Text)
    stored_at: Mapped[dt.datetime] = mapped_column(index=True)


_SETTING = select(InstanceSetting.value).where(InstanceSetting.name == bindparam("name"))


def instance_setting(name: str) -> Any:
    """Return the value of an instance setting, None when it was never set."""
    return read_once(("instance setting", name), lambda: _setting(name))


def _setting(name: str) -> Any:
    row = db.session.connection().execute(_SETTING, {"name": name}).first()
    return None if row is None else row[0].get("value")


def settings_and_last_tick(names: Sequence[str], now: dt.datetime) -> tuple[Mapping[str, Any], dt.datetime | None]:
    """Return instance settings by name and when any scheduler ticked last, with one statement.

    Args:
        names: of the settings; those that were never set are left out.
        now: the moment (UTC).
    """
    last_tick = select(func.max(Heartbeat.at)).where(Heartbeat.at <= now + AHEAD).subquery()
    setting = select(InstanceSetting.name, InstanceSetting.value).where(InstanceSetting.name.in_(names)).subquery()
    wanted = select(last_tick.c[0], setting.c.name, setting.c.value).select_from(
        last_tick.outerjoin(setting, literal_column("1 = 1"))
    )
    found = db.session.execute(wanted).all()
    return {name: value.get("value") for _, name, value in found if name is not None}, found[0][0]


def put_instance_setting(name: str, value: object) -> None:
    """Set an instance setting."""
    db.session.merge(InstanceSetting(name=name, value={"value": value}))


AHEAD = dt.timedelta(seconds=10)
"""How far ahead a tick may be; a later one predates a change of the clock and is ignored."""


def last_tick_at(now: dt.datetime) -> dt.datetime | None:
    """Return when any scheduler ticked last.

    Args:
        now: the moment (UTC).
    """
    return db.session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.at <= now + AHEAD))


def beat(process: str, now: dt.datetime, host: str | None = None, off_by: float | None = None) -> None:
    """Record that a scheduler process is alive."""
    db.session.merge(Heartbeat(process=process, at=now, host=host, off_by=off_by))


def latest_beat(home: str | None) -> dt.datetime | None:
    """Return the latest tick of any scheduler.

    Args:
        home: of the processes of this home; None for those of all nodes that use the database's clock.
    """
    return db.session.scalar(select(func.max(Heartbeat.at)).where(_of(home)))


def forget_beats_after(home: str | None, moment: dt.datetime) -> None:
    """Delete the heartbeats in the future, of those that `latest_beat` reads."""
    db.session.execute(delete(Heartbeat).where(_of(home), Heartbeat.at > moment))


def _of(home: str | None) -> ColumnElement[bool]:
    return Heartbeat.off_by.is_not(None) if home is None else Heartbeat.process.startswith(f"{home}.")


def idempotency_record(owner: str, key: str) -> IdempotencyRecord | None:
    """Return the response stored for a key of one caller."""
    return db.session.scalar(
        select(IdempotencyRecord).where(IdempotencyRecord.owner == owner, IdempotencyRecord.key == key)
    )


def forget_before(moment: dt.datetime) -> None:
    """Delete responses and heartbeats that are older."""
    db.session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.stored_at < moment))
    db.session.execute(delete(Heartbeat).where(Heartbeat.at < moment))
