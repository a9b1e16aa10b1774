"""Acknowledge links as they leave in messages: their tokens, and the values on which the rule decides.

How long a link is valid, and what it can still do: `core/notifications/acknowledge_link.py`.
"""

from incident.core.notifications.acknowledge_link import WITHOUT_LINK, AcknowledgeLink, LinkedNotice
from incident.keyring import KeyRing
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice


def acknowledge_url(ring: KeyRing, public_url: str, kind: str, webhook_id: str) -> str | None:
    """Return the address of the acknowledge link of a message, None for a type of message without one.

    Args:
        ring: signs the message.
        public_url: the address of this instance.
        kind: the type of the message, such as `notice.created`.
        webhook_id: the message.
    """
    if kind in WITHOUT_LINK:
        return None
    return f"{public_url}/acknowledge/{acknowledge_token(ring, webhook_id)}"


def acknowledge_token(ring: KeyRing, webhook_id: str) -> str:
    """Return the token of a message's acknowledge link: the signed message."""
    return f"{webhook_id}.{ring.sign(webhook_id)}"


def message_of_token(ring: KeyRing, token: str) -> str | None:
    """Return the `webhook-id` of the message with this link, None when the token was not created here."""
    webhook_id, _, signature = token.partition(".")
    return webhook_id if ring.is_signed(webhook_id, signature) else None


def link_of(message: Message) -> AcknowledgeLink:
    """Return the link of a message."""
    return AcknowledgeLink(message.notice_id, message.created_at)


def linked_notice(notice: Notice) -> LinkedNotice:
    """Return what the rule needs to know of a notice."""
    return LinkedNotice(notice.id, notice.state, notice.opened_at)
