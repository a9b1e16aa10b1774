"""Security headers for browsers, and the check of a signed-in browser's requests for cross-site origin."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

import flask
from flask import request
from werkzeug.exceptions import Forbidden, MisdirectedRequest

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
    "worker-src": "'self'",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
FEATURES = ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
LINK_REFERRER = "no-referrer"
REPORTER_PATHS = ("/api/v1/reports", "/api/v1/receipts")
"""Paths of the API that reporters use; their pages set the header themselves."""


def content_security_policy(**changed: str) -> str:
    """Return the Content-Security-Policy; `frame_src="'self'"` adds or changes one directive."""
    directives = POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


PROBES = frozenset({"healthz", "readyz", "metrics"})
"""Endpoints that answer under any host name: their callers use the machine's address."""


def register(
    app: flask.Flask,
    public_url: str,
    cookie: str,
    public_endpoints: Collection[str],
    trusted_hosts: Collection[str] = (),
) -> None:
    """Set the headers of every response, refuse unknown host names, and check the origin of a browser's changes.

    Args:
        app: the app.
        public_url: the public address, accepted as an origin.
        cookie: the name of the session's cookie.
        public_endpoints: endpoints that ignore the session, so that no session can be abused.
        trusted_hosts: accepted host names besides loopback and that of `public_url`.
    """
    hosts = frozenset({host_of(public_url), *trusted_hosts})

    @app.before_request
    def refuse_other_hosts() -> None:
        if request.endpoint not in PROBES and not is_trusted_host(host_of(f"//{request.host}"), hosts):
            raise MisdirectedRequest

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


def host_of(url: str) -> str:
    """Return the host name of an address in lower case and ASCII, without port; empty when it has none."""
    try:
        return (urlsplit(url).hostname or "").encode("idna").decode()
    except ValueError:
        return ""


def is_trusted_host(host: str, trusted: Collection[str]) -> bool:
    """Return whether a host name is loopback or a trusted one; `.example.org` trusts all names under it.

    Werkzeug's own check treats all IPv6 addresses as equal.
    """
    if host == "localhost" or host in trusted:
        return True
    if any(one.startswith(".") and host.endswith(one) for one in trusted):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """Return scheme, host and port of an address, in the notation of an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_same_site(ours: str) -> bool:
    """Return whether this request came from our own pages, or from no page at all.

    Sec-Fetch-Site decides if the browser sends it (secure origins), else Origin; a program that sends neither is no
    browser, and SameSite keeps the cookie from any browser of that age.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    sender = request.headers.get("Origin")
    return sender is None or sender.lower() in {ours, origin(request.host_url)}


def _set_headers(answer: flask.Response, is_https: bool) -> None:
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", content_security_policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    is_of_reporter = request.path.startswith(REPORTER_PATHS)
    headers.setdefault("Referrer-Policy", LINK_REFERRER if is_of_reporter else "same-origin")
    headers.setdefault("Permissions-Policy", ", ".join(f"{name}=()" for name in FEATURES))
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if is_https:
        headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
