"""How much a request may hold, and what becomes of a body that nobody wanted."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import flask
from flask import current_app, request

MEBIBYTE: Final = 1 << 20
USUAL: Final = MEBIBYTE
LARGE: Final = 10 * MEBIBYTE
DRAINED_MOST: Final = 64 * MEBIBYTE
_CHUNK: Final = 1 << 16

View = TypeVar("View", bound=Callable[..., Any])


def takes(size: int) -> Callable[[View], View]:
    """Declare how many bytes a view takes when it is more than usual."""

    def declare(view: View) -> View:
        view.takes = size  # type: ignore[attr-defined]
        return view

    return declare


def register(app: flask.Flask) -> None:
    """Bound what requests may hold; read to its end what nobody wanted, so that the answer reaches its sender."""
    app.config["MAX_CONTENT_LENGTH"] = USUAL
    app.before_request(_allow)
    app.after_request(_drain)


def _allow() -> None:
    if request.endpoint is not None:
        request.max_content_length = getattr(current_app.view_functions[request.endpoint], "takes", USUAL)


def _drain(answer: flask.Response) -> flask.Response:
    """A server that closes a connection with bytes unread resets it, and the sender never sees the answer."""
    if request.environ.get("wsgi.input_terminated"):
        source, left = request.environ["wsgi.input"], DRAINED_MOST
        while left > 0 and (chunk := source.read(_CHUNK)):
            left -= len(chunk)
    return answer
