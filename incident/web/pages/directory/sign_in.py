"""Sign-in and sign-out."""

from urllib.parse import urlsplit

import flask
from flask import g, request, url_for

from incident.actions.directory import people
from incident.core.values.faults import RuleError
from incident.core.values.text import one_line
from incident.web.http.errors import status_of
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, redirect_with_flash, render
from incident.web.security.auth import caller, public, require_caller, session_cookie, signed_in
from incident.web.security.devices import remember_device
from incident.web.security.failed_sign_ins import log_failed_sign_in
from incident.web.security.headers import is_same_site, origin
from incident.web.security.limits import sign_in_keys


@pages.get("/sign-in")
@public
def sign_in() -> Page:
    """Show the sign-in form."""
    asking = caller()
    if asking is not None and not g.get("faults"):
        return redirect_with_flash(safe_next(asking.viewer.role))
    return render(
        "sign_in/sign_in.html",
        has_ended="ended" in request.args,
        login=request.form.get("login", ""),
        next=_asked_next(),
    )


@pages.post("/sign-in")
@public
def enter() -> Page:
    """Sign in with a password."""
    _refuse_other_sites()
    login, password = request.form.get("login", "").strip()[:200], request.form.get("password", "")[:1000]
    try:
        person, token = people.sign_in(login, password, sign_in_keys(login), now(), browser())
    except RuleError as fault:
        log_failed_sign_in(fault)
        fault.pointer = fault.pointer or "/login"
        g.faults = fault.all
        return render("sign_in/sign_in.html", status_of(fault), login=login, next=_asked_next())
    answer = with_session(redirect_with_flash(safe_next(person.role)), token)
    remember_device(answer, login)
    return answer


@pages.get("/sign-in/link/<token>")
@public
def enter_by_link(token: str) -> Page:
    """Sign in by a link of the demonstration."""
    person, session = people.sign_in_by_link(token, now(), browser())
    return with_session(redirect_with_flash(_work_of(person.role)), session)


@pages.post("/sign-out")
@signed_in
def sign_out() -> Page:
    """End this browser's session."""
    asking = require_caller()
    if asking.session_id is not None:
        people.revoke_session(asking.session_id, asking.actor, now())
    answer = redirect_with_flash(url_for("pages.sign_in"), "signed_out")
    answer.delete_cookie(session_cookie(), secure=_is_https(), httponly=True, samesite="Lax")
    return answer


def _work_of(role: str) -> str:
    """Return the page where people of a role begin: a department with what it must answer, others with the overview."""
    return url_for("pages.inbox" if role == "department" else "pages.home")


def safe_next(role: str = "") -> str:
    """Return the address to redirect to, which is always a path of this site; without one, where the role begins."""
    return _asked_next() or _work_of(role)


def _asked_next() -> str:
    """Return the path of this site that the address or the form names; empty for none."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    is_plain = wanted.isprintable() and "\\" not in wanted and len(wanted) < 1000
    return wanted if is_ours and is_plain else ""


def browser() -> str:
    """Return the browser of this request by its User-Agent."""
    return one_line(request.headers.get("User-Agent", ""), 200)


def with_session(answer: flask.typing.ResponseValue, token: str) -> flask.Response:
    """Set the session cookie; it ends with the browser or when the server ends the session."""
    made = flask.make_response(answer)
    made.set_cookie(session_cookie(), token, httponly=True, samesite="Lax", secure=_is_https(), path="/")
    return made


def _is_https() -> bool:
    return current_instance().settings.public_url.startswith("https://")


def _refuse_other_sites() -> None:
    """Refuse requests from other sites, which could sign a browser in under an account of their choice."""
    if not is_same_site(origin(current_instance().settings.public_url)):
        flask.abort(403, description=_("The request came from another site."))
