"""Outgoing requests against misbehaving servers."""

import socket
import ssl
import threading
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.outgoing import (
    AddressRules,
    BadAnswer,
    Outgoing,
    OutgoingError,
    Refused,
    TookTooLong,
    Unreachable,
    url_fault,
)
from incident.outgoing.sockets import Conversation
from tests import receivers
from tests.receivers import receiver

HALF_A_SECOND = 0.5
LOOPBACK = ip_network("127.0.0.0/8")


@pytest.fixture
def outgoing() -> Outgoing:
    return Outgoing(allow_private=True)


@pytest.fixture
def hasty() -> Outgoing:
    return Outgoing(allow_private=True, connect_limit=0.3, whole_limit=HALF_A_SECOND)


def fault_of(outgoing: Outgoing, url: str, **more: object) -> OutgoingError:
    with pytest.raises(OutgoingError) as caught:
        outgoing.request("POST", url, {"X-Key": "hushhush"}, b"hushhush", **more)  # type: ignore[arg-type]
    assert "hushhush" not in str(caught.value)
    assert "token" not in str(caught.value)
    return caught.value


def test_an_answer_has_status_headers_and_body(outgoing: Outgoing) -> None:
    with receiver(status=201, headers={"X-Made": "yes"}, body=b"made") as server:
        answer = outgoing.request("POST", f"{server.url}/a?b=c", {"Content-Type": "text/plain"}, b"hello")
    assert (answer.status, answer.headers["x-made"], answer.body, answer.is_cut) == (201, "yes", b"made", False)
    came = server.requests[0]
    assert (came.method, came.path, came.body) == ("POST", "/a?b=c", b"hello")
    assert came.headers["host"] == f"127.0.0.1:{server.port}"
    assert came.headers["content-type"] == "text/plain"


def test_a_500_is_an_answer_like_any_other(outgoing: Outgoing) -> None:
    with receiver(status=500, body=b"sorry") as server:
        assert outgoing.request("GET", server.url).status == 500


def test_a_connection_is_kept_for_the_next_request(outgoing: Outgoing) -> None:
    with receiver() as server:
        for _ in range(3):
            outgoing.request("GET", server.url)
    assert len({came.port for came in server.requests}) == 1


def test_a_fresh_request_has_a_connection_of_its_own(outgoing: Outgoing) -> None:
    with receiver() as server:
        for _ in range(3):
            outgoing.request("GET", server.url, is_fresh=True)
    assert len({came.port for came in server.requests}) == 3


def test_many_threads_share_it_and_none_gets_the_answer_of_another(outgoing: Outgoing) -> None:
    def echo(handler: receivers.Handler) -> None:
        content = handler.path.encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    wrong: list[str] = []

    def ask(name: int) -> None:
        for count in range(10):
            path = f"/{name}/{count}"
            if outgoing.request("GET", server.url + path).body != path.encode():
                wrong.append(path)

    with receiver(behave=echo) as server:
        threads = [threading.Thread(target=ask, args=(name,)) for name in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.requests) == 160
    assert wrong == []


def test_a_redirect_is_not_followed(outgoing: Outgoing) -> None:
    with receiver() as inner, receiver(status=302, headers={"Location": inner.url}) as server:
        assert outgoing.request("GET", server.url).status == 302
    assert inner.requests == []


@pytest.mark.parametrize("behave", [receivers.hang, receivers.drip_body, receivers.drip_headers])
def test_a_server_that_never_finishes_is_left_when_the_whole_limit_has_passed(hasty: Outgoing, behave: object) -> None:
    with receiver(behave=behave) as server:
        begun = time.monotonic()
        fault = fault_of(hasty, f"{server.url}/?token=1")
        taken = time.monotonic() - begun
    assert isinstance(fault, TookTooLong)
    assert fault.detail == f"no complete answer from 127.0.0.1:{server.port} within 0.5 s"
    assert taken < HALF_A_SECOND + 0.4


def test_a_server_that_reads_nothing_is_left_too(hasty: Outgoing) -> None:
    def deaf(connection: socket.socket, ended: threading.Event) -> None:
        ended.wait(30)

    with receivers.talker(deaf) as port, pytest.raises(TookTooLong):
        hasty.request("POST", f"http://127.0.0.1:{port}", None, b"x" * 30_000_000)


def test_a_tls_handshake_that_hangs_is_left_too(hasty: Outgoing) -> None:
    def silent(connection: socket.socket, ended: threading.Event) -> None:
        ended.wait(30)

    with receivers.talker(silent) as port:
        assert isinstance(fault_of(hasty, f"https://127.0.0.1:{port}"), TookTooLong)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_another_thread_can_cut_a_conversation_that_hangs(tmp_path: Path, scheme: str) -> None:
    trusted = receivers.authority(tmp_path)
    outgoing = Outgoing(allow_private=True, ca_file=trusted.ca_file)
    is_tls = scheme == "https"
    with receiver(trusted.server_context if is_tls else None, behave=receivers.hang) as server:
        line = Conversation()
        url = server.url.replace("127.0.0.1", "localhost") if is_tls else server.url
        cutting = threading.Timer(0.3, line.cut)
        cutting.start()
        began = time.monotonic()
        with pytest.raises(OutgoingError), line.held():
            outgoing.request("GET", url)
        assert time.monotonic() - began < 5
        cutting.join()
        server.behave = None
        assert outgoing.request("GET", url).status == 200, "the next conversation has a line of its own"
    with pytest.raises(OutgoingError), line.held():
        outgoing.request("GET", url)


def test_after_a_limit_has_passed_the_next_request_has_its_own(hasty: Outgoing) -> None:
    with receiver(behave=receivers.hang) as server:
        fault_of(hasty, server.url)
        server.behave = None
        assert hasty.request("GET", server.url).status == 200


def test_a_100_megabyte_answer_is_cut_and_the_rest_never_read(outgoing: Outgoing) -> None:
    with receiver(behave=receivers.pour) as server:
        begun = time.monotonic()
        answer = outgoing.request("GET", server.url, body_limit=1000)
        assert time.monotonic() - begun < 2
    assert (answer.body, answer.is_cut) == (b"x" * 1000, True)


def test_an_answer_of_exactly_the_limit_is_not_cut(outgoing: Outgoing) -> None:
    with receiver(body=b"x" * 1000) as server:
        assert not outgoing.request("GET", server.url, body_limit=1000).is_cut
        assert outgoing.request("GET", server.url, body_limit=999).is_cut


def test_a_packed_answer_is_not_asked_for_and_not_unpacked(outgoing: Outgoing) -> None:
    with receiver(headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b not unpacked") as server:
        assert outgoing.request("GET", server.url).body == b"\x1f\x8b not unpacked"
    assert server.requests[0].headers["accept-encoding"] == "identity"


def test_a_refused_connection_is_unreachable(outgoing: Outgoing) -> None:
    fault = fault_of(outgoing, f"http://127.0.0.1:{receivers.closed_port()}/?token=1")
    assert isinstance(fault, Unreachable)
    assert "Connection refused" in fault.detail
    assert not fault.permanent


def test_a_connection_that_closes_without_an_answer_is_unreachable(outgoing: Outgoing) -> None:
    with receivers.talker(lambda connection, ended: None) as port:
        assert isinstance(fault_of(outgoing, f"http://127.0.0.1:{port}"), Unreachable)


def test_an_answer_that_breaks_off_is_unreachable(outgoing: Outgoing) -> None:
    def stop(connection: socket.socket, ended: threading.Event) -> None:
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with receivers.talker(stop) as port:
        assert isinstance(fault_of(outgoing, f"http://127.0.0.1:{port}"), Unreachable)


def test_what_is_not_http_is_a_bad_answer(outgoing: Outgoing) -> None:
    def mumble(connection: socket.socket, ended: threading.Event) -> None:
        connection.recv(10_000)
        connection.sendall(b"220 mail.example ESMTP\r\n")

    with receivers.talker(mumble) as port:
        assert isinstance(fault_of(outgoing, f"http://127.0.0.1:{port}"), BadAnswer)


def test_a_certificate_of_a_trusted_authority_is_accepted(tmp_path: Path) -> None:
    own = receivers.authority(tmp_path)
    trusting = Outgoing(allow_private=True, ca_file=own.ca_file)
    with receiver(tls=own.server_context, host="localhost") as server:
        assert trusting.request("GET", server.url).body == b"ok"
        assert trusting.request("GET", server.url.replace("localhost", "127.0.0.1")).body == b"ok"


def test_a_certificate_of_an_unknown_authority_is_not(tmp_path: Path, outgoing: Outgoing) -> None:
    with receiver(tls=receivers.authority(tmp_path).server_context) as server:
        fault = fault_of(outgoing, server.url)
    assert isinstance(fault, Unreachable)
    assert "certificate" in fault.detail
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "is_expired", "why"), [("localhost", True, "expired"), ("other.example", False, "Hostname mismatch")]
)
def test_an_expired_or_foreign_certificate_is_not(tmp_path: Path, name: str, is_expired: bool, why: str) -> None:
    own = receivers.authority(tmp_path, name, is_expired=is_expired)
    trusting = Outgoing(allow_private=True, ca_file=own.ca_file)
    with receiver(tls=own.server_context, host="localhost") as server:
        fault = fault_of(trusting, server.url)
    assert why in fault.detail


def test_a_body_that_drips_over_tls_is_left_too(tmp_path: Path) -> None:
    own = receivers.authority(tmp_path)
    hasty = Outgoing(allow_private=True, ca_file=own.ca_file, whole_limit=HALF_A_SECOND)
    with receiver(tls=own.server_context, behave=receivers.drip_body) as server:
        assert isinstance(fault_of(hasty, server.url), TookTooLong)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_not_spoken(tmp_path: Path) -> None:
    own = receivers.authority(tmp_path)
    own.server_context.minimum_version = ssl.TLSVersion.TLSv1
    own.server_context.maximum_version = ssl.TLSVersion.TLSv1_1
    own.server_context.set_ciphers("ALL:@SECLEVEL=0")
    with receiver(tls=own.server_context) as server:
        assert isinstance(fault_of(Outgoing(allow_private=True, ca_file=own.ca_file), server.url), Unreachable)


def test_a_private_address_is_refused_while_private_is_off() -> None:
    with receiver() as server:
        fault = fault_of(Outgoing(), server.url)
    assert isinstance(fault, Refused)
    assert fault.permanent
    assert "loopback" in fault.detail
    assert server.requests == []


def test_a_name_that_resolves_to_a_private_address_is_refused() -> None:
    with receiver(host="localhost") as server:
        assert isinstance(fault_of(Outgoing(), server.url), Refused)
    assert server.requests == []


def test_other_spellings_of_a_private_address_are_refused() -> None:
    for host in ("2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "[::]"):
        assert isinstance(fault_of(Outgoing(), f"http://{host}:9/"), Refused), host


def test_a_private_network_that_is_opened_is_asked() -> None:
    with receiver() as server:
        assert Outgoing(private_networks=(LOOPBACK,)).request("GET", server.url).status == 200
        assert isinstance(fault_of(Outgoing(private_networks=(ip_network("10.0.0.0/8"),)), server.url), Refused)


def test_the_name_is_looked_up_once_and_that_answer_is_pinned() -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

    with receiver(host="rebinding.example") as server:
        careful = Outgoing(private_networks=(ip_network("127.0.0.1/32"),), resolve=rebinding)
        assert careful.request("GET", server.url).status == 200
    assert asked == ["rebinding.example"]


def test_of_several_addresses_those_that_are_allowed_are_tried() -> None:
    with receiver(host="several.example") as server:
        answers = ["10.1.2.3", "127.0.0.9", "127.0.0.1"]
        careful = Outgoing(private_networks=(LOOPBACK,), resolve=lambda host, port: answers)
        assert careful.request("GET", server.url).status == 200


def test_a_resolver_that_hangs_is_left_at_the_limit_for_connecting() -> None:
    ended = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        ended.wait(30)
        return []

    begun = time.monotonic()
    fault = fault_of(Outgoing(connect_limit=0.3, resolve=slow), "http://slow.example/")
    ended.set()
    assert isinstance(fault, TookTooLong)
    assert time.monotonic() - begun < 1


def test_a_name_that_does_not_exist_is_unreachable(outgoing: Outgoing) -> None:
    fault = fault_of(outgoing, "http://nowhere.invalid/?token=1")
    assert isinstance(fault, Unreachable)
    assert not fault.permanent


def test_proxies_and_netrc_of_the_environment_are_not_used(
    outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hushhush\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{receivers.closed_port()}")
    with receiver() as server:
        assert outgoing.request("GET", server.url).status == 200
    assert "authorization" not in server.requests[0].headers


def test_cookies_are_not_kept(outgoing: Outgoing) -> None:
    with receiver(headers={"Set-Cookie": "a=b"}) as server:
        outgoing.request("GET", server.url)
        outgoing.request("GET", server.url)
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize(("name", "value"), [("X-A\r\nX-B", "1"), ("X A", "1"), ("", "1"), ("X-A", "1\r\nX-B: 2")])
def test_a_header_that_is_none_or_would_become_two_is_refused(outgoing: Outgoing, name: str, value: str) -> None:
    with receiver() as server, pytest.raises(Refused):
        outgoing.request("GET", server.url, {name: value})
    assert server.requests == []


def test_a_method_that_is_no_word_is_refused(outgoing: Outgoing) -> None:
    with pytest.raises(Refused):
        outgoing.request("GET / HTTP/1.1\r\nX:", "http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "address.missing"),
        ("http://a.example/" + "x" * 2048, "address.too_long"),
        ("ftp://a.example/", "address.not_http"),
        ("file:///etc/passwd", "address.not_http"),
        ("a.example/x", "address.not_http"),
        ("http://user@a.example/", "address.has_userinfo"),
        ("http://user:token@a.example/", "address.has_userinfo"),
        ("http://a.example\\@b.example/", "address.bad_character"),
        ("http://a.example/ x", "address.bad_character"),
        ("http://a.example/\x00", "address.bad_character"),
        ("http:///x", "address.no_host"),
        ("http://[::1/", "address.no_host"),
        ("http://a..example/", "address.no_host"),
        ("http://-/", "address.no_host"),
        ("http://a.example:0/", "address.bad_port"),
        ("http://a.example:65536/", "address.bad_port"),
        ("http://a.example:x/", "address.bad_port"),
        ("http://a.example:/", "address.bad_port"),
    ],
)
def test_an_address_that_is_no_web_address_is_refused_with_a_code(outgoing: Outgoing, url: str, code: str) -> None:
    assert url_fault(url) == code
    with pytest.raises(Refused, match=code):
        outgoing.request("GET", url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "http://a.example:8080/x?y=z#w",
        "http://[2606:4700::1]:80/",
        "https://例子.example/钩子",
        "http://under_score.example/",
        "http://10.0.0.1",
        "http://a.example./",
    ],
)
def test_usual_web_addresses_are_well_formed(url: str) -> None:
    assert url_fault(url) is None


@given(st.text())
def test_any_text_is_either_well_formed_or_has_a_code(text: str) -> None:
    for url in (text, f"http://{text}", f"https://a.example{text}"):
        assert url_fault(url) is None or str(url_fault(url)).startswith("address.")


CLOSED = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "::1": "loopback",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "198.18.0.1": "private",
    "fc00::1": "private",
    "fd12:3456::1": "private",
    "100.64.0.1": "shared (carrier-grade NAT)",
    "100.127.255.255": "shared (carrier-grade NAT)",
    "::ffff:10.0.0.1": "private",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b:1::1": "private",
    "2002:7f00:1::": "loopback",
    "2002:a00:1::1": "private",
    "::7f00:1": "loopback",
}
ONLY_NAMED = {
    "169.254.169.254": "link-local",
    "169.254.0.1": "link-local",
    "169.254.255.255": "link-local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "febf::1": "link-local",
    "::ffff:169.254.169.254": "link-local",
    "64:ff9b::a9fe:a9fe": "link-local",
    "2002:a9fe:a9fe::1": "link-local",
    "100.100.100.200": "metadata of a cloud",
    "fd00:ec2::254": "metadata of a cloud",
}
UNUSABLE = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "::": "unspecified",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "ff02::1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "192.0.2.1": "reserved",
    "2001:db8::1": "reserved",
    "2001::1": "reserved",
    "4000::1": "reserved",
    "100::1": "reserved",
    "::ffff:255.255.255.255": "reserved",
}
OPEN = ("1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1", "64:ff9b::808:808")


def test_private_addresses_are_closed_by_kind_and_opened_by_the_setting() -> None:
    assert {address: AddressRules().refusal(address) for address in CLOSED} == CLOSED
    assert {AddressRules(allow_private=True).refusal(address) for address in CLOSED} == {None}


def test_where_clouds_hand_out_credentials_is_closed_whatever_is_allowed_around_it() -> None:
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"), ip_network("169.254.0.0/16"), ip_network("fe80::/10"))
    for rules in (AddressRules(), AddressRules(allow_private=True), AddressRules(private_networks=everything)):
        assert {address: rules.refusal(address) for address in ONLY_NAMED} == ONLY_NAMED


def test_a_link_local_address_is_open_when_it_is_named_by_itself_and_its_neighbour_is_not() -> None:
    rules = AddressRules(private_networks=(ip_network("169.254.10.7"), ip_network("fe80::7")))
    assert [rules.refusal(one) for one in ("169.254.10.7", "::ffff:169.254.10.7", "fe80::7%eth0")] == [None] * 3
    assert [rules.refusal(one) for one in ("169.254.10.8", "fe80::8")] == ["link-local"] * 2


def test_a_name_that_leads_to_the_metadata_of_a_cloud_is_refused_though_private_targets_are_allowed() -> None:
    open_to_private = Outgoing(allow_private=True, resolve=lambda host, port: ["169.254.169.254"])
    assert isinstance(fault_of(open_to_private, "http://metadata.example/latest/?token=1"), Refused)


def test_addresses_that_lead_to_nobody_stay_closed() -> None:
    for rules in (AddressRules(), AddressRules(allow_private=True)):
        assert {address: rules.refusal(address) for address in UNUSABLE} == UNUSABLE


def test_public_addresses_are_open() -> None:
    assert {AddressRules().refusal(address) for address in OPEN} == {None}


def test_an_opened_network_opens_its_addresses_also_in_ipv6_spelling_and_no_other() -> None:
    rules = AddressRules(private_networks=(ip_network("10.1.0.0/16"), ip_network("fd00::/8")))
    assert [rules.refusal(one) for one in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1")] == [None, None, None]
    assert [rules.refusal(one) for one in ("10.2.0.1", "fc00::1")] == ["private", "private"]


@given(st.ip_addresses())
def test_what_python_holds_for_private_is_never_open(address: Any) -> None:
    if AddressRules().refusal(str(address)) is None:
        effective: Any = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
        assert not effective.is_loopback
        assert not effective.is_link_local
        assert not effective.is_multicast
        assert not effective.is_unspecified
        assert effective.is_global or str(address).startswith("64:ff9b::")
