"""Sending by a channel, of whose outcome nothing that is not for everybody can be read."""

from dataclasses import replace

from incident.channels.answer import blotted
from incident.channels.channel import Channel
from incident.core.notifications.message import Accepted, DeliveryError, Message


def send(channel: Channel, message: Message) -> Accepted:
    """Send a message; the detail of what came of it holds neither its address nor its secrets.

    Raises:
        DeliveryError: when the next hop does not take it.
    """
    try:
        accepted = channel.send(message)
    except DeliveryError as error:
        error.detail = blotted(error.detail, message)
        error.args = (error.detail,)
        raise
    return replace(accepted, detail=blotted(accepted.detail, message))
