"""Error pages: the problem, and the remedy."""

import secrets
from urllib.parse import urlencode, urlsplit

import structlog
from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.core.values.error_messages import N_
from incident.web.http.errors import ProblemDetails
from incident.web.i18n import gettext as _
from incident.web.security.auth import caller

TITLES = {
    400: N_("There is a problem with this request"),
    403: N_("You do not have permission"),
    404: N_("Page not found"),
    405: N_("This page cannot be used in this way"),
    410: N_("This link no longer works"),
    413: N_("The file or text is too large"),
    421: N_("This address is not known"),
    429: N_("Too many requests"),
    500: N_("Sorry, there is a problem with the service"),
    503: N_("Sorry, the service is unavailable"),
}
ADVICE = {
    400: N_("Go back, check what you entered and send it again."),
    403: N_("Ask a coordinator or an administrator for access, or sign in as someone else."),
    404: N_("If you typed the address, check it is correct. You may also not have permission to see this page."),
    405: N_("Go back and use the buttons on the page."),
    410: N_("The link has been used or has expired. Ask for a new one."),
    413: N_("Send a smaller file or shorter text."),
    429: N_("Wait a few minutes, then try again."),
    500: N_("Try again later. If it still does not work, give the reference to your administrator."),
    503: N_("Try again in a moment."),
}


def problem_page(problem: ProblemDetails) -> ResponseReturnValue:
    """Render an error page; without a session, redirect to sign-in. The page of a server error queries nothing."""
    if problem.status == 401 and not request.path.startswith("/live/"):
        return _to_sign_in()
    if request.path.startswith("/live/"):
        return Response(status=problem.status)
    g.is_plain = problem.status >= 500
    title = TITLES.get(problem.status)
    advice = ADVICE.get(problem.status)
    is_of_rule = not problem.code.startswith("http.")
    return render_template(
        "problem.html",
        problem=problem,
        title=_(title) if title else problem.title,
        advice=problem.detail if is_of_rule or advice is None else _(advice),
        reference=_reference(problem.status),
    )


def _reference(status: int) -> str | None:
    """Return the reference of this page in the log; none for strangers, who could fill the log."""
    asking = None if g.is_plain else caller()
    if asking is None and status < 500:
        return None
    made = secrets.token_hex(4).upper()
    by = None if asking is None else asking.actor
    structlog.get_logger().info("a problem was shown", reference=made, status=status, page=request.endpoint, by=by)
    return made


def _to_sign_in() -> ResponseReturnValue:
    if request.method != "GET":
        return redirect(_sign_in_for_form(), 303)
    if request.headers.get("HX-Request"):
        following = url_for("pages.wall") if request.endpoint == "pages.wall" else None
        return Response(status=200, headers={"HX-Redirect": url_for("pages.sign_in", next=following)})
    query = urlencode({"next": request.full_path.rstrip("?")}) if request.path != "/" else ""
    return redirect(f"{url_for('pages.sign_in')}{'?' if query else ''}{query}", 303)


def _sign_in_for_form() -> str:
    """Return the address of the sign-in page that leads back to the submitted form."""
    form = urlsplit(request.referrer or "")
    if form.netloc != request.host or not form.path:
        return url_for("pages.sign_in", ended=1)
    return url_for("pages.sign_in", ended=1, next=f"{form.path}?{form.query}" if form.query else form.path)
