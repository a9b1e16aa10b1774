"""The client's address: the peer, or the address reported by trusted proxies."""

from functools import lru_cache

import structlog
from flask import g, request

from incident.client_addresses import is_in, plain_address
from incident.web.instance import current_instance


def client_address() -> str:
    """Return the address of the client of this request; no other function determines it.

    `X-Forwarded-For` is trusted only as far as trusted proxies have written it: read from its end, the first address
    that does not belong to one of them is the client's.
    """
    if "client_address" not in g:
        g.client_address = _found(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""))
    found: str = g.client_address
    return found


def _found(peer: str, forwarded: str) -> str:
    trusted = current_instance().settings.trusted_proxies
    if forwarded and not is_in(peer, trusted):
        _warn(peer)
    found = peer
    for part in reversed(forwarded.split(",")):
        if not is_in(found, trusted):
            break
        address = _written(part)
        if address is None:
            break
        found = address
    return found


def _written(part: str) -> str | None:
    """Return an address as proxies write it, with or without a port; None when it is invalid."""
    text = part.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    address = plain_address(text)
    return None if address is None else str(address)


@lru_cache(100)
def _warn(peer: str) -> None:
    """Log once per peer that an untrusted peer reports client addresses: it may be our own proxy."""
    address = plain_address(peer)
    if address is not None and address.is_private:
        structlog.get_logger().warning("X-Forwarded-For from a peer that is not in INCIDENT_TRUSTED_PROXIES", peer=peer)
