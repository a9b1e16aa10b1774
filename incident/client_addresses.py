"""Client addresses: the part of an address that identifies a client, and the trusted proxies."""

import ipaddress
from collections.abc import Collection
from functools import lru_cache

from incident.config import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def plain_address(address: str) -> Address | None:
    """Return an address as a value, an IPv4-mapped IPv6 address as IPv4; None when it is invalid."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(1 << 12)
def address_block(address: str, v4: int = 32, v6: int = 64) -> str:
    """Return what counts as one client.

    Args:
        address: of the client.
        v4: bits of an IPv4 address that count.
        v6: bits of an IPv6 address that count; one line is given a /64 at least.
    """
    found = plain_address(address)
    if found is None:
        return address
    bits = v6 if found.version == 6 else v4
    return str(ipaddress.ip_network((found, bits), strict=False))


def is_in(address: str, networks: Collection[Network]) -> bool:
    """Return whether an address is in one of the networks; False for an invalid address."""
    found = plain_address(address)
    return found is not None and any(found in network for network in networks)


def is_loopback_host(host: str) -> bool:
    """Tell whether a host, as an address or a name, is this machine's own, which nobody else reaches."""
    found = plain_address(host)
    return host == "localhost" or host.endswith(".localhost") or (found is not None and found.is_loopback)
