"""No test reaches beyond this machine: what tries is refused, and the test that tried fails."""

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator

import pytest

# Names that can never exist (RFC 2606, RFC 6761): looking one up finds nothing, and no question leaves the machine.
NOWHERE = (".invalid", ".test", ".example", "example.com", "example.org", "example.net")
LOCAL_NAMES = ("localhost", "")

attempts: list[str] = []


class BeyondLoopbackError(ConnectionRefusedError):
    """Raised where a test would have left the machine."""


def is_local(host: object) -> bool:
    """True for loopback addresses and the names of this machine."""
    text = host.decode() if isinstance(host, bytes) else host
    if text is None:
        return True
    if not isinstance(text, str):
        return False
    if text in LOCAL_NAMES or text.endswith(".localhost") or text in (socket.gethostname(), "0.0.0.0", "::"):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_address(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            _refuse(f"{event} {address}")
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        if is_local(host) or _is_address(host):
            return
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.rstrip(".").lower().endswith(NOWHERE):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        _refuse(f"{event} {name}")


def _refuse(what: str) -> None:
    test = os.environ.get("PYTEST_CURRENT_TEST", "outside any test")
    attempts.append(f"{what} in {test}")
    raise BeyondLoopbackError(f"Tests stay on this machine: {what}")


def pytest_configure(config: pytest.Config) -> None:
    """Watch every socket of this process; an audit hook sees what a patched class would miss."""
    sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def stays_on_this_machine() -> Iterator[None]:
    """Fails the test in which anything, in any thread, tried to leave the machine."""
    before = len(attempts)
    yield
    tried = attempts[before:]
    del attempts[before:]
    if tried:
        pytest.fail("Tests stay on this machine. Tried: " + "; ".join(tried), pytrace=False)
