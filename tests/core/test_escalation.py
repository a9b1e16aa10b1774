"""Who is told next, and when."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.escalation import (
    DEFAULT_POLICY,
    Exhausted,
    Level,
    Policy,
    Tell,
    first,
    next_after,
    passing_over,
    timeline,
)
from incident.core.faults import RuleError

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICIES = st.builds(
    Policy,
    st.lists(st.builds(Level, st.timedeltas(timedelta(seconds=1), timedelta(days=7))), min_size=1, max_size=20).map(
        tuple
    ),
    st.integers(0, 20),
)


def policy(*minutes: int, repeat: int = 0) -> Policy:
    return Policy(tuple(Level(count * MINUTE) for count in minutes), repeat)


def test_level_one_is_told_at_once() -> None:
    assert first(policy(5, 10), NOW) == Tell(1, 1, NOW, NOW + 5 * MINUTE)


def test_the_next_level_has_its_own_wait_from_when_it_is_told() -> None:
    late = NOW + 6 * MINUTE
    assert next_after(policy(5, 10), 1, 1, late) == Tell(2, 1, late, late + 10 * MINUTE)


def test_another_round_begins_with_the_first_level() -> None:
    assert next_after(policy(5, 10, repeat=1), 2, 1, NOW) == Tell(1, 2, NOW, NOW + 5 * MINUTE)


def test_after_the_last_round_it_is_exhausted() -> None:
    assert next_after(policy(5, 10, repeat=1), 2, 2, NOW) == Exhausted(NOW)


def test_without_a_policy_one_level_waits_a_quarter_of_an_hour() -> None:
    assert list(timeline(DEFAULT_POLICY, NOW)) == [
        Tell(1, 1, NOW, NOW + 15 * MINUTE),
        Exhausted(NOW + 15 * MINUTE),
    ]


@given(POLICIES)
def test_each_level_is_told_once_a_round_and_then_it_ends(policy: Policy) -> None:
    *told, last = timeline(policy, NOW)
    steps = [step for step in told if isinstance(step, Tell)]
    rounds = range(1, policy.repeat + 2)
    expected = [(round, level) for round in rounds for level in range(1, len(policy.levels) + 1)]
    assert [(step.round, step.level) for step in steps] == expected
    assert isinstance(last, Exhausted)


@given(POLICIES)
def test_a_timeline_has_no_gap_and_lasts_as_long_as_all_waits(policy: Policy) -> None:
    steps = list(timeline(policy, NOW))
    assert all(
        isinstance(before, Tell) and before.next_at == after.at and before.at < after.at
        for before, after in pairwise(steps)
    )
    whole = sum((level.wait for level in policy.levels), timedelta()) * (policy.repeat + 1)
    assert steps[-1].at == NOW + whole


@given(st.lists(st.integers(1, 604_800), min_size=1, max_size=20), st.integers(0, 20))
def test_a_policy_reads_back_from_what_it_writes(seconds: list[int], repeat: int) -> None:
    made = Policy(tuple(Level(timedelta(seconds=count)) for count in seconds), repeat)
    assert Policy.from_json(made.to_json()) == made


def test_a_policy_is_written_as_the_interface_has_it() -> None:
    assert policy(5, 90, repeat=2).to_json() == {"levels": [{"wait": "PT5M"}, {"wait": "PT1H30M"}], "repeat": 2}


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        ({"levels": []}, "policy.levels", "/levels"),
        ({"levels": [{"wait": "PT1M"}] * 21}, "policy.levels", "/levels"),
        ({"levels": [{"wait": "PT0S"}]}, "policy.wait", "/levels/0/wait"),
        ({"levels": [{"wait": "PT1S"}, {"wait": "P7DT1S"}]}, "policy.wait", "/levels/1/wait"),
        ({"levels": [{"wait": "soon"}]}, "duration.malformed", "/levels/0/wait"),
        ({"levels": [{}]}, "document.missing", "/levels/0/wait"),
        ({"levels": [{"wait": "PT1M", "level": 1}]}, "document.unknown_field", "/levels/0/level"),
        ({"levels": ["PT1M"]}, "document.not_an_object", "/levels/0"),
        ({"levels": [{"wait": "PT1M"}], "repeat": 21}, "policy.repeat", "/repeat"),
        ({"levels": [{"wait": "PT1M"}], "repeat": -1}, "policy.repeat", "/repeat"),
        ({"levels": [{"wait": "PT1M"}], "repeat": True}, "policy.repeat", "/repeat"),
        ({"repeat": 1}, "document.missing", "/levels"),
        ([], "document.not_an_object", ""),
        ({"levels": [{"wait": "PT1M"}], "rounds": 3}, "document.unknown_field", "/rounds"),
    ],
)
def test_a_bad_policy_is_refused_with_the_place(document: Any, code: str, pointer: str) -> None:
    with pytest.raises(RuleError) as caught:
        Policy.from_json(document)
    assert (code, pointer) in {(fault.code, fault.pointer) for fault in caught.value.all}


def test_a_level_at_which_nobody_stands_is_passed_over_at_once() -> None:
    three = policy(5, 7, 9)
    step = first(three, NOW)
    assert passing_over(three, step, {2, 3}) == Tell(2, 1, NOW, NOW + 7 * MINUTE)
    assert passing_over(three, step, {1, 3}) == step


def test_with_nobody_at_any_level_the_step_stays_as_it_is() -> None:
    two = policy(5, 7)
    step = first(two, NOW)
    assert passing_over(two, step, set()) == step
    assert passing_over(two, step, {3}) == step
