"""Requests that gunicorn refuses before the application sees them, answered as problem details (RFC 9457)."""

import json
import socket
from http import HTTPStatus
from typing import Final

from gunicorn import util

DETAILS: Final = {
    400: "The request is not valid HTTP; check how it is written.",
    403: "This connection is not accepted.",
    414: "The address is too long; shorten the query, for example the cursor or the search words.",
    417: "The expectation of this request cannot be met; send it without the header Expect.",
    431: "The header is too large; send fewer or shorter header fields.",
    500: "Something went wrong on our side. It has been noted; try again, or tell the administrator the time.",
    501: "This transfer coding is not known; send the body with Content-Length or chunked.",
}
"""The remedy, in English: the header that names the language was not read."""

ADDRESS_LIMIT: Final = 8190
"""Maximum length of a request line, gunicorn's limit: a search for 500 Chinese characters needs 4,500."""


def install() -> None:
    """Make gunicorn answer refused requests in the API's format, instead of a page of its own."""
    util.write_error = write_problem


def write_problem(client: socket.socket, status: int, reason: str, _why: str) -> None:
    """Write a refusal to a connection, which ends with it; the request is not quoted.

    Args:
        client: the connection.
        status: of the response.
        reason: the phrase of the status.
        _why: gunicorn's text for its own page.
    """
    title = HTTPStatus(status).phrase
    detail = DETAILS.get(status, title)
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": f"http.{status}"}
    body = json.dumps(document)
    head = [
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
    ]
    util.write_nonblock(client, "\r\n".join([*head, "", body]).encode("ascii"))
