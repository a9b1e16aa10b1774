"""Push services of browsers: which are allowed, and what a browser's subscription must hold."""

import base64
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from incident.core.values.faults import RuleError

KNOWN_HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""The push services of Chrome and Edge, Firefox, Safari, and Windows."""

ENDPOINT_LIMIT = 2_000
MAX_DEVICES = 10
"""Most devices of one person."""

POINT_SIZE, AUTH_SIZE = 65, 16
"""Bytes of the two keys of a subscription (RFC 8291 section 3)."""

_ENTRY = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*|https?://[a-z0-9.-]+(:[0-9]{1,5})?")


def is_host_entry(text: str) -> bool:
    """Return whether a text names push services: a host, `*.` and a domain, or an origin."""
    return _ENTRY.fullmatch(text) is not None


def is_allowed(endpoint: str, hosts: Collection[str]) -> bool:
    """Return whether an endpoint belongs to one of the push services.

    Args:
        endpoint: the address that a browser gave.
        hosts: host names, for HTTPS on its usual port; `*.` before one allows all below it; an origin allows itself.
    """
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or not host or not parts.path.strip("/"):
        return False
    if f"{parts.scheme}://{parts.netloc}".lower() in hosts:
        return True
    if parts.scheme != "https" or port not in {None, 443}:
        return False
    return host in hosts or any(one.startswith("*.") and host.endswith(one[1:]) for one in hosts)


def require_subscription(endpoint: str, point: str, auth: str, hosts: Collection[str]) -> None:
    """Check what a browser gave; raises RuleError `push.malformed` or `push.other_service`."""
    if len(endpoint) > ENDPOINT_LIMIT or not endpoint.isprintable() or not endpoint.isascii() or " " in endpoint:
        raise RuleError("push.malformed")
    if _size(point) != POINT_SIZE or _size(auth) != AUTH_SIZE:
        raise RuleError("push.malformed")
    if not is_allowed(endpoint, hosts):
        raise RuleError("push.other_service", {"host": _host(endpoint)})


def _host(endpoint: str) -> str:
    try:
        return (urlsplit(endpoint).hostname or "?")[:100]
    except ValueError:
        return "?"


def _size(text: str) -> int:
    """Return how many bytes a text of unpadded Base64 for addresses holds, -1 when it is none."""
    if len(text) > 200 or re.fullmatch(r"[A-Za-z0-9_-]+", text) is None:
        return -1
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return -1
