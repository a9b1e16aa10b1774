"""Which systems the names and addresses of an alert belong to, by an index that is built once."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from incident.core.systems.system import WILDCARD, canonical_name, read_network

MatchedBy = Literal["address", "name", "label", "person"]
"""How an incident got a system: by an address, a name, the value of a label, or a person."""

SEEN_LIMIT: Final = 200
NAMED_LABEL_LIMIT: Final = 256
"""Longer values of labels name no system."""

_WITH_PORT: Final = re.compile(r"\[?([^\s\[\]]+?)\]?:[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class IndexedSystem:
    """A system as the matcher and the routing rules need it; `owner` is the code of its department."""

    id: int
    code: str
    owner: str | None = None
    protection_level: int | None = None
    criticality: str | None = None
    addresses: Sequence[str] = ()
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SystemMatch:
    """A system of an incident, by what it was recognised, and the value that was seen, if any."""

    system: IndexedSystem
    matched_by: MatchedBy
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class SystemIndex:
    """Systems by name, by domain and by network; a look-up takes as long for few systems as for many.

    Networks are divided by the length of their prefix: for each length that occurs, an address is looked up once.
    """

    systems: Mapping[int, IndexedSystem] = field(default_factory=dict)
    _names: dict[str, list[int]] = field(default_factory=dict)
    _domains: dict[str, list[int]] = field(default_factory=dict)
    _networks: dict[int, dict[int, dict[int, list[int]]]] = field(default_factory=lambda: {4: {}, 6: {}})

    def match(self, seen: "SeenHosts") -> list[SystemMatch]:
        """Return the systems of an alert in the order of their ids, each once with the most exact reason."""
        found: dict[int, SystemMatch] = {}
        for system_id, matched_by, value in self._all(seen):
            if system_id not in found:
                found[system_id] = SystemMatch(self.systems[system_id], matched_by, value[:SEEN_LIMIT])
        return [found[system_id] for system_id in sorted(found)]

    def _all(self, seen: "SeenHosts") -> Iterator[tuple[int, MatchedBy, str]]:
        for address in seen.addresses:
            yield from ((one, "address", address) for one in self._at(address))
        for name in seen.names:
            yield from ((one, "name", name) for one in self._named(name))
        for value in seen.labels:
            yield from ((one, "label", value) for one in self._labelled(value))

    def _at(self, text: str) -> Iterator[int]:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return
        number, bits = int(address), address.max_prefixlen
        for length, networks in self._networks[address.version].items():
            yield from networks.get(number >> (bits - length), ())

    def _named(self, text: str) -> Iterator[int]:
        name = canonical_name(text)
        yield from self._names.get(name, ())
        _, dot, above = name.partition(".")
        while dot:
            yield from self._domains.get(above, ())
            _, dot, above = above.partition(".")

    def _labelled(self, value: str) -> Iterator[int]:
        if not value or len(value) > NAMED_LABEL_LIMIT:
            return
        yield from self._at(value)
        yield from self._named(value)
        match = _WITH_PORT.fullmatch(value)
        if match is not None:
            yield from self._at(match[1])
            yield from self._named(match[1])


def build_index(systems: Iterable[IndexedSystem]) -> SystemIndex:
    """Return the index of systems."""
    index = SystemIndex({one.id: one for one in systems})
    for one in index.systems.values():
        for name in one.names:
            table = index._domains if name.startswith(WILDCARD) else index._names
            table.setdefault(name.removeprefix(WILDCARD), []).append(one.id)
        for address in one.addresses:
            network = read_network(address)
            if network is not None:
                key = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
                by_length = index._networks[network.version].setdefault(network.prefixlen, {})
                by_length.setdefault(key, []).append(one.id)
    return index


@dataclass(frozen=True, slots=True)
class SeenHosts:
    """What an alert or an incident says about hosts: addresses, names, and the values of its labels."""

    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def hosts_in(indicators: Iterable[Any], labels: Mapping[str, str]) -> SeenHosts:
    """Return the hosts of indicators (with `kind` and `value`) and of labels."""
    addresses, names = dict[str, None](), dict[str, None]()
    for one in indicators:
        host = _host_of(one.value) if one.kind == "url" else one.value
        if one.kind in ("ipv4", "ipv6") or (one.kind == "url" and _is_address(host)):
            addresses[host] = None
        elif one.kind in ("domain", "url"):
            names[host] = None
    return SeenHosts(tuple(addresses), tuple(names), tuple(dict.fromkeys(labels.values())))


def _host_of(url: str) -> str:
    place = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    match = _WITH_PORT.fullmatch(place)
    return match[1] if match else place.strip("[]")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
