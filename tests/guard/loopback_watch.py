"""Refuse connections that leave this machine, and record the caller.

Needs nothing but the standard library: it is loaded into the test process and, by sitecustomize.py beside it, into
every Python process that a test starts.
"""

import ipaddress
import os
import socket
import sys
from pathlib import Path

FILE = "LOOPBACK_GUARD_FILE"
# Names that can never exist (RFC 2606, RFC 6761): looking one up finds nothing, and no question leaves the machine.
NOWHERE = (".invalid", ".test", ".example", "example.com", "example.org", "example.net")
LOCAL_NAMES = ("", "localhost", "localhost.localdomain", "ip6-localhost", "0.0.0.0", "::", socket.gethostname())


class BeyondLoopbackError(ConnectionRefusedError):
    """Raised on an attempt to leave this machine."""


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def is_local(host: object) -> bool:
    """True for loopback addresses and the names of this machine."""
    if host is None:
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    address = _address(text)
    return text in LOCAL_NAMES or text.endswith(".localhost") or (address is not None and address.is_loopback)


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """The audit hook: checks connections, datagrams and name look-ups."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            _refuse(f"{event} {address}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _look_up(event, arguments[0])


def _look_up(event: str, host: object) -> None:
    if is_local(host):
        return
    name = host.decode() if isinstance(host, bytes) else str(host)
    if _address(name) is not None:
        return
    if name.rstrip(".").lower().endswith(NOWHERE):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    _refuse(f"{event} {name}")


def _refuse(what: str) -> None:
    line = f"{what} in {os.environ.get('PYTEST_CURRENT_TEST', 'no test')}, process {os.getpid()}\n"
    with Path(os.environ[FILE]).open("a") as file:
        file.write(line)
    raise BeyondLoopbackError(f"Tests stay on this machine: {what}")


def install() -> None:
    """Watch every socket of this process; an audit hook also sees what a patched class would miss."""
    sys.addaudithook(watch)
