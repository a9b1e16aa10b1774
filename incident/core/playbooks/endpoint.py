"""Destination of a playbook's command: the address of an agent or a target."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_ADDRESS_KINDS: Final = ("url", "dname", "ipv4", "ipv6")


def first_address(place: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return kind and text of the first url, dname, ipv4 or ipv6 of an agent or target (P13), or None."""
    addresses = place.get("address")
    if not isinstance(addresses, Mapping):
        return None
    for kind in _ADDRESS_KINDS:
        given = addresses.get(kind)
        first = given[0] if isinstance(given, list | tuple) and given else given
        if isinstance(first, str) and first.strip():
            return kind, first.strip()
    return None


def definitions_of(order: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the targets of a command, or its agent when it has none (P12)."""
    agent = order.get("agent")
    return tuple(order.get("targets") or ()) or ((agent,) if agent is not None else ())
