"""Rule sets of grading that administrators wrote, with every version of them."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db


class OwnRuleSet(Base):
    """A rule set of one's own, not active once retired; its version of the same number has its content."""

    __tablename__ = "grading_rule_sets"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    is_active: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]


class RuleSetVersion(Base):
    """A rule set as it was from one change to the next; never changed.

    `content` is its document as text, `content_hash` the SHA-256 of that; `reason` says why it was retired.
    """

    __tablename__ = "grading_rule_set_versions"
    __table_args__ = (
        UniqueConstraint("rule_set_id", "version"),
        Index("ix_grading_rule_set_versions_content_hash", "content_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_set_id: Mapped[int] = mapped_column(ForeignKey("grading_rule_sets.id"))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    is_active: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    put_at: Mapped[dt.datetime]
    put_by: Mapped[str] = mapped_column(String(300))


def own_rule_set(key: str) -> OwnRuleSet | None:
    """Return a rule set, also a retired one."""
    return db.session.scalar(select(OwnRuleSet).where(OwnRuleSet.key == key))


def list_own_rule_sets() -> Sequence[OwnRuleSet]:
    """Return all rule sets, those that are used first, each by key."""
    return db.session.scalars(select(OwnRuleSet).order_by(OwnRuleSet.is_active.desc(), OwnRuleSet.key)).all()


def count_own_rule_sets() -> int:
    """Return the number of rule sets, retired ones included."""
    return db.session.scalar(select(func.count()).select_from(OwnRuleSet)) or 0


def hashes_in_force(at: dt.datetime | None) -> Sequence[str]:
    """Return the content hashes of the rule sets in force at a moment (UTC), by key; None for now."""
    newest = select(func.max(RuleSetVersion.id)).group_by(RuleSetVersion.rule_set_id)
    if at is not None:
        newest = newest.where(RuleSetVersion.put_at <= at)
    query = select(RuleSetVersion.content_hash).join(OwnRuleSet, OwnRuleSet.id == RuleSetVersion.rule_set_id)
    query = query.where(RuleSetVersion.id.in_(newest), RuleSetVersion.is_active)
    return db.session.scalars(query.order_by(OwnRuleSet.key)).all()


def rule_set_content(content_hash: str) -> str | None:
    """Return the content of any version with a hash."""
    wanted = select(RuleSetVersion.content).where(RuleSetVersion.content_hash == content_hash)
    return db.session.scalar(wanted.limit(1))


def rule_set_version(rule_set_id: int, version: int) -> RuleSetVersion | None:
    """Return one version of a rule set."""
    wanted = select(RuleSetVersion).where(RuleSetVersion.rule_set_id == rule_set_id, RuleSetVersion.version == version)
    return db.session.scalar(wanted)


def version_by_hash(rule_set_id: int, content_hash: str) -> RuleSetVersion | None:
    """Return the newest version of a rule set with a hash."""
    wanted = select(RuleSetVersion).where(
        RuleSetVersion.rule_set_id == rule_set_id, RuleSetVersion.content_hash == content_hash
    )
    return db.session.scalar(wanted.order_by(RuleSetVersion.version.desc()).limit(1))


def rule_set_versions(rule_set_id: int, before: int | None, limit: int) -> Sequence[RuleSetVersion]:
    """Return versions of a rule set, the newest first, before the last one of the previous page."""
    query = select(RuleSetVersion).where(RuleSetVersion.rule_set_id == rule_set_id)
    if before is not None:
        query = query.where(RuleSetVersion.version < before)
    return db.session.scalars(query.order_by(RuleSetVersion.version.desc()).limit(limit)).all()


def every_hash_of(rule_set_id: int) -> Sequence[str]:
    """Return the content hashes of all versions of a rule set, each once, the newest last."""
    wanted = select(RuleSetVersion.content_hash).where(RuleSetVersion.rule_set_id == rule_set_id)
    return db.session.scalars(
        wanted.group_by(RuleSetVersion.content_hash).order_by(func.max(RuleSetVersion.version))
    ).all()


def with_version_before(version_id: int) -> Sequence[RuleSetVersion]:
    """Return a version of a rule set, and the one before it if there is one."""
    row = db.session.get_one(RuleSetVersion, version_id)
    before = rule_set_version(row.rule_set_id, row.version - 1)
    return [row] if before is None else [before, row]
