"""The migration to sealed texts with rows: messages and protected reports are sealed, and opened on the way down."""

import datetime as dt

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade

from incident.actions.reports.sealed_texts import ReportTexts, message_text, texts_of
from incident.store.db.database import db
from incident.store.reports.report_messages import ReportMessage
from incident.store.reports.reports import Report
from incident.web.instance import KEY
from tests.test_migration_of_subjects import put, rows
from tests.test_migrations import app, settings

__all__ = ["app", "settings"]

NOW = dt.datetime(2026, 12, 1, 7, 0, tzinfo=dt.UTC)
SECRET = "Zhaobribe at the harbour gate"
REPORTS = "SELECT id, text, url FROM reports ORDER BY id"
MESSAGES = "SELECT id, text FROM report_messages ORDER BY id"


@pytest.mark.filterwarnings("ignore")
def test_texts_are_sealed_on_the_way_up_and_opened_on_the_way_down(app: Flask) -> None:
    app.extensions[KEY].ring.create()
    upgrade(revision="0089")
    with db.engine.begin() as connection:
        for key, protection in ((1, "protected"), (2, "sealed")):
            told = {"text": SECRET, "url": "https://gate.example", "state": "received"}
            put(connection, "reports", id=key, protection=protection, **told)
            put(connection, "report_messages", id=key, report_id=key, sender="desk", kind="message", text=f"Pier {key}")
        words = (
            "(id, words) VALUES (1, '''harbour''')"
            if db.engine.name == "postgresql"
            else "(rowid, words) VALUES (1, 'harbour')"
        )
        connection.exec_driver_sql(f"INSERT INTO report_words {words}")
    upgrade()
    assert [message_text(one) for one in db.session.scalars(db.select(ReportMessage))] == ["Pier 1", "Pier 2"]
    first, second = db.session.scalars(db.select(Report).order_by(Report.id))
    assert texts_of(first) == texts_of(second) == ReportTexts(SECRET, "https://gate.example")
    assert (first.text, first.url, second.text, second.sealed_texts) == ("", None, SECRET, None)
    db.session.remove()
    with db.engine.begin() as connection:
        assert rows(connection, "SELECT count(*) FROM report_words") == [(0,)]
    downgrade(revision="0089")
    with db.engine.begin() as connection:
        assert rows(connection, REPORTS) == [(key, SECRET, "https://gate.example") for key in (1, 2)]
        assert rows(connection, MESSAGES) == [(1, "Pier 1"), (2, "Pier 2")]
