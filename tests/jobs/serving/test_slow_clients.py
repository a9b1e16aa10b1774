"""The web worker under attack by slow clients: incomplete requests hold no thread and end soon."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests

from incident import watchdog_state
from tests.jobs.small_web import SmallWeb, small_web
from tests.stories.served import wait_until

pytestmark = pytest.mark.slow

HALF_HEAD = b"GET / HTTP/1.1\r\nHost: small\r\nX-Slow: "
HALF_BODY = b"POST /size HTTP/1.1\r\nHost: small\r\nContent-Length: 1000\r\n\r\nabc"
HALF_CHUNK = b"POST /size HTTP/1.1\r\nHost: small\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\nabc"
HALF_LARGE = b"POST /size HTTP/1.1\r\nHost: small\r\nContent-Length: 90000000\r\n\r\nabc"
WHOLE = b"GET / HTTP/1.1\r\nHost: small\r\nConnection: close\r\n\r\n"


@contextmanager
def sockets(web: SmallWeb, count: int, sent: bytes, source: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Connections that have sent something and stop."""
    with ExitStack() as stack:
        made = []
        for _ in range(count):
            address = ("127.0.0.1", web.port)
            one = stack.enter_context(socket.create_connection(address, 20, source_address=(source, 0)))
            one.sendall(sent)
            made.append(one)
        yield made


def answer_of(web: SmallWeb, sent: bytes, *, limit: float = 30) -> bytes:
    with socket.create_connection(("127.0.0.1", web.port), limit) as one:
        one.sendall(sent)
        return read_all(one)


def read_all(one: socket.socket) -> bytes:
    found = b""
    while chunk := one.recv(1 << 16):
        found += chunk
    return found


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallWeb]:
    with small_web(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.mark.parametrize("sent", [HALF_HEAD, HALF_BODY, HALF_CHUNK, HALF_LARGE, b"", b"G"])
def test_any_number_of_half_sent_requests_holds_no_thread(web: SmallWeb, sent: bytes) -> None:
    with sockets(web, 100, sent):
        began = time.monotonic()
        for _ in range(20):
            assert requests.get(web.url, timeout=20).text == "hello"
        assert time.monotonic() - began < 5


def test_a_client_that_does_not_close_after_its_answer_delays_nobody(web: SmallWeb) -> None:
    with sockets(web, 40, WHOLE) as kept:
        began = time.monotonic()
        for _ in range(20):
            assert requests.get(web.url, timeout=20).text == "hello"
        assert time.monotonic() - began < 1.5
        assert all(read_all(one).endswith(b"hello") for one in kept)


def test_a_client_that_does_not_read_its_answer_gives_its_thread_back(tmp_path: Path) -> None:
    with small_web(tmp_path, send_for=1.0) as web, sockets(web, 12, b"GET /large HTTP/1.1\r\nHost: small\r\n\r\n"):
        time.sleep(0.5)
        assert requests.get(web.url, timeout=30).text == "hello"


def test_headers_have_their_seconds_from_the_acceptance_however_they_trickle(tmp_path: Path) -> None:
    with small_web(tmp_path, head_for=2.0) as web, sockets(web, 1, HALF_HEAD) as (slow,):
        began = time.monotonic()
        slow.settimeout(0.1)
        answer = b""
        while not answer and time.monotonic() - began < 30:
            slow.sendall(b"x")
            with suppress(TimeoutError):
                answer = slow.recv(1 << 16)
        assert 1.5 < time.monotonic() - began < 10
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "http.408"


def test_who_has_sent_nothing_is_let_go_without_a_word(tmp_path: Path) -> None:
    with small_web(tmp_path, head_for=1.0) as web:
        assert answer_of(web, b"") == b""


@pytest.mark.parametrize("sent", [HALF_BODY, HALF_CHUNK])
def test_a_body_has_its_seconds_in_all(tmp_path: Path, sent: bytes) -> None:
    with small_web(tmp_path, head_for=0.5, body_for=2.0) as web:
        began = time.monotonic()
        assert answer_of(web, sent).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began > 1.5


def test_a_later_request_of_a_connection_has_its_own_seconds(tmp_path: Path) -> None:
    with small_web(tmp_path, head_for=1.5) as web, sockets(web, 1, b"") as (kept,):
        for _ in range(4):
            time.sleep(0.6)
            kept.sendall(b"GET / HTTP/1.1\r\nHost: small\r\n\r\n")
            found = b""
            while not found.endswith(b"hello"):
                found += kept.recv(1 << 16)
        kept.sendall(HALF_HEAD)
        assert read_all(kept).startswith(b"HTTP/1.1 408 ")


def test_requests_that_come_in_pieces_or_together_are_answered(web: SmallWeb) -> None:
    whole = b"POST /size HTTP/1.1\r\nHost: small\r\nContent-Length: 5\r\n\r\nabcde"
    head = b"POST /size HTTP/1.1\r\nHost: small\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunked = head + b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n"
    with sockets(web, 1, b"") as (one,):
        for letter in whole + chunked:
            one.sendall(bytes([letter]))
        one.sendall(whole + chunked + WHOLE)
        found = read_all(one)
    assert found.count(b'{"size":5}') == 4
    assert found.endswith(b"hello")


def test_a_large_body_arrives_whole_and_one_that_is_too_large_is_refused_before_it_has_come(web: SmallWeb) -> None:
    body = b"x" * (9 << 20)
    assert requests.post(f"{web.url}/size", data=body, timeout=30).json() == {"size": len(body)}
    assert requests.post(f"{web.url}/size", data=iter([body]), timeout=30).json() == {"size": len(body)}
    assert answer_of(web, HALF_LARGE).startswith(b"HTTP/1.1 413 ")
    endless = HALF_CHUNK.replace(b"3e8", b"ffffffff")
    assert answer_of(web, endless).startswith(b"HTTP/1.1 413 ")
    assert requests.post(f"{web.url}/size", data=b"x" * (20 << 20), timeout=30).status_code == 413


def test_who_waits_to_be_told_to_go_on_is_told_so_once(web: SmallWeb) -> None:
    head = (
        b"POST /size HTTP/1.1\r\nHost: small\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n"
    )
    with sockets(web, 1, head) as (one,):
        assert one.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.sendall(b"abc")
        found = read_all(one)
    assert found.startswith(b"HTTP/1.1 200 ")
    assert found.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: small\n\n", 400),
        (b"GET / HTTP/1.1\r\nHost : small\r\n\r\n", 400),
        (b"POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, 431),
        (b"POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", 400),
    ],
)
def test_what_is_no_request_is_refused_at_once(web: SmallWeb, sent: bytes, status: int) -> None:
    began = time.monotonic()
    found = answer_of(web, sent)
    assert found.startswith(f"HTTP/1.1 {status} ".encode()), found[:200]
    assert time.monotonic() - began < 5


def test_an_address_has_so_many_connections_on_the_whole_node(tmp_path: Path) -> None:
    with small_web(tmp_path, workers=2, per_address=10, unlimited=("127.0.0.1/32",)) as web:
        with sockets(web, 30, b"", "127.0.0.2") as kept:
            assert 10 <= sum(is_open(one) for one in kept) <= 12  # two workers may accept one at the same moment
            for source in ("127.0.0.1", "127.0.0.3"):
                with sockets(web, 1, WHOLE, source) as (one,):
                    assert read_all(one).endswith(b"hello")
        wait_until(lambda: is_answered(web, "127.0.0.2"), 10, "closed connections count no more")


def is_open(one: socket.socket) -> bool:
    one.settimeout(0.3)
    try:
        return one.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def is_answered(web: SmallWeb, source: str) -> bool:
    try:
        with sockets(web, 1, WHOLE, source) as (one,):
            return read_all(one).endswith(b"hello")
    except OSError:
        return False


@pytest.mark.parametrize("networks", [{}, {"unlimited": (), "proxies": ("127.0.0.0/8",)}])
def test_loopback_and_trusted_proxies_have_as_many_as_they_want(tmp_path: Path, networks: dict) -> None:
    with small_web(tmp_path, per_address=5, **networks) as web, sockets(web, 30, WHOLE) as kept:
        assert all(read_all(one).endswith(b"hello") for one in kept)


def test_when_there_is_no_room_the_oldest_half_sent_request_goes(tmp_path: Path) -> None:
    with small_web(tmp_path, max_connections=50) as web, sockets(web, 60, HALF_HEAD) as slow:
        assert requests.get(web.url, timeout=20).text == "hello"
        assert slow[0].recv(20).startswith(b"HTTP/1.1 503 ")


def test_bodies_that_arrive_hold_so_much_memory_and_no_more(tmp_path: Path) -> None:
    half = b"POST /size HTTP/1.1\r\nHost: small\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1_000_000
    with small_web(tmp_path, max_held=5_000_000) as web, sockets(web, 8, half) as slow:
        assert slow[0].recv(20).startswith(b"HTTP/1.1 503 ")
        assert requests.post(f"{web.url}/size", data=b"x" * 100_000, timeout=20).json() == {"size": 100_000}
        slow[-1].sendall(b"x" * 1_000_000)
        assert slow[-1].recv(20).startswith(b"HTTP/1.1 200 ")


def test_it_is_noted_while_all_threads_are_busy(tmp_path: Path) -> None:
    busy = b"GET /busy/4 HTTP/1.1\r\nHost: small\r\nConnection: close\r\n\r\n"
    with small_web(tmp_path, threads=2) as web:
        assert watchdog_state.busy_since(web.home) is None
        with sockets(web, 2, busy):
            wait_until(lambda: watchdog_state.busy_since(web.home) is not None, 10, "it is noted")
            wait_until(lambda: watchdog_state.busy_since(web.home) is None, 20, "it is over")


def test_a_worker_that_is_to_end_answers_what_has_begun(tmp_path: Path) -> None:
    with small_web(tmp_path) as web, sockets(web, 1, b"GET /busy/1.5 HTTP/1.1\r\nHost: small\r\n\r\n") as (one,):
        time.sleep(0.5)
        web.process.terminate()
        answer = b""
        while not answer.endswith(b"done") and (more := one.recv(1 << 16)):
            answer += more
        assert answer.endswith(b"done")
        assert web.process.wait(20) == 0


def test_a_worker_that_is_to_end_answers_who_had_connected_before(tmp_path: Path) -> None:
    with small_web(tmp_path) as web, sockets(web, 2, b"") as (speaking, silent):
        time.sleep(0.5)
        web.process.terminate()
        time.sleep(0.5)
        speaking.sendall(WHOLE)
        assert read_all(speaking).endswith(b"hello")
        assert read_all(silent) == b""
        assert web.process.wait(20) == 0
