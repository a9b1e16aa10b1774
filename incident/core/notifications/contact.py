"""Rules of contacts of every channel: signing, and how much of an address is displayed."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from incident.core.notifications.message import INBOX
from incident.core.values.duration import format_duration, parse_duration
from incident.core.values.faults import RuleError

Signing = Literal["none", "made", "given"]
"""Whether a channel signs its messages: never, with a secret generated here, or with the receiver's secret."""

OLD_SECRET_LIMIT = timedelta(hours=24)
"""How long the previous secret of a contact stays valid."""

USUAL_CHECKS: Mapping[str, str] = MappingProxyType({"webhook": "P1D"})
"""Default interval of contact checks by channel: machines only."""

CHECK_LEAST, MAX_CHECK = timedelta(hours=1), timedelta(days=90)

_SHOWN_TAIL = 4
_ORIGINS = {"email": "smtp"}
_PORTS = {"http": 80, "https": 443}
_ORIGIN_LIMIT = 300


def shown_address(address: str | None, is_secret: bool) -> str | None:
    """Return the address for display; of a secret address only the host and the last characters."""
    if address is None or not is_secret:
        return address
    return f"{origin_shown(address)}…{address[-_SHOWN_TAIL:]}"


def origin_shown(address: str) -> str:
    """Return the public start of an address: scheme, host and port, without user name and password."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def origin_of(channel: str, address: str | None) -> str | None:
    """Return the provider of a contact: scheme, host and port of its address, else the channel's own.

    An inbox has none. Contacts with the same provider fail together when it is down.
    """
    if channel == INBOX:
        return None
    parts = urlsplit(address or "")
    if parts.scheme not in _PORTS or not parts.hostname:
        return _ORIGINS.get(channel, channel)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"[:_ORIGIN_LIMIT]


def require_check_every(text: object, pointer: str = "") -> timedelta:
    """Return how often a contact is checked; raises RuleError `duration.malformed` or `contact.check_every`."""
    return _within_bounds(text, "contact.check_every", pointer)


def require_confirm_within(text: object, pointer: str = "") -> timedelta:
    """Return the time limit to confirm a check; raises RuleError `duration.malformed` or `contact.confirm_within`."""
    return _within_bounds(text, "contact.confirm_within", pointer)


def _within_bounds(text: object, code: str, pointer: str) -> timedelta:
    length = parse_duration(text, pointer)
    if not CHECK_LEAST <= length <= MAX_CHECK:
        bounds = {"least": format_duration(CHECK_LEAST), "most": format_duration(MAX_CHECK)}
        raise RuleError(code, bounds, pointer=pointer)
    return length
