"""The clock of a drill."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.drills.drill import MAX_SPEED, SHORTEST, SPEEDS, DrillClock, in_real_time, require_speed
from incident.core.values.faults import RuleError
from tests.core.cacao.build import NOW, action, begun, document, manual, minutes

speeds = st.integers(1, MAX_SPEED)
lengths = st.timedeltas(dt.timedelta(), dt.timedelta(days=30))


@given(speeds, lengths)
def test_there_and_back_is_the_same_moment(speed: int, length: dt.timedelta) -> None:
    pace = DrillClock(NOW, speed)
    assert pace.to_real(pace.to_drill(NOW + length)) == NOW + length


@given(speeds, lengths)
def test_when_a_moment_has_come_in_real_time_it_has_come_on_the_drills_clock(speed: int, length: dt.timedelta) -> None:
    pace, due_at = DrillClock(NOW, speed), NOW + length
    assert pace.to_drill(pace.to_real(due_at)) >= due_at
    just_before = pace.to_real(due_at) - dt.timedelta(microseconds=1)
    assert pace.to_drill(just_before) < due_at


def test_at_sixty_times_half_an_hour_is_half_a_minute() -> None:
    pace = DrillClock(NOW, 60)
    assert pace.to_real(NOW + minutes(30)) == NOW + dt.timedelta(seconds=30)
    assert pace.to_real_if(None) is None
    assert DrillClock(NOW).to_real(NOW + minutes(30)) == NOW + minutes(30)


@given(speeds, lengths, lengths)
def test_what_is_due_leaves_half_a_minute_in_a_drill_and_is_exact_in_reality(
    speed: int, length: dt.timedelta, gone: dt.timedelta
) -> None:
    pace, now = DrillClock(NOW, speed), NOW + gone
    due = pace.due(pace.to_drill(now) + length, now)
    exact = pace.to_real(pace.to_drill(now) + length)
    assert due >= exact
    if speed == 1:
        assert due == exact
    elif exact > now:
        assert due == max(exact, now + SHORTEST)
    assert pace.due(NOW, now) <= now, "what is over is not postponed"
    assert pace.due_if(None, now) is None


def test_the_steps_of_a_run_are_shown_in_real_time() -> None:
    turn = begun(document({"look": action("end", manual(), timeout=1_800_000), "end": None}))
    shown = in_real_time(turn.run, DrillClock(NOW, 60))
    [limit] = [record.due_at for record in shown.steps.values() if record.due_at]
    assert limit == NOW + dt.timedelta(seconds=30)
    assert in_real_time(turn.run, DrillClock(NOW)) is turn.run


@pytest.mark.parametrize("value", [0, -1, 1001, 1.5, True, "60", None])
def test_a_speed_is_a_whole_number_within_bounds(value: object) -> None:
    with pytest.raises(RuleError, match=r"drill\.speed at /speed"):
        require_speed(value, "/speed")


def test_the_speeds_that_are_offered_are_taken() -> None:
    assert [require_speed(one) for one in SPEEDS] == list(SPEEDS)
