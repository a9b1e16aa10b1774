"""Sends by a channel; the recorded outcome reveals nothing confidential."""

from dataclasses import replace

from incident.channels.answer import blotted
from incident.channels.channel import Channel
from incident.core.notifications.message import Accepted, DeliveryError, Message


def send(channel: Channel, message: Message) -> Accepted:
    """Send a message; the detail of the outcome contains neither its address nor its secrets.

    Raises:
        DeliveryError: when the next hop does not accept it.
    """
    try:
        accepted = channel.send(message)
    except DeliveryError as error:
        error.detail = blotted(error.detail, message)
        error.args = (error.detail,)
        raise
    return replace(accepted, detail=blotted(accepted.detail, message))
