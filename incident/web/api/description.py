"""The OpenAPI 3.1 description of the API, built at its first request, and a page to try the API."""

from http import HTTPStatus
from typing import Any, Final

import flask
import flask_smorest
from flask import Response, current_app
from flask_smorest.spec import MarshmallowPlugin

from incident.store.db.database import to_json
from incident.web.api.endpoint import PREFIX, Blueprint, PlaybookConverter
from incident.web.api.operations import complete
from incident.web.api.schema_parts import Problem
from incident.web.http.conditional import answer_text
from incident.web.http.errors import PROBLEM
from incident.web.security.auth import public

KEY: Final = "incident_description"

CONFIG: Final = {"API_TITLE": "incident", "API_VERSION": "v1", "OPENAPI_VERSION": "3.1.0"}

OPTIONS: Final = {
    "info": {
        "description": "Alerts and reports in, incidents, runs of playbooks, tasks and notices out. Send "
        "`Authorization: Bearer TOKEN`. Faults are problem details (RFC 9457). Lists are leafed through with `limit` "
        "and `cursor`. What can be read has an ETag; If-Match is honoured where it is described. POST requests "
        "that create something take an `Idempotency-Key`, kept for 24 hours."
    },
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
}


class Api(flask_smorest.Api):  # type: ignore[misc]  # the library is not typed
    """Builds the description; other modules serve it and handle errors."""

    ERROR_SCHEMA = Problem

    def _register_doc_blueprint(self) -> None:
        """Leave the serving to `read_description`."""

    def _register_error_handlers(self) -> None:
        """Leave all error handling to `web/http/errors.py`."""

    def _register_responses(self) -> None:
        """Describe a fault as problem details; of the statuses only the one that the library itself names."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        self.spec.components.response(status.name, _described(status.phrase), lazy=True)
        self.spec.components.response("DEFAULT_ERROR", _described("What went wrong, and what to do"), lazy=True)


def _described(about: str) -> dict[str, Any]:
    return {"description": about, "content": {PROBLEM: {"schema": Problem}}}


def register(app: flask.Flask, blueprints: list[Blueprint]) -> None:
    """Register the description of these blueprints, and the page to try it, on an app."""
    app.config |= CONFIG
    app.extensions[KEY] = Description(app, blueprints)
    app.add_url_rule(f"{PREFIX}/openapi.json", "api_description", read_description)
    app.add_url_rule(f"{PREFIX}/docs", "api_docs", show)


class Description:
    """The description of an app's API; built once."""

    def __init__(self, app: flask.Flask, blueprints: list[Blueprint]) -> None:
        self._app = app
        self._blueprints = blueprints
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The description as JSON."""
        if self._text is None:
            self._text = to_json(self._draw())
        return self._text

    def _draw(self) -> dict[str, Any]:
        plugin = MarshmallowPlugin(schema_name_resolver=_name)
        api = Api(self._app, spec_kwargs={"marshmallow_plugin": plugin, **OPTIONS})
        api.register_converter(PlaybookConverter, lambda one: {"type": "string", "pattern": f"^{one.regex}$"})
        for blueprint in self._blueprints:
            blueprint.register_views_in_doc(api, self._app, api.spec, name=blueprint.name, parameters=None)
            api.spec.tag({"name": blueprint.name, "description": blueprint.description})
        drawn: dict[str, Any] = api.spec.to_dict()
        complete(drawn, self._app)
        return drawn


def _name(schema: Any) -> str:
    found = schema if isinstance(schema, type) else type(schema)
    return str(found.__name__).removesuffix("Out")


@public
def read_description() -> Response:
    """Return the description as a response."""
    description: Description = current_app.extensions[KEY]
    return answer_text(description.text)


@public
def show() -> str:
    """Render the page; its script loads the description and fills the page."""
    return flask.render_template("api/try_it.html", description=f"{PREFIX}/openapi.json")
