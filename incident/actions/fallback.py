"""Another way to the same people: when a message is refused for good, or its provider is left alone."""

from incident.actions.transaction import Deed
from incident.store import due, messages
from incident.store.messages import Message

PASSED_ON_MOST = 100
"""How many messages are passed on in one deed."""


def pass_on_stranded(deed: Deed) -> None:
    """Send what waits for a provider that is left alone another way as well, each message once, inside a deed."""
    for row in due.stranded(deed.now, PASSED_ON_MOST):
        next_way(deed, row)


def next_way(deed: Deed, message: Message) -> None:
    """Go the next way at once: bring forward the message that would have come later, or write one.

    Args:
        deed: the deed that this is part of.
        message: the one that cannot be delivered, or not now; it keeps its state.
    """
    if message.passed_on_at is not None:
        return
    message.passed_on_at = deed.now
    later = messages.later_turn(message, deed.now)
    if later is not None:
        later.next_attempt_at = deed.now
        deed.wake()
