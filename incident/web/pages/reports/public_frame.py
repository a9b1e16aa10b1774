"""The frame of pages for reporters: no session, no cookie, nothing kept by the browser; keys of their forms."""

import datetime as dt
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import flask
from flask import g, make_response, request, url_for

from incident.core.values.faults import RuleError
from incident.web.i18n import PARAMETER, asked_language
from incident.web.instance import current_instance, now
from incident.web.pages.frame import Page, render
from incident.web.security.headers import LINK_REFERRER

KEY_LIVES_FOR: Final = dt.timedelta(hours=12)
KEY_LIMIT: Final = 200


def sessionless(view: Callable[..., Page]) -> Callable[..., flask.Response]:
    """Declare that a page neither reads a session nor sets a cookie, and tells no other site where it was."""

    @wraps(view)
    def shown(*args: Any, **more: Any) -> flask.Response:
        g.is_plain = g.leaves_no_cookie = True
        answer = make_response(view(*args, **more))
        answer.headers["Referrer-Policy"] = LINK_REFERRER
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return shown


def render_public(template: str, status: int = 200, **values: Any) -> tuple[str, int]:
    """Render a page for reporters; its addresses carry the language, because no cookie does."""
    return render(template, status, to=public_address, form_key=new_form_key, **values)


def public_address(endpoint: str) -> str:
    """Return the address of another page for reporters, in the language that this page was asked for in."""
    chosen = request.args.get(PARAMETER) if asked_language() else None
    return url_for(endpoint, lang=chosen)


def new_form_key() -> str:
    """Return the key of a form: 128 random bits, and the minute, signed."""
    text = f"{secrets.token_urlsafe(16)}.{int(now().timestamp()) // 60}"
    return f"{text}.{current_instance().ring.sign(_signed(text))}"


def read_form_key() -> str | None:
    """Return the key of the form that was sent, None for a form without one.

    Raises:
        RuleError: `form.expired` when it is older than some hours, or was not made here.
    """
    given = request.form.get("key", "")[:KEY_LIMIT]
    if not given:
        return None
    text, _, signature = given.rpartition(".")
    if not current_instance().ring.is_signed(_signed(text), signature):
        raise RuleError("form.expired")
    made_at = dt.datetime.fromtimestamp(int(text.rpartition(".")[2]) * 60, dt.UTC)
    if now() - made_at > KEY_LIVES_FOR:
        raise RuleError("form.expired")
    return given


def _signed(text: str) -> str:
    return f"public form {text}"
