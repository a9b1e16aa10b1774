"""What the browser is told to refuse, and the check that a signed-in browser was not led here by another site."""

from collections.abc import Collection
from urllib.parse import urlsplit

import flask
from flask import request
from werkzeug.exceptions import Forbidden

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "manifest-src": "'self'",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
FEATURES = ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
LINK_REFERRER = "no-referrer"


def policy(**changed: str) -> str:
    """Write the Content-Security-Policy; `frame_src="'self'"` adds or changes one directive."""
    directives = POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def register(app: flask.Flask, public_url: str, cookie: str, public_endpoints: Collection[str]) -> None:
    """Set the headers of every answer, and check where a change by a signed-in browser comes from.

    Args:
        app: the app.
        public_url: the address under which people reach it; another origin that counts as ours.
        cookie: the name of the session's cookie.
        public_endpoints: endpoints that look at no session, so that nothing can be stolen from one.
    """
    ours = origin(public_url)
    is_https = public_url.startswith("https://")

    @app.before_request
    def refuse_other_sites() -> None:
        if request.method in SAFE or request.endpoint in public_endpoints or cookie not in request.cookies:
            return
        if not is_same_site(ours):
            raise Forbidden

    @app.after_request
    def protect(answer: flask.Response) -> flask.Response:
        _set_headers(answer, is_https)
        return answer


def origin(url: str) -> str:
    """Return scheme, host and port of an address, as a browser writes an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_same_site(ours: str) -> bool:
    """Tell whether this request came from our own pages, or from no page at all.

    Sec-Fetch-Site decides where the browser sends it (secure origins), else Origin; a program that sends neither is no
    browser, and SameSite has kept the cookie from any browser so old.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    sender = request.headers.get("Origin")
    return sender is None or sender.lower() in {ours, origin(request.host_url)}


def _set_headers(answer: flask.Response, is_https: bool) -> None:
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", ", ".join(f"{name}=()" for name in FEATURES))
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if is_https:
        headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
