"""A small HTTP client: several connections in one thread, prebuilt requests, low overhead."""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

RECEIVE = 65_536


@dataclass
class Load:
    """Result of a load: start and end, response times (s), and responses other than 2xx."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    refused: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """The response time (s) of this quantile."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def request(
    method: str, path: str, token: str | None = None, body: bytes | None = None, cookie: str | None = None
) -> bytes:
    """A raw HTTP request; one with a cookie asks for a page."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept: application/json"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if cookie is not None:
        lines += [f"Cookie: {cookie}", "Accept-Encoding: gzip"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")


class _Line:
    """One connection, which sends the next request after each response."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.received = b""
        self.began_at = 0.0

    def send(self, data: bytes) -> None:
        self.began_at = time.perf_counter()
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.socket.sendall(data)

    def receive(self) -> tuple[int, bytes] | None:
        """The answer when it is complete; closes the connection when the server does."""
        assert self.socket is not None
        part = self.socket.recv(RECEIVE)
        self.received += part
        head, mark, body = self.received.partition(b"\r\n\r\n")
        if not part:
            self.close()
            return (int(head[9:12]), body) if mark else (0, b"the connection was closed")
        if not mark:
            return None
        lower = head.lower()
        at = lower.find(b"content-length:")
        if at < 0 or len(body) < int(lower[at + 15 :].split(b"\r\n", 1)[0]):
            return None
        if b"connection: close" in lower:
            self.close()
        return int(head[9:12]), body

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def load(
    port: int | Sequence[int],
    make: Callable[[int], bytes],
    at_once: int,
    seconds: float,
    most: int = 1_000_000,
    least: int = 1,
) -> Load:
    """Send requests over some connections at once.

    Args:
        port: where, on loopback; of several, the connections take turns.
        make: the bytes of the request of a number, counted from 0.
        at_once: how many connections.
        seconds: how long new requests are sent.
        most: how many requests at most.
        least: how many at least, however long it takes.
    """
    outcome = Load()
    ports = [port] if isinstance(port, int) else port
    lines = [_Line(ports[number % len(ports)]) for number in range(at_once)]
    count = 0
    began_at = time.perf_counter()
    until = began_at + seconds
    with selectors.DefaultSelector() as selector:
        for line in lines:
            line.send(make(count))
            count += 1
            selector.register(line.socket, selectors.EVENT_READ, line)  # type: ignore[arg-type]
        while selector.get_map():
            for key, _ in selector.select(30):
                line = key.data
                answer = line.receive()
                if answer is None:
                    continue
                _note(outcome, answer, time.perf_counter() - line.began_at)
                is_over = (time.perf_counter() >= until and count >= least) or count >= most
                if line.socket is None or is_over:
                    selector.unregister(key.fileobj)
                if not is_over:
                    had = line.socket is not None
                    line.send(make(count))
                    count += 1
                    if not had:
                        selector.register(line.socket, selectors.EVENT_READ, line)
    outcome.seconds = time.perf_counter() - began_at
    for line in lines:
        line.close()
    return outcome


def _note(outcome: Load, answer: tuple[int, bytes], took: float) -> None:
    if 200 <= answer[0] < 300:
        outcome.times.append(took)
    else:
        outcome.refused.append(answer)


def get(port: int, path: str, token: str | None = None) -> tuple[int, bytes]:
    """One answer."""
    return once(port, request("GET", path, token))


def post(port: int, path: str, token: str, body: bytes, method: str = "POST") -> tuple[int, bytes]:
    """One answer to a body."""
    return once(port, request(method, path, token, body))


def once(port: int, data: bytes) -> tuple[int, bytes]:
    """The response to one request on a new connection."""
    line = _Line(port)
    line.send(data)
    while True:
        answer = line.receive()
        if answer is not None:
            line.close()
            return answer


def every(requests: Sequence[bytes]) -> Callable[[int], bytes]:
    """One request after the other, again and again."""
    return lambda count: requests[count % len(requests)]
