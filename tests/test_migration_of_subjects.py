"""The migration to subjects with rows: notices and timers keep what they are about, and running clocks get timers."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from incident.store.db.database import db
from tests.test_migrations import app, settings

__all__ = ["app", "settings"]

NOW = dt.datetime(2026, 11, 30, 7, 0, tzinfo=dt.UTC)
VALUES: dict[type, Any] = {int: 1, str: "x", bool: False, dict: {}, dt.datetime: NOW}


def put(connection: sa.Connection, table: str, **values: Any) -> None:
    """Insert a row, with a value for every column that needs one."""
    found = sa.Table(table, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    needed = {
        one.name: [] if isinstance(one.type, sa.JSON) else VALUES[one.type.python_type]
        for one in found.columns
        if not one.nullable and one.server_default is None and not one.primary_key
    }
    connection.execute(sa.insert(found).values(**(needed | values)))


def rows(connection: sa.Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(sa.text(query))]


@pytest.mark.filterwarnings("ignore")
def test_rows_keep_their_subjects_on_the_way_up_and_those_of_incidents_on_the_way_down(app: Flask) -> None:
    upgrade(revision="0058")
    with db.engine.begin() as connection:
        put(connection, "departments", id=1, code="net")
        put(connection, "incidents", id=1, number="INC-1", status="handling", tlp="amber")
        put(connection, "regime_versions", content_hash="h", regime="r")
        for number, state in enumerate(("running", "filed"), start=1):
            clock = {"id": number, "stage": f"s{number}", "state": state, "start_at": NOW, "due_at": NOW}
            put(connection, "incident_clocks", incident_id=1, regime_hash="h", **clock)
        put(connection, "notices", id=1, incident_id=1, department_id=1, state="open")
        put(connection, "timers", id=7, kind="escalate", incident_id=1, notice_id=1, state="pending")
    upgrade()
    timers = "SELECT kind, subject_type, subject_id, incident_id, urgency FROM timers ORDER BY subject_type"
    with db.engine.begin() as connection:
        assert rows(connection, "SELECT subject_type, subject_id, purpose, incident_id FROM notices") == [
            ("incident", 1, "handling", 1)
        ]
        assert rows(connection, timers) == [("warn", "clock", 1, 1, 2), ("escalate", "notice", 1, 1, 2)]
        assert rows(connection, "SELECT warn_at IS NOT NULL FROM incident_clocks ORDER BY id") == [(True,), (False,)]
        about = {"subject_type": "clock", "subject_id": 1, "purpose": "deadline"}
        put(connection, "notices", id=2, incident_id=1, department_id=1, state="open", **about)
    downgrade(revision="0058")
    with db.engine.begin() as connection:
        assert rows(connection, "SELECT id, incident_id FROM notices") == [(1, 1)]
        assert rows(connection, "SELECT id, kind, notice_id FROM timers") == [(7, "escalate", 1)]
    upgrade()
    with db.engine.begin() as connection:
        assert len(rows(connection, timers)) == 2
