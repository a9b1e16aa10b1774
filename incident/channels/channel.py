"""The interface of all channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from incident.core.delivery.delivery_profile import DeliveryProfile
from incident.core.notifications.contact import Signing
from incident.core.notifications.message import Accepted, Message
from incident.outgoing import Outgoing


class Channel(Protocol):
    """A notification channel; thread-safe."""

    @property
    def name(self) -> str:
        """The name of the channel in contacts."""

    @property
    def is_leaving(self) -> bool:
        """Whether its messages leave this machine."""

    @property
    def signing(self) -> Signing:
        """Whether it signs messages, and who generates the secret."""

    @property
    def is_address_secret(self) -> bool:
        """Whether the address alone allows writing there, so that it is not shown whole."""

    @property
    def delivery_profile(self) -> DeliveryProfile:
        """How it wants to be written to: whether people read it, and how much of it they can take."""

    def check_address(self, address: str | None) -> str | None:
        """Return the code of the fault of a contact's address, None if it is valid."""

    def send(self, message: Message) -> Accepted:
        """Pass the message to the next hop; raises DeliveryError when that does not accept it."""


_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsGateway:
    """The gateway of text messages: its address, its headers, the body with `{to}` and `{text}` in it.

    `accepted` are words of the response to an accepted message; without them every 2xx counts.
    """

    url: str = field(repr=False)
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    accepted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Dependencies of channels: HTTP clients, the own address, and the settings for mail and text messages.

    `outgoing` is for addresses from data, `own_outgoing` for those of the settings, which may be private.
    """

    outgoing: Outgoing
    own_outgoing: Outgoing = field(default_factory=lambda: Outgoing(allow_private=True))
    public_url: str = ""
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "incident@localhost"
    smtp_ca_file: str | None = None
    sms: SmsGateway | None = None
