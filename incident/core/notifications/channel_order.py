"""The contacts of a person that are used, and their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from incident.core.notifications.message import PUSH
from incident.core.notifications.policy import Level


@dataclass(frozen=True, slots=True)
class ChannelSlot:
    """A contact that is used: its index, its position (from 0), and the delay after the first."""

    index: int
    turn: int = 0
    after: timedelta = timedelta(0)


def channel_order(level: Level, channels: Sequence[str]) -> tuple[ChannelSlot, ...]:
    """Return which contacts of one person, or of the desks of a level, are used to notify the level.

    When there is none of the channels that the level names, all are used: another channel is better than none. Devices
    are used at once beside the other channels, without being named.

    Args:
        level: names the channels, and whether they are used one after the other.
        channels: the channel of each contact.
    """
    present = [name for name in level.channels if name in channels]
    if not present:
        return tuple(map(ChannelSlot, range(len(channels))))
    used = [ChannelSlot(index, present.index(name)) for index, name in enumerate(channels) if name in present]
    beside = tuple(ChannelSlot(index) for index, name in enumerate(channels) if name == PUSH and name not in present)
    if level.in_turn is None:
        return tuple(ChannelSlot(one.index) for one in used) + beside
    ordered = sorted(used, key=lambda one: one.turn)
    return tuple(ChannelSlot(one.index, one.turn, level.in_turn * one.turn) for one in ordered) + beside
