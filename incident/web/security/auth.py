"""Authentication by API token or browser session, and the permission that each view requires."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import flask
import structlog
from flask import current_app, g, request
from flask.globals import request_ctx
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.routing import MapAdapter

from incident.actions.directory import accounts
from incident.actions.directory.people import actor_of, hash_of
from incident.core.values.access import ALL_PERMISSIONS, Viewer, may, viewer_of
from incident.store.directory import people
from incident.store.directory.tokens import live_token
from incident.store.incidents.signatures import used_signature
from incident.web.instance import current_instance, now
from incident.web.security.address_tokens import address_token
from incident.web.security.client import client_address
from incident.web.security.sender_signatures import verify_sender

SESSION_COOKIE = "incident_session"
USE_NOTED_EVERY = dt.timedelta(minutes=5)
ON_DISPLAY = frozenset({"pages.wall"})
"""Pages that count as used while they are open; a session ends twelve hours after its sign-in all the same."""
"""How often the use of a session is recorded: one write per request would be too many."""
PUBLIC = "public"
"""A public view, which ignores the session."""
SIGNED_IN = "signed in"
"""A view for every signed-in person and every valid token."""

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller.

    `actor` is the name in the journal, `owner` owns an `Idempotency-Key`; `session_id` is None for a program. A program
    with a `source` may only send alerts of that source.
    """

    viewer: Viewer
    actor: str
    owner: str
    name: str
    department_id: int | None = None
    person_id: int | None = None
    session_id: int | None = None
    language: str | None = None
    source: str | None = None


def needs(permission: str) -> Callable[[View], View]:
    """Declare the permission (`core/values/access.py`) that a view requires; raises KeyError on an unknown one."""
    if permission not in ALL_PERMISSIONS:
        raise KeyError(permission)
    return _declare(permission)


def public(view: View) -> View:
    """Declare a view as public."""
    return _declare(PUBLIC)(view)


def signed_in(view: View) -> View:
    """Declare that a view requires a session or a token, without a particular permission."""
    return _declare(SIGNED_IN)(view)


def _declare(need: str) -> Callable[[View], View]:
    def declare(view: View) -> View:
        view.need = need  # type: ignore[attr-defined]
        return view

    return declare


def need_of(endpoint: str) -> str | None:
    """Return the requirement of an endpoint's view, None when it declares none."""
    need: str | None = getattr(current_app.view_functions[endpoint], "need", None)
    return need


def public_endpoints(app: flask.Flask) -> frozenset[str]:
    """Return the public endpoints."""
    return frozenset(name for name, view in app.view_functions.items() if getattr(view, "need", None) == PUBLIC)


def register(app: flask.Flask) -> None:
    """Check every request against the requirement of its view, before the view runs and the body is read.

    Raises:
        LookupError: when a view declares no requirement: none is public by mistake.
    """
    public(app.view_functions["static"])
    silent = sorted(name for name, view in app.view_functions.items() if not hasattr(view, "need"))
    if silent:
        raise LookupError(f"views that do not say who may use them: {', '.join(silent)}")
    app.before_request(_guard)


def _guard() -> None:
    if request.endpoint is None:
        return
    needs_here = _needs_at_this_address() if request.method == "OPTIONS" else {need_of(request.endpoint)}
    if PUBLIC in needs_here:
        return
    if _may_be_signed():
        _take_signature(str(_named_source()))
    asking = require_caller()
    if asking.source is not None and not ("alert.post" in needs_here and _named_source() == asking.source):
        raise Forbidden
    if not any(need in (None, SIGNED_IN) or may(asking.viewer.role, str(need)) for need in needs_here):
        raise Forbidden


def _may_be_signed() -> bool:
    return request.method == "POST" and need_of(request.endpoint or "") == "alert.post" and _named_source() is not None


def _take_signature(source: str) -> None:
    """Verify the signature of a sender; where it replaces a token, the sender is the caller.

    Where a token is needed as well, it comes first: nothing of others is hashed for somebody without one.
    """
    used = used_signature(source)
    if used is None:
        return
    if used.is_token_needed:
        require_caller()
    verify_sender(used)
    if not used.is_token_needed and caller() is None:
        name = f"source:{source}"
        g.caller = Caller(viewer=Viewer("source"), actor=name, owner=name, name=source, source=source)


def _named_source() -> str | None:
    return (request.view_args or {}).get("source")


def _needs_at_this_address() -> set[str | None]:
    """Return the requirements of all methods of this address: OPTIONS describes all, so one of them is enough."""
    adapter = cast(MapAdapter, request_ctx.url_adapter)
    methods = set(adapter.allowed_methods()) - {"OPTIONS", "HEAD"}
    return {need_of(adapter.match(method=method)[0]) for method in methods}


def require_caller() -> Caller:
    """Return the caller.

    Raises:
        Unauthorized: when there is neither a session nor a valid token.
    """
    asking = caller()
    if asking is None:
        schemes = ("bearer", "basic") if need_of(request.endpoint or "") == "alert.post" else ("bearer",)
        raise Unauthorized(www_authenticate=[WWWAuthenticate(scheme, {"realm": "incident"}) for scheme in schemes])
    return asking


def caller() -> Caller | None:
    """Return the caller, None without a session or token; looked up once per request."""
    if "caller" not in g:
        g.caller = _by_token() if request.headers.get("Authorization") or address_token() else _by_session()
        if g.caller is not None and g.caller.language:
            g.own_language = g.caller.language
    found: Caller | None = g.caller
    return found


def _by_token() -> Caller | None:
    secret, is_of_source = _presented()
    if not secret:
        return None
    token = live_token(hash_of(secret))
    if token is None or (is_of_source and token.source is None):
        structlog.get_logger().warning("a token was refused", address=client_address())
        return None
    return Caller(
        viewer=viewer_of(token.role, token.department_id),
        actor=f"token:{token.id}:{token.name}",
        owner=f"token:{token.id}",
        name=token.name,
        department_id=token.department_id,
        source=token.source,
    )


def _presented() -> tuple[str, bool]:
    """Return the secret of this request, and whether only a token of a source may be presented in this way.

    Addresses end up in logs of others, and browsers send a password again by themselves: neither takes a token that
    may do more.
    """
    if behind := address_token():
        return behind, True
    scheme, _, rest = request.headers["Authorization"].partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip(), False
    given = request.authorization
    return (given.password or "" if given is not None and given.type == "basic" else ""), True


def session_cookie() -> str:
    """Return the name of the session's cookie.

    Over HTTPS, the prefix `__Host-` makes browsers accept it only from this host, by TLS and for all paths.
    """
    return cookie_of(current_instance().settings.public_url)


def cookie_of(public_url: str) -> str:
    """Return the name of the session's cookie of an instance at this address."""
    return f"__Host-{SESSION_COOKIE}" if public_url.startswith("https://") else SESSION_COOKIE


def _by_session() -> Caller | None:
    cookie = request.cookies.get(session_cookie())
    session = people.live_session(hash_of(cookie), now()) if cookie else None
    if session is None or not session.person.is_active:
        return None
    if session.used_at <= now() - USE_NOTED_EVERY and not _is_automatic():
        _note_use(session.id)
    person = session.person
    return Caller(
        viewer=viewer_of(person.role, person.department_id, person.id),
        actor=actor_of(person),
        owner=f"person:{person.id}",
        name=person.name,
        department_id=person.department_id,
        person_id=person.id,
        session_id=session.id,
        language=person.language,
    )


def _is_automatic() -> bool:
    """Whether an open page sent the request without a user's action; a wall display is there to be looked at."""
    if request.endpoint in ON_DISPLAY:
        return False
    return "HX-Request" in request.headers or "text/event-stream" in request.headers.get("Accept", "")


def _note_use(session_id: int) -> None:
    try:
        accounts.note_use(session_id, now())
    except DBAPIError as error:  # reading remains possible while nothing can be written
        structlog.get_logger().warning("the use of a session could not be recorded", error=str(error))
