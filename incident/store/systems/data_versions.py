"""Versions of data that each process keeps in memory, so that it sees when they have changed."""

import secrets

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, upsert

SYSTEMS_DATA = "systems"


class DataVersion(Base):
    """The present version of some data: a random text, so that no version ever comes again, not after a restore."""

    __tablename__ = "data_versions"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[str] = mapped_column(String(32))


def renew_version(name: str) -> None:
    """Give data a new version, so that every process reads them again; concurrent changes wait for each other."""
    version = secrets.token_hex(16)
    statement = upsert(DataVersion).values(name=name, version=version)
    db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"version": version}))
