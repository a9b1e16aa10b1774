"""Addresses that this program may connect to, and the syntax of web addresses."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

URL_LIMIT = 2048


def _networks(kind: str, *blocks: str) -> tuple[tuple[Network, str], ...]:
    return tuple((ip_network(block), kind) for block in blocks)


# Written out because `ipaddress.is_private` and `is_global` differ between Python versions. The first fit counts.
_PRIVATE = (
    *_networks("loopback", "127.0.0.0/8", "::1/128"),
    *_networks("private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "fc00::/7", "fec0::/10"),
    *_networks("private", "64:ff9b:1::/48"),
    *_networks("shared (carrier-grade NAT)", "100.64.0.0/10"),
)
# Addresses where clouds give credentials to any process of a machine: each is opened by its own address alone.
_ONLY_NAMED = (
    *_networks("link-local", "169.254.0.0/16", "fe80::/10"),
    *_networks("metadata of a cloud", "100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128"),
)
_UNUSABLE = (
    *_networks("unspecified", "0.0.0.0/8", "::/128"),
    *_networks("multicast", "224.0.0.0/4", "ff00::/8"),
    *_networks("reserved", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24"),
    *_networks("reserved", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20"),
)
_GLOBAL_V6 = IPv6Network("2000::/3")
# The last four bytes of these hold an IPv4 address, to which the packets go in the end.
_V4_IN_LAST_BYTES = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
_SIX_TO_FOUR = IPv6Network("2002::/16")


@dataclass(frozen=True, slots=True)
class AddressRules:
    """Which IP addresses may be connected to.

    Args:
        allow_private: opens loopback, private and shared addresses.
        private_networks: opens these networks alone, whatever they are; an address that is link-local or of the
            metadata of a cloud only when it is named by itself.
    """

    allow_private: bool = False
    private_networks: tuple[Network, ...] = ()

    def refusal(self, given: str) -> str | None:
        """Return the kind of a forbidden address, else None; raises ValueError if it is no IP address."""
        address = _effective(ip_address(given.partition("%")[0]))
        for network, kind in _ONLY_NAMED:
            if address in network:
                return None if ip_network(address) in self.private_networks else kind
        if any(address in network for network in self.private_networks):
            return None
        for network, kind in _PRIVATE:
            if address in network:
                return None if self.allow_private else kind
        for network, kind in _UNUSABLE:
            if address in network:
                return kind
        if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
            return "reserved"
        return None


def _effective(address: Address) -> Address:
    if isinstance(address, IPv4Address) or address in (IPv6Address("::"), IPv6Address("::1")):
        return address
    if address in _SIX_TO_FOUR:
        return IPv4Address(address.packed[2:6])
    if any(address in network for network in _V4_IN_LAST_BYTES):
        return IPv4Address(address.packed[-4:])
    return address


def url_fault(url: str) -> str | None:
    """Return the code of the fault of a web address, None if it is valid.

    The codes: `address.missing`, `address.too_long`, `address.bad_character`, `address.not_http`, `address.no_host`,
    `address.has_userinfo`, `address.bad_port`.
    """
    if not url:
        return "address.missing"
    if len(url) > URL_LIMIT:
        return "address.too_long"
    if "\\" in url or not url.isprintable() or re.search(r"\s", url):
        return "address.bad_character"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "address.no_host"
    if parts.scheme not in {"http", "https"}:
        return "address.not_http"
    if "@" in parts.netloc:
        return "address.has_userinfo"
    if not _is_host(parts.hostname or ""):
        return "address.no_host"
    return None if _is_port(parts.netloc) else "address.bad_port"


def _is_port(netloc: str) -> bool:
    port = netloc.rpartition("]")[2].partition(":")[2] if netloc.startswith("[") else netloc.partition(":")[2]
    return not netloc.endswith(":") and (not port or (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536))


def _is_host(host: str) -> bool:
    if ":" in host:
        return True
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        return False
    return bool(re.fullmatch(r"(?=.{1,253}\.?$)[A-Za-z0-9_]([A-Za-z0-9_-]*)(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*\.?", name))
