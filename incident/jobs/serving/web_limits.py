"""Limits of clients of the web workers: times, sizes and numbers of connections."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Final

from incident.config import Network
from incident.shared_counts import SharedCounts

LOOPBACK: Final[tuple[Network, ...]] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, kw_only=True)
class WebLimits:
    """Limits of clients: durations in seconds, sizes in bytes.

    Args:
        head_for: from the acceptance of a connection (a later request: from its first byte) to the end of the headers.
        body_for: for the whole body.
        send_for: for a client to accept a part of a response.
        linger_for: for a client that keeps sending after its response; `quiet_for` is for a silent one.
        max_body: of a body that is read before a thread is assigned; a longer one is refused.
        max_held: of all incoming requests of this worker.
        max_connections: connections of this worker at once.
        per_address: connections of one address at once, on the whole node.
    """

    head_for: float = 10.0
    body_for: float = 60.0
    send_for: float = 60.0
    linger_for: float = 30.0
    quiet_for: float = 2.0
    max_body: int = 10 << 20
    max_held: int = 64 << 20
    max_connections: int = 4_000
    per_address: int = 512


@dataclass(frozen=True)
class WebTerms:
    """The conditions under which a worker serves.

    Args:
        limits: the limits of clients.
        connections: the number of connections per address on this node.
        unlimited: networks without a limit per address: of this machine, and of proxies, which serve many clients.
        on_busy: called about once a second, with since when all threads have been busy (monotonic seconds), or None.
    """

    limits: WebLimits = field(default_factory=WebLimits)
    connections: SharedCounts = field(default_factory=lambda: SharedCounts(1))
    unlimited: tuple[Network, ...] = LOOPBACK
    on_busy: Callable[[float | None], None] = lambda _since: None
