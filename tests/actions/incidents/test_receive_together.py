"""Alerts of one request: a few share a transaction, and each is still decided by itself."""

import time
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from incident.actions.incidents import receive
from incident.actions.incidents.open_incident import open_in
from incident.actions.incidents.receive import TOGETHER_MOST, Decided, receive_alerts
from incident.actions.journal.verifying import verify_journal
from incident.core.incidents.alert import Alert
from incident.store.db import write_lock
from incident.store.db.database import db
from incident.store.incidents.incidents import Alert as AlertRow
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from tests.world import World, only, rows


def alert(fingerprint: str, **facts: Any) -> Alert:
    return Alert(**{"source": "generic", "fingerprint": fingerprint, "title": f"Alert {fingerprint}"} | facts)


def received(world: World, *alerts: Alert) -> list[Decided]:
    return receive_alerts(alerts, "token:1:grafana", world.now, world.zone)


@pytest.fixture
def is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, no transaction takes too long for a whole group."""
    monkeypatch.setattr(receive, "TOGETHER_SECONDS", 60)


@pytest.mark.usefixtures("is_quick")
def test_many_alerts_take_few_transactions_and_are_answered_in_their_order(world: World) -> None:
    commits: list[int] = []
    event.listen(db.engine, "commit", lambda _: commits.append(1))
    alerts = [alert(f"f{number:02d}") for number in reversed(range(4 * TOGETHER_MOST))]
    decided = received(world, *alerts)
    assert len(commits) == 4
    assert {one.decision for one in decided} == {"opened"}
    number_of = {row.number: row.title for row in rows(Incident)}
    assert [number_of[str(one.incident)] for one in decided] == [one.title for one in alerts]
    assert len(rows(Entry, event_type="incident.opened")) == len(rows(AlertRow)) == len(alerts)
    assert verify_journal().is_intact


def test_old_and_new_alerts_in_one_request_are_told_apart(world: World) -> None:
    received(world, alert("open"), alert("closed"))
    world.close(only(Incident, title="Alert closed"))
    decided = received(
        world, alert("new"), alert("open"), alert("closed"), alert("gone", status="resolved"), alert("other")
    )
    assert [(one.decision, one.reason) for one in decided] == [
        ("opened", "new"),
        ("attached", "repeated"),
        ("opened", "again_after_closing"),
        ("ignored", "nothing_open"),
        ("opened", "new"),
    ]
    assert len(rows(Incident)) == 5


def test_news_in_a_group_is_attached_and_the_others_are_stored_once(world: World) -> None:
    received(world, alert("a"))
    decided = received(world, alert("b"), alert("a", title="More"), alert("c"))
    assert [one.reason for one in decided] == ["new", "changed", "new"]
    assert "More" in only(Entry, event_type="alert.attached").detail
    assert len(rows(AlertRow)) == 4
    assert verify_journal().is_intact


def test_the_same_fingerprint_twice_in_one_request_is_one_incident(world: World) -> None:
    decided = received(world, alert("a"), alert("b"), alert("a"), alert("a", status="resolved"))
    assert [one.reason for one in decided] == ["new", "new", "repeated", "resolved"]
    assert len(rows(Incident)) == 2


def test_an_alert_that_cannot_be_handled_takes_no_other_of_its_group_along(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(uow: Any, new: Any, zone: Any, *rest: Any) -> Any:
        if new.title == "Alert bad":
            raise ZeroDivisionError
        return open_in(uow, new, zone, *rest)

    monkeypatch.setattr(receive, "open_in", fail)
    decided = received(world, alert("a"), alert("bad"), alert("b"))
    assert [one.reason for one in decided] == ["new", "unhandled", "new"]
    assert len(rows(Incident)) == 3
    assert verify_journal().is_intact


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_transaction_that_takes_long_leaves_the_other_alerts_to_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(uow: Any, new: Any, zone: Any, *rest: Any) -> Any:
        if new.title == "Alert c":
            raise ZeroDivisionError
        return open_in(uow, new, zone, *rest)

    monkeypatch.setattr(receive, "TOGETHER_SECONDS", 0)
    monkeypatch.setattr(receive, "open_in", fail)
    commits: list[int] = []
    event.listen(db.engine, "commit", lambda _: commits.append(1))
    decided = received(world, *(alert(name) for name in "dacb"))
    assert [one.reason for one in decided] == ["new", "new", "unhandled", "new"]
    assert len(rows(Incident)) == len(rows(AlertRow)) == len(commits) == 4
    assert verify_journal().is_intact


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_waits_to_write_does_not_wait_for_a_second_group(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = write_lock.lock_of(db.engine)
    assert lock is not None
    waiter, seen = ExitStack(), list[int]()

    def let_write(_seconds: float) -> None:
        seen.append(len(rows(Incident)))
        waiter.close()

    waiter.enter_context(lock.writers.register())
    with monkeypatch.context() as patched:
        patched.setattr(time, "sleep", let_write)
        received(world, alert("a"), alert("b"))
    assert seen == [0]
    assert len(rows(Incident)) == 2


@pytest.mark.usefixtures("is_quick")
def test_two_requests_with_the_same_alerts_in_another_order_open_each_once(world: World) -> None:
    alerts = [alert(f"f{number}") for number in range(TOGETHER_MOST)]
    done = world.at_once(*[partial(received, world, *order) for order in (alerts, alerts[::-1]) * 2])
    assert not [one for one in done if isinstance(one, Exception)], done
    assert sorted(one.decision for answer in done for one in answer) == ["attached"] * 24 + ["opened"] * 8
    assert len(rows(Incident)) == TOGETHER_MOST
    assert verify_journal().is_intact
