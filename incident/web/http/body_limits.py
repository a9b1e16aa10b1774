"""Size limits of request bodies, and the treatment of unread bodies."""

import io
from collections.abc import Callable
from typing import Any, Final, TypeVar

import flask
from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

MEBIBYTE: Final = 1 << 20
USUAL: Final = MEBIBYTE
LARGE: Final = 10 * MEBIBYTE
MAX_DRAINED: Final = 64 * MEBIBYTE
_CHUNK: Final = 1 << 16

View = TypeVar("View", bound=Callable[..., Any])


def max_body(size: int) -> Callable[[View], View]:
    """Declare the body limit (bytes) of a view that accepts more than usual."""

    def declare(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined]
        return view

    return declare


def register(app: flask.Flask) -> None:
    """Limit the size of requests; read unread bodies to the end, so that the response reaches the sender."""
    app.config.update(MAX_CONTENT_LENGTH=USUAL, LARGEST_BODY=LARGE)
    app.before_request(_allow)
    app.after_request(_drain)


def _allow() -> None:
    if request.endpoint is not None:
        request.max_content_length = getattr(current_app.view_functions[request.endpoint], "takes", USUAL)
    if request.content_length is None and request.environ.get("wsgi.input_terminated"):
        _gather(request.environ, request.max_content_length or USUAL)


def _gather(environ: dict[str, Any], limit: int) -> None:
    """Read a body of undeclared length: a body cut off at the limit would look complete.

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
    """A server that closes a connection with unread bytes resets it, and the sender never sees the response."""
    if request.environ.get("wsgi.input_terminated"):
        source, left = request.environ["wsgi.input"], MAX_DRAINED
        while left > 0 and (chunk := source.read(_CHUNK)):
            left -= len(chunk)
    return answer
