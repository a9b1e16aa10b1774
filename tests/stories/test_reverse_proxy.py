"""The program behind the documented nginx, and alone, with clients that leave requests incomplete."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPSConnection
from pathlib import Path

import pytest
import requests

from tests.plugins.nginx import Nginx
from tests.stories.served import Served, wait_until

pytestmark = pytest.mark.slow

HALVES = (
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /report HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ntext=",
    b"POST /api/v1/alerts/generic HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{",
)


@contextmanager
def half_sent(port: int, count: int) -> Iterator[None]:
    """Connections from many addresses of loopback that leave a request half-sent."""
    with ExitStack() as stack:
        for number in range(count):
            source = (f"127.0.{number % 50}.{1 + number % 250}", 0)
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), 20, source_address=source))
            one.sendall(HALVES[number % len(HALVES)])
        yield


def test_three_hundred_half_sent_requests_keep_nobody_from_being_answered(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.arguments = ("--workers", "1")
    token = served.token()
    with served.serving(), half_sent(served.port, 300):
        began = time.monotonic()
        for number in range(10):
            assert served.call("POST", "/incidents", token, {"title": f"incident {number}"}).status_code == 201
        assert time.monotonic() - began < 8


def test_behind_nginx_people_sign_in_by_tls_and_see_their_pages_live(
    tmp_path: Path, nginx: Callable[[int], Nginx]
) -> None:
    served = Served(tmp_path / "home", INCIDENT_TRUSTED_PROXIES="127.0.0.1")
    proxy = nginx(served.port)
    served.environ["INCIDENT_PUBLIC_URL"] = proxy.url
    words = ("person", "add", "--login", "li", "--name", "Li", "--role", "coordinator", "--password-stdin")
    assert served.run(*words, given="correct horse battery\n").returncode == 0
    token = served.token()
    with served.serving():
        plain = requests.get(f"http://127.0.0.1:{proxy.http_port}/sign-in", allow_redirects=False, timeout=20)
        assert (plain.status_code, plain.headers["Location"][:8]) == (301, "https://")
        browser = requests.Session()
        browser.trust_env, browser.verify = False, str(proxy.certificate)
        form = {"login": "li", "password": "correct horse battery", "next": "/incidents"}
        headers = {"Origin": proxy.url, "Sec-Fetch-Site": "same-origin"}
        page = browser.post(f"{proxy.url}/sign-in", data=form, headers=headers, timeout=20)
        assert page.url == f"{proxy.url}/incidents"
        assert page.headers["Strict-Transport-Security"]
        assert len(browser.cookies) == 2, "the session's, and that by which the browser is known"
        assert all(one.secure and one.has_nonstandard_attr("HttpOnly") for one in browser.cookies)
        heard = listen(browser, proxy)
        wait_until(lambda: b": open" in heard, 20, "the stream is open")
        served.call("POST", "/incidents", token, {"title": "x"})
        wait_until(lambda: b"event: news" in heard, 20, "the change is told, and not kept by the proxy")
        large = {"title": "x" * 2_000_000}
        large_answer = browser.post(f"{proxy.url}/api/v1/incidents", json=large, headers=headers, timeout=20)
        assert large_answer.status_code == 413


def listen(browser: requests.Session, proxy: Nginx) -> bytearray:
    """Open a stream, and collect its events in the background."""
    heard = bytearray()

    def read() -> None:
        with browser.get(f"{proxy.url}/live/incidents", stream=True, timeout=30) as stream:
            for chunk in stream.iter_content(None):
                heard.extend(chunk)

    threading.Thread(target=read, daemon=True).start()
    return heard


def test_behind_nginx_each_client_has_its_own_limits_whatever_it_claims(
    tmp_path: Path, nginx: Callable[[int], Nginx]
) -> None:
    served = Served(tmp_path / "home", INCIDENT_TRUSTED_PROXIES="127.0.0.1")
    proxy = nginx(served.port)
    with served.serving():
        asked = [open_receipt(proxy, "127.0.0.9", f"192.0.2.{number}") for number in range(31)]
        assert (asked[:30], asked[30]) == ([404] * 30, 429)
        assert open_receipt(proxy, "127.0.0.8", "127.0.0.9") == 404


def open_receipt(proxy: Nginx, source: str, claimed: str) -> int:
    context = ssl.create_default_context(cafile=str(proxy.certificate))
    client = HTTPSConnection("127.0.0.1", proxy.https_port, timeout=20, context=context, source_address=(source, 0))
    headers = {"X-Forwarded-For": claimed, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        client.request("POST", "/receipt", "receipt=4KQ2M-7XJ3A-PP5CW-QH6TZ", headers)
        return client.getresponse().status
    finally:
        client.close()


def test_half_sent_requests_to_nginx_do_not_reach_the_program(tmp_path: Path, nginx: Callable[[int], Nginx]) -> None:
    served = Served(tmp_path / "home", INCIDENT_TRUSTED_PROXIES="127.0.0.1")
    proxy = nginx(served.port)
    context = ssl.create_default_context(cafile=str(proxy.certificate))
    with served.serving(), ExitStack() as stack:
        for number in range(100):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", proxy.https_port), 20))
            half = stack.enter_context(context.wrap_socket(one, server_hostname="127.0.0.1"))
            half.sendall(HALVES[number % len(HALVES)])
        answer = requests.get(f"{proxy.url}/sign-in", verify=str(proxy.certificate), timeout=20)
        assert answer.status_code == 200
        assert re.search("<form", answer.text)
