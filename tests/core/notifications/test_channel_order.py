"""Which ways are used, and in which turn."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from incident.core.notifications.channel_order import Turn, turns
from incident.core.notifications.policy import Level
from tests.core.notifications.policies import LEVELS

MINUTE = timedelta(minutes=1)
HAVING = st.lists(st.sampled_from(["email", "sms", "wecom", "webhook"]), max_size=6)


def test_without_channels_all_ways_are_used_at_once() -> None:
    assert turns(Level(MINUTE), ["email", "sms"]) == (Turn(0), Turn(1))


def test_of_the_channels_that_are_named_all_ways_are_used_at_once() -> None:
    level = Level(MINUTE, channels=("wecom", "sms"))
    assert turns(level, ["sms", "email", "wecom", "wecom"]) == (Turn(0), Turn(2), Turn(3))


def test_in_turn_each_channel_comes_after_the_one_before() -> None:
    level = Level(MINUTE, channels=("wecom", "sms", "email"), in_turn=2 * MINUTE)
    assert turns(level, ["email", "sms", "wecom", "wecom"]) == (
        Turn(2, 0),
        Turn(3, 0),
        Turn(1, 1, 2 * MINUTE),
        Turn(0, 2, 4 * MINUTE),
    )


def test_a_channel_that_somebody_does_not_have_takes_no_turn() -> None:
    level = Level(MINUTE, channels=("wecom", "sms", "email"), in_turn=2 * MINUTE)
    assert turns(level, ["email", "sms"]) == (Turn(1, 0), Turn(0, 1, 2 * MINUTE))


def test_who_has_none_of_the_channels_is_told_by_what_there_is() -> None:
    level = Level(MINUTE, channels=("wecom",), in_turn=2 * MINUTE)
    assert turns(level, ["email", "sms"]) == (Turn(0), Turn(1))


@given(LEVELS, HAVING)
def test_who_has_a_way_is_told_at_once_by_one_of_them_and_by_none_twice(level: Level, having: list[str]) -> None:
    found = turns(level, having)
    assert len({one.index for one in found}) == len(found)
    assert bool(found) == bool(having)
    assert not having or min(one.after for one in found) == timedelta(0)
    used = {having[one.index] for one in found}
    assert used <= set(level.channels) or not used & set(level.channels)
