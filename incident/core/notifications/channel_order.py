"""Which of somebody's ways are used, and in which turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from incident.core.notifications.policy import Level


@dataclass(frozen=True, slots=True)
class ChannelSlot:
    """One way that is used: its place among those that there are, its turn (from 0), and how long after the first."""

    index: int
    turn: int = 0
    after: timedelta = timedelta(0)


def channel_order(level: Level, channels: Sequence[str]) -> tuple[ChannelSlot, ...]:
    """Which ways of one person, or of the desks of a level, are used when the level is told.

    When there is none by the channels that the level names, all are used: being reached otherwise is better than not.

    Args:
        level: says by which channels, and whether one after the other.
        channels: the channel of each way that there is.
    """
    present = [name for name in level.channels if name in channels]
    if not present:
        return tuple(map(ChannelSlot, range(len(channels))))
    used = [ChannelSlot(index, present.index(name)) for index, name in enumerate(channels) if name in present]
    if level.in_turn is None:
        return tuple(ChannelSlot(one.index) for one in used)
    ordered = sorted(used, key=lambda one: one.turn)
    return tuple(ChannelSlot(one.index, one.turn, level.in_turn * one.turn) for one in ordered)
