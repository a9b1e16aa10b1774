"""What every way to reach people has in common."""

from dataclasses import dataclass, field
from typing import Protocol

from incident.core.message import Accepted, Message
from incident.outgoing import Outgoing


class Channel(Protocol):
    """One way to reach people; may be used by several threads at once."""

    @property
    def name(self) -> str:
        """The word by which contacts name it."""

    @property
    def is_leaving(self) -> bool:
        """Whether its messages leave this machine."""

    def check_address(self, address: str | None) -> str | None:
        """The code of what is wrong with a contact's address, None if nothing is."""

    def send(self, message: Message) -> Accepted:
        """Hand the message to the next hop; raises DeliveryError when that does not take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What channels are made from: the way out, and the settings for mail."""

    outgoing: Outgoing
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "incident@localhost"
    smtp_ca_file: str | None = None
