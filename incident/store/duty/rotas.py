"""The duty rotas of departments."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class DutyRota(Base):
    """The rota of a department as a document (`core/duty/rota.py`); `before` is the one before the last change."""

    __tablename__ = "rotas"

    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]
    changed_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
    before: Mapped[dict[str, Any] | None] = mapped_column(default=None)


def rotas_of(department_ids: Collection[int]) -> dict[int, DutyRota]:
    """Return the rotas of those departments that have one, by department."""
    found = db.session.scalars(select(DutyRota).where(DutyRota.department_id.in_(list(department_ids))))
    return {rota.department_id: rota for rota in found}


def rota_of(department_id: int) -> DutyRota | None:
    """Return the rota of a department, None when it has none."""
    return db.session.get(DutyRota, department_id)
