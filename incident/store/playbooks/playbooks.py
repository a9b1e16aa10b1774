"""Playbook versions: `id` + `modified` is a version, its content hash pins it."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Index, String, bindparam, func, select, text, true, tuple_
from sqlalchemy.orm import Mapped, defer, mapped_column

from incident.core.values.access import PLAYBOOK_RED, Viewer, may_see_playbook
from incident.store.db.database import Base, db
from incident.store.db.prepared import fetch_one

RED = text("tlp = 'TLP:RED'")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""

RED_PLAYBOOKS = text("playbooks.tlp = 'TLP:RED'")
"""The same, qualified for joins."""


class Playbook(Base):
    """One version of a CACAO 2.0 playbook."""

    __tablename__ = "playbooks"
    __table_args__ = (
        Index("ix_playbooks_cacao_id_modified_at", "cacao_id", "modified_at"),
        Index("ix_playbooks_red", "cacao_id", sqlite_where=RED, postgresql_where=RED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cacao_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(500))
    modified_at: Mapped[dt.datetime]
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    document: Mapped[dict[str, Any]]
    tlp: Mapped[str | None] = mapped_column(String(16))
    added_at: Mapped[dt.datetime]


_CURRENT = (
    select(Playbook)
    .where(Playbook.cacao_id == bindparam("cacao_id"))
    .order_by(Playbook.modified_at.desc(), Playbook.id.desc())
    .limit(1)
    .options(defer(Playbook.document))
)


def current_playbook(cacao_id: str) -> Playbook | None:
    """Return the newest version of a playbook, without loading its document."""
    return db.session.scalar(_CURRENT, {"cacao_id": cacao_id})


class Version(NamedTuple):
    """A version of a playbook with the columns that its start needs: the document is pinned by its content hash."""

    id: int
    cacao_id: str
    name: str
    content_hash: str


_CURRENT_VERSION = (
    select(Playbook.id, Playbook.cacao_id, Playbook.name, Playbook.content_hash)
    .where(Playbook.cacao_id == bindparam("cacao_id"))
    .order_by(Playbook.modified_at.desc(), Playbook.id.desc())
    .limit(1)
)


def current_version(cacao_id: str) -> Version | None:
    """Return the newest version of a playbook, for its start."""
    row = fetch_one(db.session.connection(), _CURRENT_VERSION, cacao_id=cacao_id)
    return None if row is None else Version(*row)


def playbook_by_hash(content_hash: str) -> Playbook | None:
    """Return the version with this content."""
    return db.session.scalar(select(Playbook).where(Playbook.content_hash == content_hash))


def playbook_version(cacao_id: str, modified_at: dt.datetime) -> Playbook | None:
    """Return the version that was modified at this moment, as added last: signatures may have been added."""
    wanted = select(Playbook).where(Playbook.cacao_id == cacao_id, Playbook.modified_at == modified_at)
    return db.session.scalar(wanted.order_by(Playbook.id.desc()).limit(1))


def list_versions(cacao_id: str, limit: int) -> Sequence[Playbook]:
    """Return the versions of a playbook, the newest first, without loading their documents."""
    wanted = select(Playbook).where(Playbook.cacao_id == cacao_id).options(defer(Playbook.document))
    return db.session.scalars(wanted.order_by(Playbook.modified_at.desc(), Playbook.id.desc()).limit(limit)).all()


def versions_by_ids(ids: Collection[int]) -> dict[int, Playbook]:
    """Return versions by id, without loading their documents."""
    found = db.session.scalars(select(Playbook).where(Playbook.id.in_(list(ids))).options(defer(Playbook.document)))
    return {row.id: row for row in found}


def visible_playbooks(viewer: Viewer) -> ColumnElement[bool]:
    """Return the SQL condition equivalent to `core.access.may_see_playbook`."""
    return true() if may_see_playbook(viewer, PLAYBOOK_RED) else Playbook.tlp.is_distinct_from(PLAYBOOK_RED)


def list_playbooks(viewer: Viewer) -> Sequence[Playbook]:
    """Return the newest version of each visible playbook by name, without loading documents."""
    return visible_among(newest_playbooks(), viewer)


def visible_among(rows: Iterable[Playbook], viewer: Viewer) -> Sequence[Playbook]:
    """Return those of some versions that a viewer may see."""
    sees_all = may_see_playbook(viewer, PLAYBOOK_RED)
    return [one for one in rows if sees_all or one.tlp != PLAYBOOK_RED]


def newest_playbooks() -> Sequence[Playbook]:
    """Return the newest version of each playbook by name, also those that few may see, without loading documents."""
    place = func.row_number().over(
        partition_by=Playbook.cacao_id, order_by=(Playbook.modified_at.desc(), Playbook.id.desc())
    )
    ranked = select(Playbook.id, place.label("place")).subquery()
    wanted = select(Playbook).join(ranked, ranked.c.id == Playbook.id).where(ranked.c.place == 1)
    return db.session.scalars(wanted.order_by(Playbook.name, Playbook.id).options(defer(Playbook.document))).all()


def page_of_playbooks(viewer: Viewer, after: tuple[str, int] | None, limit: int) -> Sequence[Any]:
    """Return the newest version of each playbook by name, without its document, after the previous page."""
    place = func.row_number().over(
        partition_by=Playbook.cacao_id, order_by=(Playbook.modified_at.desc(), Playbook.id.desc())
    )
    ranked = select(Playbook.id, place.label("place")).subquery()
    query = select(
        Playbook.id,
        Playbook.cacao_id,
        Playbook.name,
        Playbook.modified_at,
        Playbook.content_hash,
        Playbook.tlp,
        Playbook.added_at,
    )
    query = query.join(ranked, ranked.c.id == Playbook.id).where(ranked.c.place == 1, visible_playbooks(viewer))
    if after is not None:
        query = query.where(tuple_(Playbook.name, Playbook.id) > after)
    return db.session.execute(query.order_by(Playbook.name, Playbook.id).limit(limit)).all()
