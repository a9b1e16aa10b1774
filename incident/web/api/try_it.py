"""A page that shows the API's description and tries it out; made from our own files alone."""

from functools import partial

import flask

from incident.web.api.endpoint import PREFIX
from incident.web.auth import public

DESCRIPTION = "api-docs.openapi_json"


def register(app: flask.Flask) -> None:
    """Put the page on an app, and let everybody read it and the description."""
    app.add_url_rule(f"{PREFIX}/docs", "api_docs", show)
    describe = app.view_functions[DESCRIPTION]
    # What the library registers is a method, on which nothing can be noted.
    app.view_functions[DESCRIPTION] = public(partial(describe))


@public
def show() -> str:
    """Show the page; its script reads the description and fills it."""
    return flask.render_template("api/try_it.html", description=f"{PREFIX}/openapi.json")
