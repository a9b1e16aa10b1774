"""The ssh targets on which commands may be executed."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.playbooks.secret_place import ssh_target_place
from incident.core.playbooks.ssh_target import SshTarget
from incident.store.db.database import Base, db
from incident.store.operations import secrets


class AllowedTarget(Base):
    """A user on a host that an administrator has allowed; the secret of that name is the private key."""

    __tablename__ = "ssh_targets"
    __table_args__ = (UniqueConstraint("host", "port", "user"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int]
    user: Mapped[str] = mapped_column(String(64))
    secret_name: Mapped[str] = mapped_column(String(200))
    host_keys: Mapped[list[Any]]
    allowed_at: Mapped[dt.datetime]
    allowed_by: Mapped[str] = mapped_column(String(300))

    def as_target(self, key: str | None) -> SshTarget:
        """Return it in the form of the rules and the executors, with its key when that is stored."""
        return SshTarget(self.host, self.port, self.user, tuple(self.host_keys), key)


def targets_at(host: str, port: int) -> Sequence[AllowedTarget]:
    """Return the targets at a host and port."""
    wanted = select(AllowedTarget).where(AllowedTarget.host == host, AllowedTarget.port == port)
    return db.session.scalars(wanted.order_by(AllowedTarget.id)).all()


def with_key(targets: Collection[AllowedTarget]) -> set[int]:
    """Return those targets (ids) whose private key is stored and may be used there."""
    deposited = secrets.secrets_by_name({row.secret_name for row in targets})
    return {
        row.id
        for row in targets
        if secrets.refusal(deposited.get(row.secret_name), ssh_target_place(row.host, row.port)) is None
    }


def list_targets(after: int | None = None, limit: int | None = None) -> Sequence[AllowedTarget]:
    """Return targets in the order in which they were allowed, after the last one of the previous page."""
    query = select(AllowedTarget).order_by(AllowedTarget.id).limit(limit)
    return db.session.scalars(query if after is None else query.where(AllowedTarget.id > after)).all()


def is_any_allowed() -> bool:
    """Whether any target is allowed."""
    return bool(db.session.scalar(select(exists().where(AllowedTarget.id.is_not(None)))))
