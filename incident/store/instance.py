"""What the instance as a whole remembers: its own settings, sealed secrets, heartbeats of clocks, answers kept."""

import datetime as dt
from typing import Any

from sqlalchemy import String, Text, UniqueConstraint, bindparam, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.database import Base, db


class InstanceSetting(Base):
    """A setting that lives with the data, such as `is_demonstration`."""

    __tablename__ = "instance_settings"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[dict[str, Any]]


class Secret(Base):
    """A secret that a playbook names by `kms_key_identifier`, sealed."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    set_at: Mapped[dt.datetime]


class Heartbeat(Base):
    """When each clock process ticked last."""

    __tablename__ = "heartbeats"

    process: Mapped[str] = mapped_column(String(100), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)


class KeptAnswer(Base):
    """The first answer to an `Idempotency-Key`, sealed, for 24 hours."""

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(255))
    request_hash: Mapped[str] = mapped_column(String(64))
    sealed_answer: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[dt.datetime] = mapped_column(index=True)


_SETTING = select(InstanceSetting.value).where(InstanceSetting.name == bindparam("name"))


def instance_setting(name: str) -> Any:
    """Return the value of an instance setting, None when it was never set."""
    row = db.session.connection().execute(_SETTING, {"name": name}).first()
    return None if row is None else row[0].get("value")


def put_instance_setting(name: str, value: object) -> None:
    """Set an instance setting."""
    db.session.merge(InstanceSetting(name=name, value={"value": value}))


def last_tick_at() -> dt.datetime | None:
    """Return when any clock ticked last."""
    return db.session.scalar(select(func.max(Heartbeat.at)))


def beat(process: str, now: dt.datetime) -> None:
    """Say that a clock process lives."""
    db.session.merge(Heartbeat(process=process, at=now))


def latest_beat_of(host: str) -> dt.datetime | None:
    """Return the latest moment at which any clock of a machine has ticked, by the machine's own time."""
    return db.session.scalar(select(func.max(Heartbeat.at)).where(Heartbeat.process.startswith(f"{host}:")))


def forget_beats_after(host: str, moment: dt.datetime) -> None:
    """Delete the heartbeats of a machine that lie ahead of its own time."""
    db.session.execute(delete(Heartbeat).where(Heartbeat.process.startswith(f"{host}:"), Heartbeat.at > moment))


def kept_answer(owner: str, key: str) -> KeptAnswer | None:
    """Return the answer kept for a key of one caller."""
    return db.session.scalar(select(KeptAnswer).where(KeptAnswer.owner == owner, KeptAnswer.key == key))


def forget_before(moment: dt.datetime) -> None:
    """Delete answers and heartbeats that are older."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.kept_at < moment))
    db.session.execute(delete(Heartbeat).where(Heartbeat.at < moment))
