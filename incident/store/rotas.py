"""The duty rotas of departments."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.database import Base, db


class DutyRota(Base):
    """The rota of a department as a document (`core/rota.py`)."""

    __tablename__ = "rotas"

    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]]
    changed_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


def with_rota() -> set[int]:
    """Return the ids of the departments that have a rota."""
    return set(db.session.scalars(select(DutyRota.department_id)))


def rota_of(department_id: int) -> DutyRota | None:
    """Return the rota of a department, None when none was put."""
    return db.session.get(DutyRota, department_id)
