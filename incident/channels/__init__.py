"""The ways to reach people: one file each, and one line here.

A channel's file has a function `make(means)` that gives an object with the shape of `Channel`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from incident.channels import email, inbox, webhook
from incident.channels.channel import Channel, Means
from incident.channels.demonstration import Demonstration

__all__ = ["MAKERS", "Channel", "Means", "registry"]

MAKERS: tuple[Callable[[Means], Channel], ...] = (
    email.make,
    webhook.make,
    inbox.make,
)


def registry(means: Means, is_demonstration: bool = False) -> Mapping[str, Channel]:
    """Every channel by its name; in a demonstration those that leave the machine send nothing."""
    channels = [make(means) for make in MAKERS]
    if is_demonstration:
        channels = [Demonstration(channel) if channel.is_leaving else channel for channel in channels]
    return MappingProxyType({channel.name: channel for channel in channels})
