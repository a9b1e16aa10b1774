"""Recipients of the next level, and its time."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from incident.core.duty.daytime import Span, WallClock
from incident.core.notifications.escalation import (
    DeferredByQuietHours,
    EscalationContext,
    Exhausted,
    NotifyLevel,
    first,
    next_after,
    rescheduled,
    skip_unreachable,
    timeline,
)
from incident.core.notifications.policy import DEFAULT_POLICY, Level, Policy, Quiet, Wait
from tests.core.notifications.policies import CLOCKS, MOMENTS, PLAIN, POLICIES

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SHANGHAI = WallClock(ZoneInfo("Asia/Shanghai"))
NIGHT = Quiet(Span(time(22), time(7)), (3, 4))


def policy(*minutes: int, repeat: int = 0) -> Policy:
    return Policy(tuple(Level(count * MINUTE) for count in minutes), repeat)


def test_level_one_is_told_at_once() -> None:
    assert first(policy(5, 10), NOW) == NotifyLevel(1, 1, NOW, NOW + 5 * MINUTE)


def test_the_next_level_has_its_own_wait_from_when_it_is_told() -> None:
    late = NOW + 6 * MINUTE
    assert next_after(policy(5, 10), 1, 1, late) == NotifyLevel(2, 1, late, late + 10 * MINUTE)


def test_another_round_begins_with_the_first_level() -> None:
    assert next_after(policy(5, 10, repeat=1), 2, 1, NOW) == NotifyLevel(1, 2, NOW, NOW + 5 * MINUTE)


def test_after_the_last_round_it_is_exhausted() -> None:
    assert next_after(policy(5, 10, repeat=1), 2, 2, NOW) == Exhausted(NOW)


def test_without_a_policy_one_level_waits_a_quarter_of_an_hour() -> None:
    assert list(timeline(DEFAULT_POLICY, NOW)) == [
        NotifyLevel(1, 1, NOW, NOW + 15 * MINUTE),
        Exhausted(NOW + 15 * MINUTE),
    ]


@given(POLICIES, MOMENTS, st.sampled_from((None, 1, 2, 3, 4)), CLOCKS)
def test_each_level_is_told_once_a_round_and_then_it_ends(
    policy: Policy, start: datetime, grade: int | None, clock: WallClock
) -> None:
    *notified, last = timeline(policy, start, EscalationContext(grade, clock))
    steps = [step for step in notified if isinstance(step, NotifyLevel)]
    rounds = range(1, policy.repeat + 2)
    expected = [(round, level) for round in rounds for level in range(1, len(policy.levels) + 1)]
    assert [(step.round, step.level) for step in steps] == expected
    assert isinstance(last, Exhausted)


@given(PLAIN)
def test_a_timeline_has_no_gap_and_lasts_as_long_as_all_waits(policy: Policy) -> None:
    steps = list(timeline(policy, NOW))
    assert all(
        isinstance(before, NotifyLevel) and before.next_at == after.at and before.at < after.at
        for before, after in pairwise(steps)
    )
    whole = sum((level.wait for level in policy.levels), timedelta()) * (policy.repeat + 1)
    assert steps[-1].at == NOW + whole


def test_a_level_at_which_nobody_stands_is_passed_over_at_once() -> None:
    three = policy(5, 7, 9)
    step = NotifyLevel(1, 1, NOW, NOW + 5 * MINUTE)
    assert skip_unreachable(three, step, {2, 3}.__contains__) == NotifyLevel(2, 1, NOW, NOW + 7 * MINUTE)
    assert skip_unreachable(three, step, {1, 3}.__contains__) == step


def test_with_nobody_at_any_level_the_step_stays_as_it_is() -> None:
    two = policy(5, 7)
    step = NotifyLevel(1, 1, NOW, NOW + 5 * MINUTE)
    assert skip_unreachable(two, step, set().__contains__) == step
    assert skip_unreachable(two, step, {3}.__contains__) == step


@given(POLICIES, MOMENTS, st.sampled_from((None, 1, 2)), CLOCKS)
def test_quiet_hours_never_hold_a_high_grade_or_none(
    policy: Policy, start: datetime, grade: int | None, clock: WallClock
) -> None:
    steps = list(timeline(policy, start, EscalationContext(grade, clock)))
    assert steps[0] == first(policy, start, EscalationContext(grade, clock))
    assert not [
        step
        for step in steps
        if isinstance(step, DeferredByQuietHours) or (isinstance(step, NotifyLevel) and step.is_held)
    ]


@given(POLICIES, MOMENTS, st.sampled_from((3, 4)), CLOCKS)
def test_nobody_is_told_of_a_grade_in_its_quiet_hours(
    policy: Policy, start: datetime, grade: int, clock: WallClock
) -> None:
    for step in timeline(policy, start, EscalationContext(grade, clock)):
        if isinstance(step, NotifyLevel) and policy.quiet and grade in policy.quiet.grades:
            assert not clock.is_in(policy.quiet.span, step.at)


@given(POLICIES, MOMENTS, st.sampled_from((None, 1, 2, 3, 4)), CLOCKS)
def test_moments_of_a_timeline_only_go_forward(
    policy: Policy, start: datetime, grade: int | None, clock: WallClock
) -> None:
    steps = list(timeline(policy, start, EscalationContext(grade, clock)))
    assert all(before.at < after.at for before, after in pairwise(steps))


@given(POLICIES, MOMENTS, st.sets(st.integers(1, 20)))
def test_a_level_is_only_told_without_anybody_when_no_later_one_of_its_round_has_somebody(
    policy: Policy, start: datetime, peopled: set[int]
) -> None:
    for step in timeline(policy, start, has_somebody=lambda level, _at: level in peopled):
        if isinstance(step, NotifyLevel) and step.level not in peopled:
            assert not any(step.level <= level <= len(policy.levels) for level in peopled)


def test_level_one_of_a_low_grade_waits_for_the_end_of_the_quiet_hours() -> None:
    quiet = Policy((Level(5 * MINUTE),), quiet=NIGHT)
    at = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # 02:00 in Shanghai
    morning = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    low, high = EscalationContext(3, SHANGHAI), EscalationContext(1, SHANGHAI)
    assert first(quiet, at, low) == DeferredByQuietHours(at, morning)
    assert first(quiet, at, high) == NotifyLevel(1, 1, at, at + 5 * MINUTE)
    assert list(timeline(quiet, at, low)) == [
        DeferredByQuietHours(at, morning),
        NotifyLevel(1, 1, morning, morning + 5 * MINUTE),
        Exhausted(morning + 5 * MINUTE),
    ]


def test_a_later_level_that_would_fall_into_the_quiet_hours_waits_for_their_end() -> None:
    quiet = Policy((Level(30 * MINUTE), Level(30 * MINUTE)), quiet=NIGHT)
    evening = datetime(2026, 3, 2, 13, 45, tzinfo=UTC)  # 21:45
    morning = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    assert first(quiet, evening, EscalationContext(4, SHANGHAI)) == NotifyLevel(1, 1, evening, morning, is_held=True)


def test_that_all_levels_have_passed_is_said_also_in_quiet_hours() -> None:
    quiet = Policy((Level(30 * MINUTE),), quiet=NIGHT)
    evening = datetime(2026, 3, 2, 13, 45, tzinfo=UTC)
    assert first(quiet, evening, EscalationContext(4, SHANGHAI)) == NotifyLevel(1, 1, evening, evening + 30 * MINUTE)


def test_the_wait_that_is_meant_for_the_grade_and_the_hour_holds() -> None:
    level = Level(
        60 * MINUTE,
        (Wait(2 * MINUTE, (1,), "off"), Wait(5 * MINUTE, (1, 2)), Wait(10 * MINUTE, hours=Span(time(12), time(14)))),
    )
    policy = Policy((level,))
    noon, night = datetime(2026, 3, 2, 4, 30, tzinfo=UTC), datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

    def waited(grade: int | None, at: datetime) -> float:
        step = first(policy, at, EscalationContext(grade, SHANGHAI))
        return (step.next_at - at) / MINUTE

    assert [waited(1, noon), waited(1, night)] == [5, 2]
    assert [waited(2, noon), waited(2, night)] == [5, 5]
    assert [waited(4, noon), waited(4, night)] == [10, 60]
    assert [waited(None, noon), waited(None, night)] == [10, 60]


def test_after_a_hold_the_first_level_follows() -> None:
    assert next_after(policy(5, 10), 0, 1, NOW) == NotifyLevel(1, 1, NOW, NOW + 5 * MINUTE)


def test_what_was_held_or_waits_is_reckoned_anew_when_the_grade_changes() -> None:
    policy = Policy((Level(60 * MINUTE, (Wait(5 * MINUTE, (1,)),)), Level(MINUTE)), quiet=NIGHT)
    night, noon = datetime(2026, 3, 2, 18, 0, tzinfo=UTC), datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
    assert rescheduled(policy, 0, 1, night, EscalationContext(1, SHANGHAI)) == night
    assert rescheduled(policy, 0, 1, night, EscalationContext(4, SHANGHAI)) == datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    assert rescheduled(policy, 1, 1, noon, EscalationContext(1, SHANGHAI)) == noon + 5 * MINUTE
