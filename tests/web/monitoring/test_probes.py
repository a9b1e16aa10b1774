"""Endpoints for monitoring."""

import datetime as dt
from pathlib import Path

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from incident.actions.directory import people
from incident.actions.operations import timers
from incident.store.db.database import db
from incident.store.operations import instance
from tests.plugins.app import AT, Api, Hand, Speaker, made_app, speaking


def monitor(app: Flask) -> Api:
    """A program that watches this one."""
    return speaking(app)("monitor")


def ask(app: Flask, path: str) -> TestResponse:
    """Ask as a program that may read metrics."""
    asking = monitor(app)
    return asking.client.get(path, headers=asking.headers)


def tick(app: Flask, at: dt.datetime) -> None:
    """Let a clock tick."""
    with app.app_context():
        instance.beat("clock of the tests", at)
        db.session.commit()
        db.session.remove()


def test_a_process_that_lives_says_so(sqlite_app: Flask) -> None:
    assert sqlite_app.test_client().get("/healthz").json == {"status": "ok"}


def test_an_empty_home_is_ready_once_the_clock_has_ticked(app: Flask, hand: Hand) -> None:
    assert ask(app, "/readyz").status_code == 503
    tick(app, AT)
    hand.forward(seconds=9)
    answer = ask(app, "/readyz")
    assert answer.status_code == 200, answer.text
    assert answer.json == {
        "status": "ready",
        "database": {"is_reachable": True},
        "clock": {"is_running": True, "last_tick_at": "2026-11-21T08:30:00.000000Z"},
        "timers": {"due": 0, "oldest_due_late_by": 0.0},
        "messages": {"unsent": 0, "oldest_unsent_age": 0.0},
    }


def test_a_clock_that_has_not_ticked_for_ten_seconds_is_dead(app: Flask, hand: Hand) -> None:
    tick(app, AT)
    hand.forward(seconds=11)
    answer = ask(app, "/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["clock"]["is_running"] is False
    assert answer.json["database"]["is_reachable"] is True


def test_a_tick_from_the_future_is_no_sign_of_life(app: Flask, hand: Hand, furnished: Speaker) -> None:
    tick(app, AT + dt.timedelta(hours=1))
    answer = ask(app, "/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["clock"] == {"is_running": False, "last_tick_at": None, "detail": "no tick for 10 s"}
    assert "incident_clock_is_running 0.0" in ask(app, "/metrics").text
    tick(app, AT + dt.timedelta(seconds=9))  # two machines are never at one moment to the second
    assert ask(app, "/readyz").status_code == 200


def test_an_instance_without_a_clock_says_so(tmp_path: Path, hand: Hand) -> None:
    with made_app(tmp_path, has_clock=False) as made:
        answer = ask(made, "/readyz")
    assert answer.status_code == 503
    assert "no clock runs" in answer.text


def test_a_database_that_is_away_is_told_and_no_fault(tmp_path: Path, hand: Hand) -> None:
    with made_app(tmp_path, has_tables=True) as made:
        answer = made.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready"})


def test_strangers_are_told_whether_it_is_ready_and_nothing_else(app: Flask, hand: Hand, furnished: Speaker) -> None:
    furnished("coordinator").made("/incidents", {"title": "A worm", "departments": ["CERT"]})
    for at, status, said in ((None, 503, "not ready"), (hand.at, 200, "ready")):
        if at is not None:
            tick(app, at)
        strangers = [speaking(app)(), *map(speaking(app), (None, "reader", "source", "coordinator"))]
        for one in strangers:
            answer = one.client.get("/readyz", headers=one.headers)
            assert (answer.status_code, answer.json) == (status, {"status": said})
            refused = one.client.get("/metrics", headers=one.headers)
            assert refused.status_code == (403 if one.headers else 401)
            assert "incident_" not in refused.text


def test_what_waits_is_told_with_its_age(app: Flask, hand: Hand, furnished: Speaker) -> None:
    furnished("coordinator").made("/incidents", {"title": "A worm", "departments": ["CERT"]})
    hand.forward(minutes=6)
    tick(app, hand.at)
    answer = ask(app, "/readyz")
    assert answer.json is not None
    assert answer.json["timers"] == {"due": 1, "oldest_due_late_by": 60.0}
    assert answer.json["messages"] == {"unsent": 1, "oldest_unsent_age": 360.0}
    with app.app_context():
        timers.fire_due(hand.at)
        db.session.remove()
    after = ask(app, "/readyz").json
    assert after is not None
    assert after["timers"]["due"] == 0


def test_the_gauges_are_what_prometheus_reads(app: Flask, hand: Hand, furnished: Speaker) -> None:
    furnished("coordinator").made("/incidents", {"title": "A worm", "departments": ["CERT"]})
    tick(app, hand.at)
    answer = ask(app, "/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["incident_clock_is_running",] == 1
    assert found["incident_incidents", "new"] == 1
    assert found["incident_notices", "open"] == 1
    assert found["incident_timers", "pending"] == 1
    assert found["incident_messages_unsent",] == 1
    assert found["incident_journal_entries", "instance"] > 3
    assert "A worm" not in answer.text


def test_failed_sign_ins_are_counted_for_the_hour_of_each_name(app: Flask, hand: Hand) -> None:
    with app.app_context():
        people.add_person("li", "Li Wei", "responder", None, None, "en", "tests", hand.at)
    browser = app.test_client()
    for login in ("li", "li", "nobody"):
        browser.post("/sign-in", data={"login": login, "password": "wrong"})
    notified = ask(app, "/metrics").text
    assert 'incident_sign_in_failures{name="known"} 2.0' in notified
    assert 'incident_sign_in_failures{name="unknown"} 1.0' in notified
    hand.forward(hours=1)
    assert 'incident_sign_in_failures{name="known"} 0.0' in ask(app, "/metrics").text


def test_a_machine_whose_time_is_off_is_told(app: Flask, hand: Hand) -> None:
    with app.app_context():
        instance.beat(f"{'a' * 32}.{'1' * 32}:7", hand.at, "soc-1", -3600.0)
        db.session.commit()
        db.session.remove()
    assert f'incident_clock_off_seconds{{host="soc-1",node="{"a" * 32}.{"1" * 32}"}} -3600.0' in (
        ask(app, "/metrics").text
    )
