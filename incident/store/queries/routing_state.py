"""Which rules and which systems are in force, read together for every alert and every new incident."""

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from incident.store.db.database import db, table_of
from incident.store.db.prepared import fetch_one
from incident.store.incidents.rules import RuleSet
from incident.store.systems.data_versions import SYSTEMS_DATA, DataVersion
from incident.store.systems.windows import WINDOWS_DATA

_versions, _rules = table_of(DataVersion).c, table_of(RuleSet).c


class RoutingState(NamedTuple):
    """The newest rule set with its moment, and the versions of systems and windows; None where there is none."""

    rule_set_id: int | None
    put_at: dt.datetime | None
    systems: str | None
    windows: str | None = None


def _newest(column: Any) -> Any:
    return select(column).order_by(_rules.id.desc()).limit(1).scalar_subquery()


_STATE = select(
    _newest(_rules.id).label("rule_set_id"),
    _newest(_rules.put_at).label("put_at"),
    select(_versions.version).where(_versions.name == bindparam("systems")).scalar_subquery().label("systems"),
    select(_versions.version).where(_versions.name == bindparam("windows")).scalar_subquery().label("windows"),
)


def routing_state() -> RoutingState:
    """Return what shows whether cached rules and systems are still valid, in one statement."""
    row = fetch_one(db.session.connection(), _STATE, systems=SYSTEMS_DATA, windows=WINDOWS_DATA)
    return RoutingState(None, None, None) if row is None else RoutingState(*row)
