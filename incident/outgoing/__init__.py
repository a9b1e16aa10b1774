"""The only HTTP client for addresses from data: checked, pinned, limited, never redirected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import requests
import urllib3
from requests.utils import check_header_validity

from incident.outgoing.adapter import GuardedAdapter, RequestTarget, translated
from incident.outgoing.addresses import AddressRules, Network, url_fault
from incident.outgoing.faults import BadAnswer, NotConnected, OutgoingError, Refused, TookTooLong, Unreachable
from incident.outgoing.sockets import LimitedSocket, LookUp, look_up, open_socket, time_left, whole_limit

__all__ = [
    "AddressRules",
    "BadAnswer",
    "HttpResponse",
    "NotConnected",
    "Outgoing",
    "OutgoingError",
    "Refused",
    "TookTooLong",
    "Unreachable",
    "origin_of",
    "url_fault",
]

MEBIBYTE = 1 << 20
_CHUNK = 1 << 16
_WORD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 section 5.6.2
_BODILESS = frozenset({"GET", "HEAD"})
_PORTS = {"http": 80, "https": 443}
_ADDRESSES_KEPT = 256
"""How many parsed addresses are cached: the same contacts are used again and again."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a server answered; header names in lower case; `is_cut` when the body was longer than the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False


class Outgoing:
    """Sends HTTP requests to addresses that come from data; safe to share between threads.

    No redirect is followed, no proxy, netrc or cookie is used, certificates are always verified, and a kept connection
    stays with the address that was checked when it was opened.

    Args:
        allow_private: opens loopback, private and shared addresses.
        private_networks: opens these networks alone; a link-local address only when it is named by itself.
        connect_limit: seconds for look-up and connection.
        whole_limit: seconds for everything, from the look-up to the last byte of the answer.
        body_limit: bytes of an answer's body that are kept.
        ca_file: certificate authorities trusted besides the machine's.
        resolve: looks up names; the machine's resolver unless given.
    """

    def __init__(
        self,
        allow_private: bool = False,
        private_networks: tuple[Network, ...] = (),
        connect_limit: float = 3.0,
        whole_limit: float = 10.0,
        body_limit: int = MEBIBYTE,
        ca_file: str | None = None,
        resolve: LookUp = look_up,
    ) -> None:
        self._rules = AddressRules(allow_private, private_networks)
        self._connect_limit = connect_limit
        self._whole_limit = whole_limit
        self._body_limit = body_limit
        self._resolve = resolve
        self._ca_file = ca_file
        self._kept = self._adapter()

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        body_limit: int | None = None,
        is_fresh: bool = False,
        within: float | None = None,
    ) -> HttpResponse:
        """Return the response of one request.

        `within` is a limit in seconds for this request that can only be shorter than that of all.
        `is_fresh` opens a connection for this request alone: a kept one may be closed by the server in the very moment
        of sending, which must not happen to a request that is not retried. Raises Refused, Unreachable, TookTooLong or
        BadAnswer.
        """
        place = _place(url)
        sent = _headers(method, headers or {}, body)
        adapter = self._adapter() if is_fresh else self._kept
        limit = self._whole_limit if within is None else min(within, self._whole_limit)
        try:
            with translated(place.netloc, limit), whole_limit(limit):
                response = adapter.ask(method.upper(), place, sent, body or None, limit)
                return _answer(response, self._body_limit if body_limit is None else body_limit)
        finally:
            if is_fresh:
                adapter.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._kept.close()

    def _adapter(self) -> GuardedAdapter:
        return GuardedAdapter(self._open, self._ca_file)

    def _open(self, host: str, port: int) -> LimitedSocket:
        left = time_left()
        limit = self._connect_limit if left is None else min(left, self._connect_limit)
        return open_socket(host, port, limit, self._rules.refusal, self._resolve)


def origin_of(url: str) -> str:
    """The scheme, host and port to which a request to this address goes, such as `https://h.example:8443`.

    It is read by what sends the request, so that both mean the same host. Raises Refused.
    """
    place = _place(url)
    host = f"[{place.host}]" if ":" in place.host else place.host
    port = "" if place.port in {None, _PORTS[place.scheme]} else f":{place.port}"
    return f"{place.scheme}://{host}{port}"


@lru_cache(_ADDRESSES_KEPT)
def _place(url: str) -> RequestTarget:
    """Where an address leads to; raises Refused."""
    if (fault := url_fault(url)) is not None:
        raise Refused(f"not a web address that can be asked ({fault})")
    try:
        prepared = requests.Request("GET", url).prepare()
    except (requests.RequestException, UnicodeError) as error:
        raise _cannot_be_sent(error) from None
    parts = urlsplit(prepared.url or "")
    return RequestTarget(parts.scheme, parts.hostname or "", parts.port, urlsplit(url).netloc, prepared.path_url)


def _headers(method: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, str]:
    """What is sent besides the body; raises Refused."""
    if not all(_WORD.fullmatch(name) for name in (method, *headers)):
        raise Refused("a method or a header name that cannot be sent")
    sent = {"User-Agent": "incident", "Accept": "*/*", "Accept-Encoding": "identity", **headers}
    try:
        for header in sent.items():
            check_header_validity(header)
    except requests.RequestException as error:
        raise _cannot_be_sent(error) from None
    if body or method.upper() not in _BODILESS:
        sent["Content-Length"] = str(len(body or b""))
    return sent


def _cannot_be_sent(error: Exception) -> Refused:
    return Refused(f"a request that cannot be sent ({type(error).__name__})")


def _answer(response: urllib3.BaseHTTPResponse, body_limit: int) -> HttpResponse:
    try:
        body, is_cut = _read(response, body_limit)
    finally:
        # Gives a connection that was read to its end back to the pool, and closes any other.
        response.close()
        response.release_conn()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpResponse(response.status, headers, body, is_cut)


def _read(raw: urllib3.BaseHTTPResponse, limit: int) -> tuple[bytes, bool]:
    body = bytearray()
    while len(body) <= limit and (chunk := raw.read(_CHUNK, decode_content=False)):
        body += chunk
    return bytes(body[:limit]), len(body) > limit
