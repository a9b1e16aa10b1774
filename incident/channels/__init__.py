"""Notification channels: one file each, and one line here.

A channel's file has a function `make(means)` that returns an object with the shape of `Channel`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from incident.channels import dingtalk, email, feishu, inbox, push, slack, sms, teams, webhook, wecom
from incident.channels.channel import Channel, Means, SmsGateway
from incident.channels.demonstration import Demonstration
from incident.channels.sending import send

__all__ = ["MAKERS", "OWN_MAKERS", "Channel", "Means", "SmsGateway", "registry", "send"]

MAKERS: Mapping[str, Callable[[Means], Channel]] = MappingProxyType(
    {
        "email": email.make,
        "webhook": webhook.make,
        "inbox": inbox.make,
        "wecom": wecom.make,
        "dingtalk": dingtalk.make,
        "feishu": feishu.make,
        "slack": slack.make,
        "teams": teams.make,
        "sms": sms.make,
    }
)

OWN_MAKERS: Mapping[str, Callable[[Means], Channel]] = MappingProxyType({"push": push.make})
"""Channels whose contacts people add for themselves; nobody chooses them for somebody else."""


def registry(means: Means, is_demonstration: bool = False) -> Mapping[str, Channel]:
    """Every channel by its name; in a demonstration, external channels send nothing."""
    channels = [make(means) for make in (*MAKERS.values(), *OWN_MAKERS.values())]
    if is_demonstration:
        channels = [Demonstration(channel) if channel.is_leaving else channel for channel in channels]
    return MappingProxyType({channel.name: channel for channel in channels})
