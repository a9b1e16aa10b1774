"""The channels that are used, and their order."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from incident.core.notifications.channel_order import ChannelSlot, channel_order
from incident.core.notifications.policy import Level
from tests.core.notifications.policies import LEVELS

MINUTE = timedelta(minutes=1)
HAVING = st.lists(st.sampled_from(["email", "sms", "wecom", "webhook"]), max_size=6)


def test_without_channels_all_ways_are_used_at_once() -> None:
    assert channel_order(Level(MINUTE), ["email", "sms"]) == (ChannelSlot(0), ChannelSlot(1))


def test_of_the_channels_that_are_named_all_ways_are_used_at_once() -> None:
    level = Level(MINUTE, channels=("wecom", "sms"))
    assert channel_order(level, ["sms", "email", "wecom", "wecom"]) == (ChannelSlot(0), ChannelSlot(2), ChannelSlot(3))


def test_in_turn_each_channel_comes_after_the_one_before() -> None:
    level = Level(MINUTE, channels=("wecom", "sms", "email"), in_turn=2 * MINUTE)
    assert channel_order(level, ["email", "sms", "wecom", "wecom"]) == (
        ChannelSlot(2, 0),
        ChannelSlot(3, 0),
        ChannelSlot(1, 1, 2 * MINUTE),
        ChannelSlot(0, 2, 4 * MINUTE),
    )


def test_a_channel_that_somebody_does_not_have_takes_no_turn() -> None:
    level = Level(MINUTE, channels=("wecom", "sms", "email"), in_turn=2 * MINUTE)
    assert channel_order(level, ["email", "sms"]) == (ChannelSlot(1, 0), ChannelSlot(0, 1, 2 * MINUTE))


def test_who_has_none_of_the_channels_is_told_by_what_there_is() -> None:
    level = Level(MINUTE, channels=("wecom",), in_turn=2 * MINUTE)
    assert channel_order(level, ["email", "sms"]) == (ChannelSlot(0), ChannelSlot(1))


@given(LEVELS, HAVING)
def test_who_has_a_way_is_told_at_once_by_one_of_them_and_by_none_twice(level: Level, having: list[str]) -> None:
    found = channel_order(level, having)
    assert len({one.index for one in found}) == len(found)
    assert bool(found) == bool(having)
    assert not having or min(one.after for one in found) == timedelta(0)
    used = {having[one.index] for one in found}
    assert used <= set(level.channels) or not used & set(level.channels)
