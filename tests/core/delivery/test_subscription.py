"""Which events a subscription may get, which it wants, and what of them leaves."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.delivery.subscription import (
    FAILING_LIMIT,
    SHARED_TLP,
    SharedEvent,
    SharedIncident,
    SubscriptionFilter,
    event_data,
    is_hopeless,
    is_wanted,
    require_events,
    shared_types,
)
from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.values.faults import RuleError

AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
INCIDENT = SharedIncident(
    number="INC-2026-000001",
    title="Scan",
    category="MPRANS",
    grade=2,
    sector=None,
    region="330106",
    campaign="Clean Net",
    status="new",
    tlp="amber",
    departments=("CERT", "NOC"),
    opened_at=AT,
    changed_at=AT,
    closed_at=None,
)


@pytest.mark.parametrize(
    ("patterns", "event_type", "is_so"),
    [
        (["*"], "incident.opened", True),
        (["incident.*"], "incident.closed", True),
        (["incident.opened"], "incident.opened", True),
        (["incident.opened"], "incident.closed", False),
        (["notice.*"], "incident.opened", False),
        (["*"], "report.received", False),
        (["*"], "person.signed_in", False),
        (["*"], "secret.set", False),
        (["*"], "subscription.paused", False),
        (["report.*"], "report.received", False),
    ],
)
def test_a_pattern_names_a_type_or_all_of_a_kind_that_may_leave(
    patterns: list[str], event_type: str, is_so: bool
) -> None:
    assert is_wanted(patterns, event_type) is is_so


def test_no_type_about_reports_people_or_secrets_is_shared() -> None:
    shared = {one.partition(".")[0] for one in shared_types(EVENT_TYPE_WORDS)}
    assert shared.isdisjoint({"report", "person", "contact", "message", "secret", "token", "password", "sign_in"})
    assert "incident" in shared


def test_each_pattern_that_names_nothing_is_told_at_its_place() -> None:
    with pytest.raises(RuleError) as raised:
        require_events(["incident.*", "incident.burnt", "*.opened", "report.*", ""], EVENT_TYPE_WORDS)
    assert [one.pointer for one in raised.value.all] == ["/events/1", "/events/2", "/events/3", "/events/4"]
    with pytest.raises(RuleError) as empty:
        require_events([], EVENT_TYPE_WORDS)
    assert empty.value.code == "subscription.no_events"
    assert require_events(["*", "run.ended", "*"], EVENT_TYPE_WORDS) == ["*", "run.ended"]


@pytest.mark.parametrize(
    ("wanted", "is_so"),
    [
        ({}, True),
        ({"categories": ("MPRANS",)}, True),
        ({"categories": ("other",)}, False),
        ({"grades": (1, 2)}, True),
        ({"grades": (1,)}, False),
        ({"departments": ("NOC", "PRESS")}, True),
        ({"departments": ("PRESS",)}, False),
        ({"campaigns": ("Clean Net",)}, True),
        ({"campaigns": ("Other",)}, False),
        ({"tlp": "green"}, False),
        ({"tlp": "amber+strict"}, True),
        ({"grades": (2,), "departments": ("PRESS",)}, False),
    ],
)
def test_a_filter_selects_by_the_facts_of_the_incident(wanted: dict[str, object], is_so: bool) -> None:
    assert SubscriptionFilter(**wanted).admits(INCIDENT) is is_so  # type: ignore[arg-type]


def test_a_region_counts_when_the_incident_lies_in_it() -> None:
    chosen = SubscriptionFilter(regions=("330000",))
    assert chosen.admits(INCIDENT, ["330000"])
    assert not chosen.admits(INCIDENT)


def test_drills_and_incidents_of_tlp_red_stay_here_unless_drills_are_wanted() -> None:
    drill, red = replace(INCIDENT, is_exercise=True), replace(INCIDENT, tlp="red")
    assert not SubscriptionFilter().admits(drill)
    assert SubscriptionFilter(has_exercises=True).admits(drill)
    assert not any(SubscriptionFilter(tlp=level, has_exercises=True).admits(red) for level in SHARED_TLP)


def test_an_event_without_an_incident_passes_only_a_filter_that_names_no_facts_of_one() -> None:
    assert SubscriptionFilter(tlp="clear").admits(None)
    assert not SubscriptionFilter(grades=(1,)).admits(None)


@given(st.sampled_from([*SHARED_TLP, "red"]), st.sampled_from(SHARED_TLP))
def test_nothing_above_the_limit_passes_and_all_below_it_does(level: str, limit: str) -> None:
    order = [*SHARED_TLP, "red"]
    assert SubscriptionFilter(tlp=limit).admits(replace(INCIDENT, tlp=level)) is (
        order.index(level) <= order.index(limit)
    )


texts = st.lists(st.text(max_size=5), max_size=3).map(tuple)


@given(
    st.builds(
        SubscriptionFilter,
        categories=texts,
        grades=st.lists(st.integers(1, 4), max_size=4).map(tuple),
        departments=texts,
        regions=texts,
        campaigns=texts,
        tlp=st.sampled_from(SHARED_TLP),
        has_exercises=st.booleans(),
    )
)
def test_a_filter_is_the_same_after_it_was_stored(chosen: SubscriptionFilter) -> None:
    assert SubscriptionFilter.from_json(json.loads(json.dumps(chosen.to_json()))) == chosen


def test_the_data_of_an_event_names_facts_and_references() -> None:
    event = SharedEvent(
        seq=7, type="incident.changed", at=AT, actor="person:3", subject="incident:1", incident=INCIDENT,
        changed=("grade",),
    )  # fmt: skip
    data = event_data(event, "https://i.example")
    assert data["incident"]["url"] == "https://i.example/incidents/INC-2026-000001"
    assert data["incident"]["opened_at"] == "2026-03-02T01:00:00Z"
    assert (data["seq"], data["actor"], data["changed"]) == (7, "person:3", ["grade"])
    assert "description" not in data["incident"]
    json.dumps(data)


def test_a_receiver_may_fail_for_days_and_not_longer() -> None:
    assert not is_hopeless(None, AT)
    assert not is_hopeless(AT, AT + FAILING_LIMIT - dt.timedelta(seconds=1))
    assert is_hopeless(AT, AT + FAILING_LIMIT)
