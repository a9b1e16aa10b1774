"""Wraps a channel in a demonstration: nothing leaves the machine."""

from incident.channels.channel import Channel
from incident.core.notifications.message import Accepted, Message


class Demonstration:
    """Validates addresses like the wrapped channel, and sends nothing."""

    is_leaving = False

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.name = channel.name
        self.signing = channel.signing
        self.is_address_secret = channel.is_address_secret
        self.delivery_profile = channel.delivery_profile

    def check_address(self, address: str | None) -> str | None:
        """Return the result of the wrapped channel."""
        return self._channel.check_address(address)

    def send(self, message: Message) -> Accepted:
        """Accept without sending; the message can be viewed in the outbox."""
        return Accepted("not sent: demonstration")
