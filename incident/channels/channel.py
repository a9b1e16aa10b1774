"""What every way to reach people has in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Accepted, Message
from incident.outgoing import Outgoing


class Channel(Protocol):
    """One way to reach people; may be used by several threads at once."""

    @property
    def name(self) -> str:
        """The word by which contacts name it."""

    @property
    def is_leaving(self) -> bool:
        """Whether its messages leave this machine."""

    @property
    def signing(self) -> Signing:
        """Whether it signs, and who makes the secret."""

    @property
    def is_address_secret(self) -> bool:
        """Whether who knows the address can write there, so that it is not shown whole."""

    @property
    def delivery_profile(self) -> DeliveryProfile:
        """How it wants to be written to: whether people read it, and how much of it they can take."""

    def check_address(self, address: str | None) -> str | None:
        """The code of what is wrong with a contact's address, None if nothing is."""

    def send(self, message: Message) -> Accepted:
        """Hand the message to the next hop; raises DeliveryError when that does not take it."""


_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGateway:
    """Where text messages go: its address, its headers, the body with `{to}` and `{text}` in it.

    `accepted` are words that stand in the answer when a message was taken; without them every 2xx counts.
    """

    url: str = field(repr=False)
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    accepted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What channels are made from: the ways out, and the settings for mail and for text messages.

    `outgoing` is for addresses that come from data, `own_outgoing` for those of the settings: these may be private.
    """

    outgoing: Outgoing
    own_outgoing: Outgoing = field(default_factory=lambda: Outgoing(allow_private=True))
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "incident@localhost"
    smtp_ca_file: str | None = None
    sms: SmsGateway | None = None
