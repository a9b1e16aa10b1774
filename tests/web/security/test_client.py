"""The client address of a request: the peer, or the address reported by a trusted proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Flask

from incident.web.security.client import client_address
from tests.plugins.app import Hand, made_app


@contextmanager
def behind(home: Path, *proxies: str) -> Iterator[Flask]:
    with made_app(home, trusted_proxies=tuple(ip_network(one) for one in proxies)) as app:
        yield app


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", "203.0.113.1", "192.0.2.7"),  # not a trusted proxy: its headers are ignored
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1, 10.0.0.2", "203.0.113.1"),  # addresses claimed by the client come first
        ("10.0.0.1", "127.0.0.1, 203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.1:4711", "203.0.113.1"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "2001:DB8::7", "2001:db8::7"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.1, <script>", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", ",,", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.1", "203.0.113.1"),
    ],
)
def test_the_client_is_the_first_from_the_end_that_is_no_proxy_of_ours(
    tmp_path: Path, hand: Hand, peer: str, forwarded: str | None, found: str
) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    environ = {"REMOTE_ADDR": peer}
    with behind(tmp_path, "10.0.0.0/8") as app, app.test_request_context(environ_base=environ, headers=headers):
        assert client_address() == found


def test_without_proxies_of_ours_nobody_is_believed(tmp_path: Path, hand: Hand) -> None:
    with behind(tmp_path) as app:
        context = app.test_request_context(
            environ_base={"REMOTE_ADDR": "127.0.0.1"}, headers={"X-Forwarded-For": "203.0.113.1"}
        )
        with context:
            assert client_address() == "127.0.0.1"


def report(app: Flask, client: str, claimed: str = "6.6.6.6") -> int:
    headers = {"X-Forwarded-For": f"{claimed}, {client}"}
    environ = {"REMOTE_ADDR": "10.0.0.1"}
    return (
        app.test_client().post("/api/v1/reports", json={"text": "x"}, headers=headers, environ_base=environ).status_code
    )


def test_behind_a_proxy_each_client_has_a_limit_of_its_own_and_none_escapes_it_by_a_claim(
    tmp_path: Path, hand: Hand
) -> None:
    with behind(tmp_path, "10.0.0.1") as app:
        first = [report(app, "203.0.113.1", f"6.6.6.{number}") for number in range(31)]
        assert (first[:30], first[30]) == ([201] * 30, 429)
        assert report(app, "203.0.113.2") == 201
        line = [report(app, f"2001:db8::{number:x}") for number in range(31)]
        assert line[30] == 429, "one line of IPv6 is one client"
        assert report(app, "2001:db8:0:1::1") == 201
