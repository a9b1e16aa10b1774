"""Addresses of clients: which part of one stands for one client, and which are those of our own proxies."""

import ipaddress
from collections.abc import Collection
from functools import lru_cache

from incident.config import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def plain_address(address: str) -> Address | None:
    """Return an address as a value, an IPv4 address that came by IPv6 as itself; None when the text is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(1 << 12)
def address_block(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 that one line of IPv6 is given."""
    found = plain_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return str(found or address)


def is_in(address: str, networks: Collection[Network]) -> bool:
    """Tell whether an address lies in one of some networks; what is no address lies in none."""
    found = plain_address(address)
    return found is not None and any(found in network for network in networks)
