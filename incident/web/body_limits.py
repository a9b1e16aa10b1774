"""How much a request may hold, and what becomes of a body that nobody wanted."""

import io
from collections.abc import Callable
from typing import Any, Final, TypeVar

import flask
from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

MEBIBYTE: Final = 1 << 20
USUAL: Final = MEBIBYTE
LARGE: Final = 10 * MEBIBYTE
DRAINED_MOST: Final = 64 * MEBIBYTE
_CHUNK: Final = 1 << 16

View = TypeVar("View", bound=Callable[..., Any])


def max_body(size: int) -> Callable[[View], View]:
    """Declare how many bytes a view takes when it is more than usual."""

    def declare(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined]
        return view

    return declare


def register(app: flask.Flask) -> None:
    """Bound what requests may hold; read to its end what nobody wanted, so that the answer reaches its sender."""
    app.config.update(MAX_CONTENT_LENGTH=USUAL, LARGEST_BODY=LARGE)
    app.before_request(_allow)
    app.after_request(_drain)


def _allow() -> None:
    if request.endpoint is not None:
        request.max_content_length = getattr(current_app.view_functions[request.endpoint], "takes", USUAL)
    if request.content_length is None and request.environ.get("wsgi.input_terminated"):
        _gather(request.environ, request.max_content_length or USUAL)


def _gather(environ: dict[str, Any], limit: int) -> None:
    """Read a body whose length was not told: cut off at the limit, it would pass for a whole one.

    Raises:
        RequestEntityTooLarge: when it is longer than the limit (bytes).
    """
    source, parts, size = environ["wsgi.input"], [], 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise RequestEntityTooLarge
        parts.append(chunk)
    environ["wsgi.input"] = io.BytesIO(b"".join(parts))
    environ["CONTENT_LENGTH"] = str(size)


def _drain(answer: flask.Response) -> flask.Response:
    """A server that closes a connection with bytes unread resets it, and the sender never sees the answer."""
    if request.environ.get("wsgi.input_terminated"):
        source, left = request.environ["wsgi.input"], DRAINED_MOST
        while left > 0 and (chunk := source.read(_CHUNK)):
            left -= len(chunk)
    return answer
