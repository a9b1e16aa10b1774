"""The department's own inbox in this program: a message is delivered as soon as it is written."""

from incident.channels.channel import Means
from incident.core.delivery.delivery_profile import MACHINE
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import INBOX, Accepted, Message


class Inbox:
    """People see the notice itself: its messages are written as sent, and only earlier ones come here."""

    name = INBOX
    is_leaving = False
    signing: Signing = "none"
    is_address_secret = False
    delivery_profile = MACHINE  # the written message is already visible there

    def check_address(self, address: str | None) -> str | None:
        """An inbox has no address: `address.not_wanted` when one is given."""
        return "address.not_wanted" if address else None

    def send(self, message: Message) -> Accepted:
        """Accept."""
        return Accepted("shown in the inbox", is_delivered=True)


def make(means: Means) -> Inbox:
    """The inbox."""
    return Inbox()
