"""Sockets with a time limit for the whole conversation, to an address that was resolved once and checked."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from ipaddress import ip_address
from typing import Any

from incident.outgoing.faults import NotConnected, Refused, TookTooLong

LookUp = Callable[[str, int], Sequence[str]]
"""From a name and a port to IP addresses; raises OSError when there are none."""

CLOSE_ENOUGH = 0.02
"""Seconds by which a conversation may pass its limit, so that not every call of a socket is two calls."""

_conversation = threading.local()


class Conversation:
    """A conversation of one thread that another thread can end."""

    def __init__(self) -> None:
        self.is_cut = False
        self._socket: socket.socket | None = None
        self._guard = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Everything that this thread sends and receives inside is on this line."""
        _conversation.line = self
        try:
            yield
        finally:
            _conversation.line = None
            with self._guard:
                self._socket = None  # it may be kept for the next conversation

    def cut(self) -> None:
        """End the conversation: the thread in it gets an error at once, or at its next call of a socket."""
        with self._guard:
            self.is_cut = True
            if self._socket is not None:
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # beneath TLS

    def note(self, opened: socket.socket) -> None:
        """Note the socket that is used now; raises TimeoutError when the line was cut."""
        with self._guard:
            if self.is_cut:
                raise TimeoutError("the line was cut")
            self._socket = opened


@contextmanager
def whole_limit(seconds: float) -> Iterator[None]:
    """Limit everything that this thread sends and receives inside to this many seconds; TimeoutError after that.

    A timeout of a socket alone restarts with each byte: one byte at a time could keep a thread for ever.
    """
    before = getattr(_conversation, "ends_at", None)
    ends_at = time.monotonic() + seconds
    _conversation.ends_at = ends_at if before is None else min(before, ends_at)
    try:
        yield
    finally:
        _conversation.ends_at = before


def time_left() -> float | None:
    """Return the remaining seconds of the conversation, None without a limit; raises TimeoutError at its end."""
    ends_at: float | None = getattr(_conversation, "ends_at", None)
    if ends_at is None:
        return None
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the whole limit has passed")
    return left


def _limit(opened: socket.socket) -> None:
    """Limit the next call of a socket to the remaining time; setting a timeout is a call as well."""
    line: Conversation | None = getattr(_conversation, "line", None)
    if line is not None:
        line.note(opened)
    if (left := time_left()) is None:
        return
    now = opened.gettimeout()
    if now is None or not left <= now <= left + CLOSE_ENOUGH:
        opened.settimeout(left)


class LimitedSocket(socket.socket):
    """A TCP socket whose every call ends with the limit of the conversation."""

    def _keep_limit(self) -> None:
        _limit(self)

    def recv(self, *args: Any) -> bytes:
        self._keep_limit()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        self._keep_limit()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        self._keep_limit()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self._keep_limit()
        super().sendall(*args)


class LimitedTlsSocket(ssl.SSLSocket):
    """The same over TLS; `sendall` is made of `send` there."""

    def _keep_limit(self) -> None:
        _limit(self)

    def do_handshake(self, block: bool = False) -> None:
        self._keep_limit()
        super().do_handshake(block)

    def recv(self, *args: Any) -> bytes:
        self._keep_limit()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        self._keep_limit()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        self._keep_limit()
        return super().send(*args)


@cache
def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Verifies name and certificate against the machine's authorities, and those in `ca_file` too; TLS 1.2 or newer.

    Reading the authorities takes a tenth of a second: it is done once, when the first TLS connection needs it.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.sslsocket_class = LimitedTlsSocket
    return context


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a name by the machine's resolver, each once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def open_socket(
    host: str,
    port: int,
    connect_limit: float,
    refusal: Callable[[str], str | None] = lambda address: None,
    resolve: LookUp = look_up,
) -> LimitedSocket:
    """Connect to the first permitted address of the host that answers.

    The name is looked up once and the very address that was checked is connected to, so a second answer of a hostile
    name server is never used. `connect_limit` in seconds covers look-up and connection together; `refusal` returns
    the kind of a forbidden address. Raises Refused, NotConnected or TookTooLong.
    """
    ends_at = time.monotonic() + connect_limit
    addresses = _addresses(host, port, connect_limit, resolve)
    refusals = {address: refusal(address) for address in addresses}
    allowed = [address for address, kind in refusals.items() if kind is None]
    if not allowed:
        address, kind = next(iter(refusals.items()))
        raise Refused(
            f"{host} has the {kind} address {address}, which is not asked;"
            " INCIDENT_PRIVATE_NETWORKS can open its network"
        )
    fault: OSError = TimeoutError()
    for count, address in enumerate(allowed):
        # What is left is shared out, so that one dead address does not use up the time of the next.
        share = (ends_at - time.monotonic()) / (len(allowed) - count)
        try:
            return _connect(address, port, max(share, 0.001))
        except OSError as error:
            fault = error
    if isinstance(fault, TimeoutError):
        raise TookTooLong(f"no connection to {host} port {port} within {connect_limit:.3g} s")
    raise NotConnected(f"no connection to {host} port {port}: {fault.strerror or type(fault).__name__}")


def _connect(address: str, port: int, seconds: float) -> LimitedSocket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = LimitedSocket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _limit(opened)
        opened.settimeout(seconds)
        opened.connect((address, port))
    except OSError:
        opened.close()
        raise
    return opened


def _addresses(host: str, port: int, seconds: float, resolve: LookUp) -> Sequence[str]:
    with suppress(ValueError):
        return [str(ip_address(host))]
    with suppress(OSError, UnicodeError):
        # The old spellings: 127.1, 2130706433, 0x7f000001.
        return [socket.inet_ntoa(socket.inet_aton(host))]
    return _looked_up(host, port, seconds, resolve)


def _looked_up(host: str, port: int, seconds: float, resolve: LookUp) -> Sequence[str]:
    # The resolver knows no limit of time, so it works in a thread that can be left behind.
    answer: list[Sequence[str] | OSError] = []

    def ask() -> None:
        try:
            answer.append(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answer.append(error if isinstance(error, OSError) else OSError(0, "not a name"))

    asking = threading.Thread(target=ask, name="look-up", daemon=True)
    asking.start()
    asking.join(seconds)
    if not answer:
        raise TookTooLong(f"the name {host} was not found within {seconds:.3g} s")
    if isinstance(answer[0], OSError) or not answer[0]:
        raise NotConnected(f"the name {host} was not found")
    return answer[0]
