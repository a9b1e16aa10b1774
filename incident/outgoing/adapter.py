"""Our sockets under requests, and its many exceptions as our four."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import BadStatusLine, HTTPException, RemoteDisconnected
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from incident.outgoing.faults import BadAnswer, NotConnected, OutgoingError, Refused, TookTooLong, Unreachable
from incident.outgoing.sockets import LimitedSocket, tls_context

Opener = Callable[[str, int], LimitedSocket]

_VERIFIED = {"cert_reqs": "CERT_REQUIRED"}

_HOSTS = 64
# As many as there are sending slots: a receiver may serve many contacts.
_KEPT_PER_HOST = 32


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """Where a request goes: as sockets, TLS and the request line want it, and `netloc` as the address has it."""

    scheme: str
    host: str
    port: int | None
    netloc: str
    target: str


class GuardedAdapter(HTTPAdapter):
    """Takes its connections from `opener`, so that what is checked is what is connected to; no proxy, no retry."""

    def __init__(self, opener: Opener, ca_file: str | None) -> None:
        self._opener = opener
        self._ca_file = ca_file
        super().__init__(pool_connections=_HOSTS, pool_maxsize=_KEPT_PER_HOST)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = dict(_pools(self._opener, self._ca_file))

    def ask(
        self, method: str, place: RequestTarget, headers: Mapping[str, str], body: bytes | None, limit: float
    ) -> urllib3.BaseHTTPResponse:
        """Send a request and return the answer, whose body is still to be read.

        `send` of requests does the same in twice the time: most of it goes into objects that nobody looks at here.
        """
        # The context of TLS holds the authorities already; requests would load its own file for each connection.
        pool: HTTPConnectionPool = self.poolmanager.connection_from_host(
            place.host, place.port, place.scheme, _VERIFIED
        )
        return pool.urlopen(
            method,
            place.target,
            body,
            headers,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            retries=self.max_retries,
            timeout=limit,
        )


def _pools(opener: Opener, ca_file: str | None) -> Iterator[tuple[str, type[HTTPConnectionPool]]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> LimitedSocket:
            return opener(self._dns_host, self.port)

    class Tls(HTTPSConnection):
        def _new_conn(self) -> LimitedSocket:
            return opener(self._dns_host, self.port or 443)

        def connect(self) -> None:
            self.ssl_context = tls_context(ca_file)
            super().connect()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    yield "http", PlainPool
    yield "https", TlsPool


@contextmanager
def translated(host: str, whole_limit: float) -> Iterator[None]:
    """Turn what requests, urllib3 and the socket raise into Refused, Unreachable, TookTooLong or BadAnswer.

    The texts are ours: those of the libraries hold the whole address, with whatever secret is in its query.
    """
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        raise _translate(error, host, whole_limit) from None


def _translate(error: BaseException, host: str, whole_limit: float) -> OutgoingError:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotConnected(f"the certificate of {host} was not accepted: {cause.verify_message}")
    if _has(causes, TimeoutError, urllib3.exceptions.TimeoutError, requests.Timeout):
        return TookTooLong(f"no complete answer from {host} within {whole_limit:.3g} s")
    if _has(causes, ssl.SSLError):
        return Unreachable(f"no TLS connection with {host}")
    if _has(causes, RemoteDisconnected, ConnectionError):
        return Unreachable(f"{host} closed the connection without an answer")
    if _has(causes, urllib3.exceptions.IncompleteRead):
        return Unreachable(f"{host} closed the connection in the middle of its answer")
    if _has(causes, BadStatusLine, HTTPException, urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError):
        return BadAnswer(f"the answer of {host} is not HTTP")
    if isinstance(error, ValueError):
        return Refused(f"a request that cannot be sent ({type(error).__name__})")
    return Unreachable(f"the connection with {host} failed ({type(error).__name__})")


def _has(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that are wrapped in it, by whatever way: `__cause__`, `reason` or the arguments."""
    waiting, seen = [error], set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (current.__cause__, getattr(current, "reason", None), *current.args)
        waiting += [one for one in inner if isinstance(one, BaseException)]
