"""Which alerts a maintenance window holds, and how long it may be."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.alert import Alert, alert_from_json
from incident.core.incidents.indicator import Indicator
from incident.core.systems.window import WindowScope, holding_window, require_scope, require_span
from incident.core.values.faults import RuleError

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def held(scope: dict[str, Any], at: dt.datetime = NOW, grade: int | None = 3) -> bool:
    window = WindowScope(1, NOW, NOW + HOUR, **scope)
    return holding_window([window], at, "wazuh", {"host": "web-1", "env": "test"}, {7}, grade) is not None


@pytest.mark.parametrize(
    ("scope", "is_held"),
    [
        ({"source": "wazuh"}, True),
        ({"source": "zabbix"}, False),
        ({"system_id": 7}, True),
        ({"system_id": 8}, False),
        ({"labels": {"host": "web-1"}}, True),
        ({"labels": {"host": "web-1", "env": "live"}}, False),
        ({"labels": {"rack": "1"}}, False),
        ({"source": "wazuh", "system_id": 8}, False),
    ],
)
def test_an_alert_is_held_when_it_meets_all_conditions(scope: dict[str, Any], is_held: bool) -> None:
    assert held(scope) is is_held


def test_a_window_holds_from_its_begin_until_before_its_end() -> None:
    scope = {"source": "wazuh"}
    assert not held(scope, NOW - dt.timedelta(microseconds=1))
    assert held(scope, NOW)
    assert held(scope, NOW + HOUR - dt.timedelta(microseconds=1))
    assert not held(scope, NOW + HOUR)


def test_the_gravest_grade_is_never_held() -> None:
    assert [held({"source": "wazuh"}, grade=grade) for grade in (1, 2, 4, None)] == [False, True, True, True]


def test_of_two_windows_the_one_that_ends_last_holds() -> None:
    windows = [WindowScope(1, NOW, NOW + 2 * HOUR, "wazuh"), WindowScope(2, NOW, NOW + HOUR, "wazuh")]
    found = holding_window(windows, NOW, "wazuh", {}, (), None)
    assert found is not None
    assert found.id == 1


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [(1, 1, "span.ends_before"), (-2, 0, "window.over"), (0, 24 * 30 + 1, "window.too_long"), (0, 24 * 30, None)],
)
def test_a_window_ends_after_its_begin_and_within_thirty_days(begins: int, ends: int, code: str | None) -> None:
    if code is None:
        require_span(NOW + begins * HOUR, NOW + ends * HOUR, NOW)
        return
    with pytest.raises(RuleError) as refused:
        require_span(NOW + begins * HOUR, NOW + ends * HOUR, NOW)
    assert (refused.value.code, refused.value.pointer) == (code, "/ends_at")


def test_a_window_has_a_condition_and_labels_that_can_be() -> None:
    with pytest.raises(RuleError, match=r"window\.no_scope"):
        require_scope(None, None, {})
    for labels in ({"": "x"}, {"x": ""}, {"x": "y" * 2001}, {str(n): "x" for n in range(21)}):
        with pytest.raises(RuleError, match=r"window\.labels"):
            require_scope(None, None, labels)
    require_scope(None, None, {"host": "web-1"})


ALERTS = st.builds(
    Alert,
    source=st.sampled_from(["generic", "wazuh"]),
    fingerprint=st.text(max_size=5),
    title=st.text(max_size=8),
    status=st.sampled_from(["firing", "resolved"]),
    grade=st.none() | st.integers(1, 4),
    category=st.none() | st.just("MP"),
    labels=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    occurred_at=st.none() | st.just(NOW),
    ended_at=st.none() | st.just(NOW + HOUR),
    indicators=st.just(()) | st.just((Indicator("ipv4", "192.0.2.1"),)),
    description=st.text(max_size=5),
    region=st.none() | st.just("33"),
    sender_group=st.none() | st.just("g"),
)


@given(ALERTS)
def test_an_alert_comes_back_from_its_json(alert: Alert) -> None:
    assert alert_from_json(alert.to_json()) == alert
