"""Days of a recurrence."""

from datetime import date
from typing import Any

import pytest

from incident.core.duty.recurrence import read_recurrence
from incident.core.values.faults import RuleError

LAST = date(2026, 12, 31)


def days(first: str, **parts: Any) -> list[str]:
    rule = read_recurrence({name: value if isinstance(value, list) else [value] for name, value in parts.items()})
    return [day.isoformat()[5:] for day in rule.days(date.fromisoformat(first), LAST)]


def test_each_frequency_counts_its_own_units() -> None:
    assert days("2026-11-30", FREQ="DAILY", INTERVAL=10) == ["11-30", "12-10", "12-20", "12-30"]
    assert days("2026-12-02", FREQ="WEEKLY", INTERVAL=2) == ["12-02", "12-16", "12-30"]
    assert days("2026-08-31", FREQ="MONTHLY") == ["08-31", "10-31", "12-31"]
    assert days("2026-08-31", FREQ="YEARLY") == ["08-31"]


def test_a_week_begins_where_the_rule_says() -> None:
    twice = {"FREQ": "WEEKLY", "INTERVAL": 2, "BYDAY": ["TU", "SU"], "COUNT": 4}
    assert days("2026-08-04", **twice) == ["08-04", "08-09", "08-18", "08-23"]
    assert days("2026-08-04", **twice, WKST="SU") == ["08-04", "08-16", "08-18", "08-30"]


def test_days_of_the_month_are_counted_from_both_ends() -> None:
    assert days("2026-11-01", FREQ="MONTHLY", BYMONTHDAY=[1, -1]) == ["11-01", "11-30", "12-01", "12-31"]
    assert days("2026-11-01", FREQ="MONTHLY", BYDAY=["2MO", "-1FR"]) == ["11-09", "11-27", "12-14", "12-25"]
    assert days("2026-01-01", FREQ="YEARLY", BYMONTH=[3], BYDAY=["-1SU"]) == ["03-29"]


def test_days_of_the_month_in_a_year_are_those_of_every_month_unless_months_are_named() -> None:
    assert days("2026-09-15", FREQ="YEARLY", BYMONTHDAY=[15]) == ["09-15", "10-15", "11-15", "12-15"]
    assert days("2026-09-15", FREQ="YEARLY", BYMONTHDAY=[15], BYMONTH=[11]) == ["11-15"]
    assert days("2026-09-15", FREQ="YEARLY") == ["09-15"]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"FREQ": ["HOURLY"]},
        {"FREQ": ["DAILY"], "INTERVAL": [0]},
        {"FREQ": ["DAILY"], "BYHOUR": [3]},
        {"FREQ": ["MONTHLY"], "BYSETPOS": [1]},
        {"FREQ": ["WEEKLY"], "BYDAY": ["2MO"]},
        {"FREQ": ["YEARLY"], "BYDAY": ["MO"]},
        {"FREQ": ["WEEKLY"], "BYDAY": ["XX"]},
        {"FREQ": ["WEEKLY"], "COUNT": ["x"]},
    ],
)
def test_what_is_not_carried_is_refused(parts: dict[str, list[Any]]) -> None:
    with pytest.raises(RuleError):
        read_recurrence(parts)
