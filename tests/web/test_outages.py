"""Responses if the database is full, damaged or away: 503, when to retry, and what to do."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from incident import watchdog_state
from incident.store.db.database import db
from incident.store.db.outage import driver_words, outage_of
from tests.disks import spoil
from tests.plugins.app import AT, Api, Speaker
from tests.web.office import Office

INCIDENT = {"title": "A worm", "description": "x" * 4_000}


@contextmanager
def every_connection(app: Flask, *statements: str) -> Iterator[None]:
    """Have each connection carry out some statements first, also those that are open already."""

    def prepare(connection: Any, _record: object) -> None:
        for statement in statements:
            connection.execute(statement)

    with app.app_context():
        engine = db.engine
        engine.dispose()
        event.listen(engine, "connect", prepare)
    try:
        yield
    finally:
        event.remove(engine, "connect", prepare)
        engine.dispose()


def refused(answer: Any, code: str) -> str:
    """The words of an answer that must be 503."""
    assert (answer.status_code, answer.json["code"]) == (503, code), answer.text
    assert int(answer.headers["Retry-After"]) > 0
    return str(answer.json["detail"])


def test_a_full_disk_refuses_what_is_written_lets_read_and_loses_nothing(sqlite_app: Flask, boss_sqlite: Api) -> None:
    boss_sqlite.made("/incidents", INCIDENT)
    with every_connection(sqlite_app, "PRAGMA max_page_count=1"):  # SQLite uses the size of the file
        answers = [boss_sqlite.post("/incidents", INCIDENT) for _ in range(30)]
        assert "The disk is full" in refused(answers[-1], "storage.full")
        assert {answer.status_code for answer in answers} <= {201, 503}
        listed = boss_sqlite.seen("/incidents?limit=100")
    assert len(listed["items"]) == 1 + sum(answer.status_code == 201 for answer in answers)
    boss_sqlite.made("/incidents", INCIDENT)


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_people_are_told_on_a_page_what_is_wrong_and_that_reading_goes_on(office: Office, language: str) -> None:
    browser = office.browser("coordinator", language)
    with every_connection(office.app, "PRAGMA query_only=ON"):
        page = browser.post("/incidents", 503, title="A worm")
    assert page.headers["Retry-After"] == "10"
    assert ("You can still read" if language == "en" else "仍可继续查看") in page.text


def test_a_database_that_takes_no_changes_says_so(sqlite_app: Flask, boss_sqlite: Api) -> None:
    with every_connection(sqlite_app, "PRAGMA query_only=ON"):
        assert "cannot save changes" in refused(boss_sqlite.post("/incidents", INCIDENT), "storage.read_only")
        boss_sqlite.seen("/incidents")


def test_a_damaged_database_is_told_as_damaged(sqlite_app: Flask, boss_sqlite: Api, tmp_path: Path) -> None:
    for _ in range(40):
        boss_sqlite.made("/incidents", INCIDENT)
    with sqlite_app.app_context():
        db.session.remove()
        db.engine.dispose()
    spoil(tmp_path)
    assert "is damaged" in refused(boss_sqlite.get("/incidents"), "storage.damaged")
    assert "is damaged" in refused(boss_sqlite.post("/incidents", INCIDENT), "storage.damaged")
    assert sqlite_app.test_client().get("/readyz").status_code == 503
    assert "malformed" in (watchdog_state.damage_since(tmp_path, AT - dt.timedelta(seconds=1)) or "")


def test_a_file_that_cannot_be_written_is_told_as_a_full_disk(
    sqlite_app: Flask, boss_sqlite: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("incident.actions.incidents.incidents.open_incident", full)
    refused(boss_sqlite.post("/incidents", INCIDENT), "storage.full")


def test_faults_of_postgresql_are_told_apart(app: Flask, speak: Speaker) -> None:
    def outage_when(run: Callable[[], object]) -> tuple[str | None, str]:
        with app.app_context():
            try:
                run()
            except DBAPIError as error:
                return outage_of(error), driver_words(error)
            finally:
                db.session.rollback()
        raise AssertionError("no fault")

    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        assert outage_when(lambda: db.session.execute(text("SELECT 1 FROM nowhere")))[0] == "away"
        return
    raising = "DO $$ BEGIN RAISE EXCEPTION 'secret-free' USING ERRCODE = '{}'; END $$"
    for code, outage in (("53100", "full"), ("XX001", "damaged"), ("25006", "read_only"), ("57P01", "away")):
        found, words = outage_when(lambda code=code: db.session.execute(text(raising.format(code))))  # type: ignore[misc]
        assert found == outage
        assert "RAISE" not in words
        assert "secret-free" in words
    assert outage_when(lambda: db.session.execute(text("SELECT 1 FROM nowhere")))[0] is None


def test_what_is_logged_of_a_fault_shows_no_statement_and_no_value() -> None:
    fault = OperationalError("INSERT INTO people", {"password": "hunter2"}, Exception("disk I/O error"))
    assert driver_words(fault) == "OperationalError: disk I/O error"
    assert outage_of(ValueError("x")) is None
