"""Alerts by their incident and by their group, and what their senders did of late."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import CompoundSelect, Integer, Row, bindparam, exists, func, literal, select, union_all

from incident.store.db.database import db, table_of
from incident.store.db.prepared import fetch_all, fetch_one
from incident.store.incidents.incidents import GROUPED, Alert, Incident, lock_incident

SENDER_LIMIT: Final = 100
"""Number of characters of an actor that are stored with its alerts."""

_ALERTS = table_of(Alert).c


def _recent(grouping: str) -> Any:
    return select(literal(1, Integer).label("found")).where(
        _ALERTS.sender == bindparam("sender"),
        _ALERTS.grouping == bindparam(grouping),
        _ALERTS.grouping.is_not(None),
        _ALERTS.received_at > bindparam("since", type_=_ALERTS.received_at.type),
    )


_RECENT = select(
    select(func.count())
    .select_from(_recent("own").limit(bindparam("most", type_=Integer)).subquery())
    .scalar_subquery()
    .label("opened"),
    exists(_recent("storm")).label("is_grouped"),
)


def recent_alerts_of(sender: str, since: dt.datetime, most: int) -> tuple[int, bool]:
    """Return how many incidents a sender opened, and whether an alert of it was grouped in a storm.

    Args:
        sender: the actor.
        since: from when they count (UTC).
        most: up to which number they are counted.
    """
    values = {"sender": sender, "own": "own", "storm": "storm", "since": since, "most": most}
    row = fetch_one(db.session.connection(), _RECENT, **values)
    return (0, False) if row is None else (row[0], bool(row[1]))


LOOKED_UP: Final = 8
"""Number of alerts that one statement looks up."""

_PLACES: Final = range(LOOKED_UP)
_KNOWN: CompoundSelect[tuple[str | None]] = union_all(
    select(Incident.alert_key).where(Incident.alert_key.in_([bindparam(f"key_{at}") for at in _PLACES])),
    select(Alert.source + ":" + Alert.fingerprint).where(
        Alert.fingerprint.in_([bindparam(f"fingerprint_{at}") for at in _PLACES]), GROUPED
    ),
)


def known_alert_keys(alerts: Mapping[str, str]) -> set[str]:
    """Return those alert keys that an incident has, open or closed, or whose alerts are in a group.

    Args:
        alerts: fingerprints by key, which is the source, a colon and the fingerprint.
    """
    known, wanted, connection = set[str](), list(alerts.items()), db.session.connection()
    for start in range(0, len(wanted), LOOKED_UP):
        some = wanted[start : start + LOOKED_UP]
        filled = [*some, *[some[-1]] * (LOOKED_UP - len(some))]
        values = {f"key_{at}": key for at, (key, _) in enumerate(filled)}
        values |= {f"fingerprint_{at}": fingerprint for at, (_, fingerprint) in enumerate(filled)}
        known |= {row[0] for row in fetch_all(connection, _KNOWN, **values)}
    return known


_OWN = table_of(Incident).alias("own_incidents").c
_GROUPS = table_of(Incident).alias("group_incidents").c
_OPEN_WITH = (
    select(Incident)
    .where(
        Incident.status != "closed",
        Incident.id
        == func.coalesce(
            select(_OWN.id)
            .where(_OWN.alert_key == bindparam("alert_key"), _OWN.status != "closed")
            .limit(1)
            .scalar_subquery(),
            select(_ALERTS.incident_id)
            .where(
                _ALERTS.fingerprint == bindparam("fingerprint"),
                _ALERTS.source == bindparam("alert_source"),
                GROUPED,
                _GROUPS.id == _ALERTS.incident_id,
                _GROUPS.status != "closed",
            )
            .order_by(_ALERTS.id.desc())
            .limit(1)
            .scalar_subquery(),
        ),
    )
    .with_for_update(key_share=True)
)


def open_incident_with(alert_key: str, source: str, fingerprint: str) -> Incident | None:
    """Return the open incident that an alert belongs to, its own or that of its group, and lock its row.

    Args:
        alert_key: the key of an incident of its own.
        source: who sent the alert.
        fingerprint: that of the alert.
    """
    values = {"alert_key": alert_key, "fingerprint": fingerprint, "alert_source": source}
    return db.session.scalar(_OPEN_WITH, values, execution_options={"populate_existing": True})


_OPEN_OF_GROUP = (
    select(_GROUPS.id)
    .where(
        _ALERTS.group_key == bindparam("group_key"),
        _ALERTS.received_at > bindparam("since", type_=_ALERTS.received_at.type),
        _GROUPS.id == _ALERTS.incident_id,
        _GROUPS.status != "closed",
    )
    .order_by(_ALERTS.id.desc())
    .limit(1)
)


def open_incident_of_group(group_key: str, since: dt.datetime) -> Incident | None:
    """Return the open incident that a group's newest alert belongs to, and lock its row.

    Args:
        group_key: the key of the group.
        since: an alert of the group must have come after it (UTC).
    """
    found = fetch_one(db.session.connection(), _OPEN_OF_GROUP, group_key=group_key, since=since)
    incident = None if found is None else lock_incident(found[0])
    return None if incident is None or incident.status == "closed" else incident


def last_alert_of(incident_id: int, source: str, fingerprint: str) -> Alert | None:
    """Return the newest alert of an incident with this source and fingerprint."""
    wanted = select(Alert).where(
        Alert.incident_id == incident_id, Alert.source == source, Alert.fingerprint == fingerprint
    )
    return db.session.scalar(wanted.order_by(Alert.id.desc()).limit(1))


def alerts_in(incident_id: int, after: int, limit: int) -> Sequence[Row[Any]]:
    """Return the alerts of an incident, repeats counted, in the order in which each came first.

    Args:
        incident_id: the incident.
        after: the `first_id` of the last one of the page before, 0 for the first page.
        limit: the maximum number of rows.

    Returns:
        Rows with `first_id`, `times`, `first_at`, `last_at`, and source, fingerprint, title, status and labels as the
        newest repeat states them; `grouping` as the first was placed.
    """
    counted = (
        select(
            func.min(Alert.id).label("first_id"),
            func.max(Alert.id).label("last_id"),
            func.count().label("times"),
            func.min(Alert.received_at).label("first_at"),
            func.max(Alert.received_at).label("last_at"),
            func.max(Alert.grouping).label("grouping"),
        )
        .where(Alert.incident_id == incident_id)
        .group_by(Alert.source, Alert.fingerprint)
        .having(func.min(Alert.id) > after)
        .order_by(func.min(Alert.id))
        .limit(limit)
        .subquery()
    )
    newest = select(counted, Alert.source, Alert.fingerprint, Alert.title, Alert.status, Alert.labels)
    return db.session.execute(newest.join(Alert, Alert.id == counted.c.last_id).order_by(counted.c.first_id)).all()


def count_alerts_in(incident_id: int) -> int:
    """Return the number of different alerts in an incident."""
    different = select(Alert.source, Alert.fingerprint).where(Alert.incident_id == incident_id).distinct().subquery()
    return db.session.scalar(select(func.count()).select_from(different)) or 0
