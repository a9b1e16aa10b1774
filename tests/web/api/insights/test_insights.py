"""Insights by the API: the same figures as the pages, as JSON and CSV."""

from typing import Any

import pytest
from flask import Flask

from incident.actions.insights.keeping import keep_sums
from incident.store.db.database import db
from incident.web.instance import KEY
from tests.plugins.app import Hand, Speaker


def count(app: Flask, hand: Hand) -> None:
    with app.app_context():
        while keep_sums(app.extensions[KEY].settings.zone, hand.at):
            pass
        db.session.remove()


@pytest.fixture
def worked(furnished: Speaker, app: Flask, hand: Hand) -> Speaker:
    """An instance with an acknowledged and a red incident that are counted, on both databases."""
    boss = furnished("coordinator")
    facts: dict[str, Any] = {"title": "Scan", "category": "NASCAN", "departments": ["CERT"]}
    made = boss.made("/incidents", facts)
    boss.made("/incidents", facts | {"title": "Secret", "tlp": "red", "category": "DSDATALEAK"})
    hand.forward(minutes=30)
    assert boss.post(f"/incidents/{made['number']}/acknowledge", {"department": "CERT"}).status_code == 200
    count(app, hand)
    return furnished


def test_figures_are_read_by_what_they_are_divided(worked: Speaker) -> None:
    boss = worked("coordinator")
    found = boss.seen("/insights?from=2026-10&to=2026-11")
    assert (found["first"], found["last"], found["by"], found["percent_counted"]) == (
        "2026-10",
        "2026-11",
        "month",
        None,
    )
    before, this = found["items"]
    assert (before["key"], before["opened"], before["acknowledged"]["median_seconds"]) == ("2026-10", 0, None)
    assert (this["opened"], this["acknowledged"]["count"]) == (2, 1)
    assert abs(this["acknowledged"]["median_seconds"] - 1_800) <= 1_800 * found["precision_percent"] / 100
    assert [one["key"] for one in boss.seen("/insights?by=category")["items"]] == ["DSDATALEAK", "NASCAN"]
    (department,) = boss.seen("/insights?by=department")["items"]
    assert (department["key"], department["escalated"]) == ("CERT", 0)
    assert len(boss.seen("/insights?by=day")["items"]) == 30
    assert sum(one["opened"] for one in boss.seen("/insights?by=hour")["items"]) == 2
    assert boss.seen("/insights?by=step&exercise=true")["items"] == []


def test_what_one_may_not_see_is_not_counted(worked: Speaker) -> None:
    assert [one["key"] for one in worked("reader").seen("/insights?by=category")["items"]] == ["NASCAN"]
    worked("administrator").made("/departments", {"code": "NOC", "name": "Network operations"})
    own, other = worked("department", "CERT"), worked("department", "NOC")
    assert own.seen("/insights")["items"][0]["opened"] == 1
    assert other.seen("/insights")["items"][0]["opened"] == 0
    assert "DSDATALEAK" not in own.get("/insights.csv?by=category").text


def test_the_csv_has_the_same_figures(worked: Speaker) -> None:
    heading, line = worked("coordinator").get("/insights.csv").data.decode("utf-8-sig").splitlines()
    named = dict(zip(heading.split(","), line.split(","), strict=True))
    assert (named["key"], named["opened"], named["acknowledged_count"]) == ("2026-11", "2", "1")
    assert named["resolved_median_seconds"] == ""


def test_every_fault_of_the_months_is_named(worked: Speaker) -> None:
    refused = worked("coordinator").get("/insights?from=x&to=2026-13&by=week")
    assert refused.status_code == 422
    assert {one["parameter"] for one in refused.json["errors"]} == {"from", "to", "by"}  # type: ignore[index]
    for query, code in (("from=2026-12&to=2026-11", "month.order"), ("from=2020-01&to=2026-11", "month.too_many")):
        assert worked("coordinator").get(f"/insights?{query}").json["code"] == code  # type: ignore[index]
