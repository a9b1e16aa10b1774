"""The choice of a language by the address of a page: `?lang=zh` works everywhere, without a script."""

from urllib.parse import quote, urlencode, urlsplit

import flask
from flask import g, request
from werkzeug.datastructures import MultiDict

from incident.web.i18n import CODES, COOKIE, PARAMETER, asked_language
from incident.web.instance import current_instance

KEPT_FOR = 365 * 24 * 3600
"""How long a browser keeps the chosen language, in seconds."""


def register(app: flask.Flask) -> None:
    """Provide templates with addresses of languages, and remember what an address asked for."""
    app.jinja_env.globals["language_url"] = language_url
    app.after_request(_keep_asked)


def language_url(name: str) -> str:
    """Return the address of this page in a language; of a refused form, that of the page it came from."""
    path, query = request.path, request.args.copy()
    if request.method != "GET":
        came_from = urlsplit(request.referrer or "")
        is_ours = came_from.netloc == request.host and came_from.path not in ("", request.path)
        path, query = (came_from.path if is_ours else path), MultiDict()
    query.pop("said", None)
    query.setlist(PARAMETER, [CODES[name]])
    return f"{request.script_root}{quote(path)}?{urlencode(list(query.items(multi=True)))}"


def _keep_asked(answer: flask.Response) -> flask.Response:
    """Store the language that an address asked for in a cookie of this browser."""
    asked = asked_language()
    if g.get("leaves_no_cookie"):
        return answer
    if asked is not None and asked != request.cookies.get(COOKIE) and answer.mimetype == "text/html":
        is_https = current_instance().settings.public_url.startswith("https://")
        answer.set_cookie(COOKIE, asked, max_age=KEPT_FOR, samesite="Lax", secure=is_https, httponly=True)
    return answer
