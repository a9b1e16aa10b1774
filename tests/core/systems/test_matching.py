"""The index of systems finds what a search through all of them finds."""

import ipaddress
import random

from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.indicator import Indicator
from incident.core.systems.matching import IndexedSystem, SeenHosts, build_index, hosts_in

LABELS = st.sampled_from(["a", "b", "web-1", "db"])
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
PATTERNS = st.one_of(NAMES, NAMES.map(lambda name: f"*.{name}"))
ADDRESSES = st.integers(0, 255).map(lambda last: f"192.0.2.{last}")
NETWORKS = st.tuples(ADDRESSES, st.integers(0, 32)).map(
    lambda pair: str(ipaddress.ip_network(f"{pair[0]}/{pair[1]}", strict=False))
)
NETWORKS_6 = st.tuples(st.integers(0, 2**16), st.integers(0, 128)).map(
    lambda pair: str(ipaddress.ip_network((pair[0] << 100, pair[1]), strict=False))
)
SYSTEMS = st.lists(
    st.tuples(st.lists(st.one_of(NETWORKS, NETWORKS_6), max_size=3), st.lists(PATTERNS, max_size=3)), max_size=6
)


def found(systems: list[IndexedSystem], seen: SeenHosts) -> dict[int, tuple[str, str | None]]:
    return {one.system.id: (one.matched_by, one.seen) for one in build_index(systems).match(seen)}


def made(drawn: list[tuple[list[str], list[str]]]) -> list[IndexedSystem]:
    return [IndexedSystem(at, f"S{at}", addresses=one[0], names=one[1]) for at, one in enumerate(drawn)]


@given(SYSTEMS, st.one_of(ADDRESSES, st.integers(0, 2**128 - 1).map(lambda n: str(ipaddress.IPv6Address(n)))))
def test_an_address_belongs_to_exactly_the_systems_whose_networks_hold_it(drawn: list, address: str) -> None:
    systems, parsed = made(drawn), ipaddress.ip_address(address)
    wanted = {one.id for one in systems if any(parsed in ipaddress.ip_network(net) for net in one.addresses)}
    assert found(systems, SeenHosts(addresses=(address,))).keys() == wanted


@given(SYSTEMS, NAMES)
def test_a_name_belongs_to_the_systems_of_that_name_and_of_domains_above_it(drawn: list, name: str) -> None:
    systems = made(drawn)
    wanted = {
        one.id for one in systems if any(name.endswith(p[1:]) if p.startswith("*.") else name == p for p in one.names)
    }
    assert found(systems, SeenHosts(names=(name,))).keys() == wanted


def test_a_wildcard_stands_for_the_names_below_a_domain_and_not_for_the_domain() -> None:
    systems = [IndexedSystem(1, "A", names=["*.example.org"])]
    assert found(systems, SeenHosts(names=("example.org",))) == {}
    assert found(systems, SeenHosts(names=("notexample.org",))) == {}
    assert found(systems, SeenHosts(names=("a.b.Example.ORG.",))) == {1: ("name", "a.b.Example.ORG.")}


def test_values_of_labels_are_names_addresses_and_either_with_a_port() -> None:
    systems = [
        IndexedSystem(1, "A", addresses=["192.0.2.0/28"]),
        IndexedSystem(2, "B", names=["web-1"]),
        IndexedSystem(3, "C", names=["支付 系统"]),
        IndexedSystem(4, "D", addresses=["2001:db8::/32"]),
    ]
    labels = {"instance": "192.0.2.7:9100", "host": "WEB-1:80", "service": "支付 系统", "ip": "[2001:db8::1]:443"}
    seen = found(systems, hosts_in((), labels))
    assert {one: how for one, (how, _) in seen.items()} == dict.fromkeys((1, 2, 3, 4), "label")
    assert seen[1][1] == "192.0.2.7:9100"


def test_the_most_exact_reason_is_kept() -> None:
    systems = [IndexedSystem(1, "A", addresses=["192.0.2.7"], names=["web-1.example.org"])]
    indicators = [Indicator("domain", "web-1.example.org"), Indicator("ipv4", "192.0.2.7")]
    assert found(systems, hosts_in(indicators, {"x": "192.0.2.7"})) == {1: ("address", "192.0.2.7")}


def test_the_host_of_a_url_is_seen_and_hashes_and_accounts_are_not() -> None:
    indicators = [
        Indicator("url", "https://shop.example.org:8443/a?b=192.0.2.1"),
        Indicator("url", "http://192.0.2.9/x"),
        Indicator("account", "web-1"),
        Indicator("md5", "d41d8cd98f00b204e9800998ecf8427e"),
    ]
    assert hosts_in(indicators, {}) == SeenHosts(("192.0.2.9",), ("shop.example.org",), ())


def test_an_alert_is_matched_against_ten_thousand_systems() -> None:
    chance = random.Random(1)
    systems = [
        IndexedSystem(
            at,
            f"S{at}",
            addresses=[f"10.{at % 256}.{at // 256}.0/{chance.randint(16, 32)}", f"2001:db8:{at:x}::/48"],
            names=[f"host-{at}.example.org", f"*.zone-{at}.example.org", f"label {at}"],
        )
        for at in range(10_000)
    ]
    index = build_index(systems)
    seen = SeenHosts(("10.3.4.5", "2001:db8:7::1"), ("host-9999.example.org",), tuple(f"label {n}" for n in range(30)))
    assert len(index.match(seen)) >= 32
