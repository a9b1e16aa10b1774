"""Compression: of pages when they are sent, of static files ahead of time (`make setup`).

The length of a compressed page reveals something of its content to an attacker who makes a browser ask for it again and
again with other words in the address (BREACH). So a page is sent as it is when it holds a secret, when another site had
the browser ask for it, and when it answers a form: secrets that are shown once are shown there.
"""

import gzip
import mimetypes
from typing import Final

import flask
from flask import g, request, send_from_directory

from incident.web.http.static_marks import STATIC, content_mark

API: Final = "/api/"
TYPES: Final = frozenset({"text/html", "text/plain", "text/csv", "text/calendar", "application/json"})
LEAST: Final = 500
"""Bytes from which compression is worth its time."""

LEVEL: Final = 6
OWN_SITES: Final = frozenset({None, "same-origin", "none"})
"""What a browser says of who asks (Sec-Fetch-Site); only those of long ago and programs say nothing."""

COMPRESSED: Final = "vendor/compressed"
SUFFIXES: Final = {"br": ".br", "gzip": ".gz"}
KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"


def note_secret() -> None:
    """Note that the answer to this request shows a secret, so that it is never compressed."""
    g.shows_secret = True


def register(app: flask.Flask) -> None:
    """Compress pages, and serve static files as they were compressed ahead."""
    app.after_request(_compress)
    app.view_functions["static"] = _static


def _compress(answer: flask.Response) -> flask.Response:
    if answer.mimetype not in TYPES or request.path.startswith(API):
        return answer
    answer.vary.add("Accept-Encoding")
    if _may_compress(answer) and _accepts("gzip"):
        answer.set_data(gzip.compress(answer.get_data(), LEVEL, mtime=0))
        answer.content_encoding = "gzip"
    return answer


def _may_compress(answer: flask.Response) -> bool:
    if (
        request.method not in ("GET", "HEAD")
        or answer.is_streamed
        or answer.content_encoding
        or "ETag" in answer.headers
    ):
        return False
    if request.headers.get("Sec-Fetch-Site") not in OWN_SITES or _is_secret():
        return False
    return len(answer.get_data()) >= LEAST


def _is_secret() -> bool:
    """Return whether a page belongs to a link with a token, or shows a secret."""
    return "token" in (request.view_args or {}) or g.get("shows_secret", False)


def _accepts(encoding: str) -> bool:
    return request.accept_encodings.quality(encoding) > 0


def _static(filename: str) -> flask.Response:
    """Send a static file, compressed if the browser takes it; an address with the mark of the content never changes."""
    mark = content_mark(filename)
    answer = _ahead(filename, mark) or send_from_directory(STATIC, filename, max_age=0)
    answer.vary.add("Accept-Encoding")
    if mark is not None and request.args.get("v") == mark:
        answer.headers["Cache-Control"] = KEPT_FOR_EVER
    return answer


def _ahead(filename: str, mark: str | None) -> flask.Response | None:
    """Return the file as set-up compressed it, None when it was changed since or cannot be taken so."""
    if mark is None:
        return None
    for encoding, suffix in SUFFIXES.items():
        if _accepts(encoding) and (STATIC / COMPRESSED / f"{mark}{suffix}").is_file():
            kind = mimetypes.guess_type(filename)[0]
            answer = send_from_directory(STATIC / COMPRESSED, f"{mark}{suffix}", mimetype=kind, max_age=0)
            answer.content_encoding = encoding
            return answer
    return None
