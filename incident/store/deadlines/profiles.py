"""Versions of the organisation's profile, and of the regimes that clocks started with."""

import datetime as dt
from typing import Any

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.deadlines.regimes import OrganizationProfile
from incident.store.db.database import Base, db


class ProfileVersion(Base):
    """One version of the organisation's profile; the newest counts, clocks keep the one that they started with."""

    __tablename__ = "organization_profiles"

    id: Mapped[int] = mapped_column(primary_key=True)
    operator_class: Mapped[str] = mapped_column(String(20))
    sectors: Mapped[list[Any]]
    regions: Mapped[list[Any]]
    regimes: Mapped[list[Any]]
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[str] = mapped_column(String(300))

    @property
    def profile(self) -> OrganizationProfile:
        """The profile as the rules take it."""
        return OrganizationProfile(self.operator_class, self.sectors, self.regions, self.regimes)  # type: ignore[arg-type]


class RegimeVersion(Base):
    """The data of a regime as it was when a clock started; `content_hash` is its SHA-256."""

    __tablename__ = "regime_versions"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    regime: Mapped[str] = mapped_column(String(60))
    content: Mapped[str] = mapped_column(Text)


def latest_profile() -> ProfileVersion | None:
    """Return the profile that is in force; None before anybody has entered one."""
    return db.session.scalar(select(ProfileVersion).order_by(ProfileVersion.id.desc()).limit(1))


def regime_version(content_hash: str) -> RegimeVersion | None:
    """Return a stored version of a regime."""
    return db.session.get(RegimeVersion, content_hash)
