"""Error pages: the problem, and the remedy."""

from urllib.parse import urlencode

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.core.values.error_messages import N_
from incident.web.http.errors import ProblemDetails
from incident.web.i18n import gettext as _

TITLES = {
    400: N_("This request cannot be understood"),
    403: N_("This is not for your role"),
    404: N_("There is nothing here"),
    405: N_("This address is not used in this way"),
    410: N_("This is gone"),
    413: N_("That is too large"),
    421: N_("This address is not known here"),
    429: N_("Too many requests"),
    500: N_("Something went wrong on our side"),
    503: N_("Busy or away for a moment"),
}
ADVICE = {
    400: N_("Go back, look at what was typed, and send it again."),
    403: N_("Ask a coordinator or an administrator, or sign in as somebody else."),
    404: N_("The address may be wrong, or what it names is not for you to see."),
    405: N_("Go back and use the buttons of the page."),
    410: N_("The link has been used or has expired. Ask for a new one."),
    413: N_("Send less in one go."),
    429: N_("Wait some minutes, then try again."),
    500: N_("It has been noted. Try again; if it stays, tell the administrator the time on the clock."),
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
    )


def _to_sign_in() -> ResponseReturnValue:
    if request.method != "GET":
        return redirect(url_for("pages.sign_in"), 303)
    if request.headers.get("HX-Request"):
        return Response(status=200, headers={"HX-Redirect": url_for("pages.sign_in")})
    query = urlencode({"next": request.full_path.rstrip("?")}) if request.path != "/" else ""
    return redirect(f"{url_for('pages.sign_in')}{'?' if query else ''}{query}", 303)
