"""Requests to start a playbook, which a person with the permission approves or declines."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, Row, Select, String, Text, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.values.access import Viewer, sees_red
from incident.store.db.database import Base, db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.playbooks import RED_PLAYBOOKS, Playbook
from incident.store.queries.visibility import visible_incidents

WAITING = text("state IN ('pending', 'scheduled')")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""

WAITING_REQUESTS = text("start_requests.state IN ('pending', 'scheduled')")
"""The same, qualified for joins with tables that have a state."""


class StartRequest(Base):
    """One request; `playbook` is a CACAO id, `name` the playbook's name at the time.

    It is `pending` until somebody starts the playbook or declines; `scheduled` when somebody with the permission has
    started it and it waits for approval, with the values `given`; then `started`, `declined` or `refused`.
    """

    __tablename__ = "start_requests"
    __table_args__ = (
        Index(
            "ix_start_requests_waiting",
            "incident_id",
            "playbook",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    playbook: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(500))
    note: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[dt.datetime]
    asked_by: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10), default="pending")
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(300))
    reason: Mapped[str | None] = mapped_column(Text)
    given: Mapped[dict[str, Any] | None]


def waiting_request(incident_id: int, playbook: str) -> StartRequest | None:
    """Return the waiting request on an incident for a playbook."""
    wanted = select(StartRequest).where(StartRequest.incident_id == incident_id, StartRequest.playbook == playbook)
    return db.session.scalar(wanted.where(WAITING_REQUESTS))


def scheduled_requests(playbook: str) -> Sequence[StartRequest]:
    """Return the requests on open incidents that wait for the approval of a playbook, by incident."""
    wanted = _waiting(select(StartRequest)).where(StartRequest.playbook == playbook, StartRequest.state == "scheduled")
    return db.session.scalars(wanted.order_by(StartRequest.incident_id)).all()


def end_request(incident_id: int, playbook: str, by: str, at: dt.datetime) -> None:
    """Record that the playbook of a waiting request on an incident has been started."""
    db.session.execute(
        update(StartRequest)
        .where(StartRequest.incident_id == incident_id, StartRequest.playbook == playbook, WAITING)
        .values(state="started", ended_at=at, ended_by=by)
        .execution_options(synchronize_session=False)
    )


def list_requests(
    viewer: Viewer, incident_id: int | None, after: int | None, limit: int
) -> Sequence[Row[StartRequest, Incident]]:
    """Return the waiting requests on open incidents, oldest first, each with its incident.

    Args:
        viewer: who requests them; incidents and playbooks that they may not see are left out.
        incident_id: of one incident only; None for all.
        after: the id of the last one of the previous page.
        limit: the maximum number.
    """
    query = _waiting(select(StartRequest, Incident))
    if incident_id is not None:
        query = query.where(StartRequest.incident_id == incident_id)
    if (visible := visible_incidents(viewer)) is not None:
        query = query.where(visible)
    if not sees_red(viewer):
        query = query.where(StartRequest.playbook.not_in(select(Playbook.cacao_id).where(RED_PLAYBOOKS)))
    if after is not None:
        query = query.where(StartRequest.id > after)
    return db.session.execute(query.order_by(StartRequest.id).limit(limit)).all()


def waiting_request_ids() -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of all waiting requests, to count them."""
    return _waiting(select(StartRequest.id))


def _waiting(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    joined = query.join(Incident, Incident.id == StartRequest.incident_id)
    return joined.where(WAITING_REQUESTS, Incident.status != "closed")
