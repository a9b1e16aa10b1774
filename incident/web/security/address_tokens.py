"""Tokens in addresses, for senders that can be given nothing but an address: taken out before anything sees them."""

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, request

from incident.core.incidents.source import split_address_token

ENVIRON_KEY: Final = "incident.address_token"
"""Key of the token in the WSGI environment."""


def register(app: Flask) -> None:
    """Take tokens out of addresses before the app sees them, so that no log, error page or metric contains one."""
    app.wsgi_app = _Hiding(app.wsgi_app)  # type: ignore[method-assign]


def address_token() -> str | None:
    """Return the token that followed the address of this request."""
    found: str | None = request.environ.get(ENVIRON_KEY)
    return found


class _Hiding:
    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = split_address_token(environ.get("PATH_INFO", ""))
        if found is not None:
            path, environ[ENVIRON_KEY] = found
            environ["PATH_INFO"] = path
            shown = quote(environ.get("SCRIPT_NAME", "") + path, encoding="latin-1")
            for name in ("RAW_URI", "REQUEST_URI"):
                if name in environ:
                    environ[name] = shown
        return self._inner(environ, start_response)
