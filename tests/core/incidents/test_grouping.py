"""Groups of alerts: when a storm begins and ends, what is graver, and which alerts have the same key."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.alert import Alert
from incident.core.incidents.grouping import (
    RecentAlerts,
    StormLimits,
    group_values,
    is_graver,
    is_near_storm,
    is_storm,
    rule_group_key,
    storm_group_key,
)
from incident.core.incidents.routing import RoutingResult

RECENT = st.builds(RecentAlerts, st.integers(0, 500), st.booleans())
LIMITS = st.builds(StormLimits, st.integers(0, 100), st.just(timedelta(seconds=60)))
GRADES = st.none() | st.integers(1, 4)
WORDS = st.text(max_size=8)
RULES = st.none() | st.fixed_dictionaries({"when": st.dictionaries(WORDS, WORDS, max_size=2)})


def alert(**facts: Any) -> Alert:
    return Alert(**{"source": "generic", "fingerprint": "f", "title": "CPU high"} | facts)


def verdict(grade: int | None = None, category: str | None = None) -> RoutingResult:
    return RoutingResult((), None, category, grade)


@given(RECENT, LIMITS)
def test_a_storm_needs_as_many_incidents_as_the_setting_or_an_alert_grouped_of_late(
    recent: RecentAlerts, limits: StormLimits
) -> None:
    expected = limits.incidents > 0 and (recent.is_grouped or recent.opened >= limits.incidents)
    assert is_storm(recent, limits) == expected
    assert is_near_storm(recent, limits) or not is_storm(recent, limits)


@given(RECENT, LIMITS)
def test_more_incidents_never_end_a_storm(recent: RecentAlerts, limits: StormLimits) -> None:
    more = RecentAlerts(recent.opened + 1, recent.is_grouped)
    assert is_storm(more, limits) or not is_storm(recent, limits)


@given(RECENT)
def test_zero_groups_nothing_without_a_rule(recent: RecentAlerts) -> None:
    assert not is_storm(recent, StormLimits(0))


@given(GRADES, GRADES)
def test_of_two_grades_at_most_one_is_graver_and_none_is_never(one: int | None, other: int | None) -> None:
    assert not (is_graver(one, other) and is_graver(other, one))
    assert is_graver(one, other) or is_graver(other, one) or one == other
    assert not is_graver(None, other)


@given(WORDS, WORDS, RULES, RULES)
def test_a_group_in_a_storm_is_of_one_sender_one_rule_and_one_name(
    sender: str, other: str, rule: dict[str, Any] | None, another: dict[str, Any] | None
) -> None:
    first = storm_group_key(sender, rule, alert(fingerprint="a"))
    assert first == storm_group_key(sender, rule, alert(fingerprint="b", labels={"instance": "web-2"}))
    assert (first == storm_group_key(other, rule, alert())) == (sender == other)
    assert (first == storm_group_key(sender, another, alert())) == (rule == another)
    assert first != storm_group_key(sender, rule, alert(title="Disk full"))


def test_the_label_alertname_is_the_name_of_an_alert_before_its_title() -> None:
    one, two = (alert(title=f"CPU high on web-{n}", labels={"alertname": "CpuHigh"}) for n in (1, 2))
    assert storm_group_key("t", None, one) == storm_group_key("t", None, two)


def test_values_are_of_fields_of_labels_and_of_the_senders_own_group() -> None:
    one = alert(labels={"alertname": "CpuHigh"}, region="330100", sender_group="{}:{a}")
    found = group_values(("region", "labels.alertname", "sender_group", "grade"), one, verdict(grade=2))
    assert found == {"region": "330100", "labels.alertname": "CpuHigh", "sender_group": "{}:{a}", "grade": "2"}


def test_an_alert_that_lacks_a_value_is_not_grouped() -> None:
    assert group_values(("labels.cluster",), alert(), verdict()) is None
    assert group_values(("sender_group",), alert(), verdict()) is None


@given(st.dictionaries(WORDS, WORDS, max_size=3), st.dictionaries(WORDS, WORDS, max_size=3))
def test_a_group_of_a_rule_is_of_equal_values(one: dict[str, str], other: dict[str, str]) -> None:
    assert (rule_group_key({"when": {}}, one) == rule_group_key({"when": {}}, other)) == (one == other)
