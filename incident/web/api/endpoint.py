"""What the endpoints of the API are made of: a blueprint that reads strictly, lists by page, and its description."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, Protocol, TypeVar

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema

from incident.web.api.arguments import Given, Parser
from incident.web.api.fields import Number, Text
from incident.web.api.schemas import Problem
from incident.web.errors import PROBLEM
from incident.web.paging import LIMIT_MOST, LIMIT_USUAL

PREFIX: Final = "/api/v1"
ID: Final = "<int(max=2147483647):{}>"
"""A number that stands for a row; a larger one is an address at which there is nothing."""

View = TypeVar("View", bound=Callable[..., Any])


class Decorator(Protocol):
    """Something that gives back a view of the shape that it got."""

    def __call__(self, view: View) -> View:
        """Decorate."""


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # the library is not typed: its decorators are, here
    """The endpoints of one noun."""

    ARGUMENTS_PARSER = Parser()

    def route(self, rule: str, **options: Any) -> Decorator:
        """Register a view under an address."""
        decorator: Decorator = super().route(rule, **options)
        return decorator

    def arguments(self, schema: type[Given], **options: Any) -> Decorator:
        """Hand a view what was sent, checked."""
        decorator: Decorator = super().arguments(schema, **options)
        return decorator

    def response(self, status: int, schema: type[Schema] | None = None, **options: Any) -> Decorator:
        """Describe the answer of a view."""
        decorator: Decorator = super().response(status, schema, **options)
        return decorator

    def doc(self, **described: Any) -> Decorator:
        """Describe what the other decorators do not."""
        decorator: Decorator = super().doc(**described)
        return decorator


def noun(name: str, about: str) -> Blueprint:
    """Return the blueprint for a noun.

    Args:
        name: the noun, in the plural.
        about: what it is, for the description.
    """
    return Blueprint(f"api.{name}".replace(".", "_"), __name__, description=about)


class Paged(Given):
    """How to leaf through a list."""

    limit = Number(
        1, LIMIT_MOST, is_written=True, load_default=LIMIT_USUAL, metadata={"description": "items on a page"}
    )
    cursor = Text(1000, is_line=True, load_default=None, metadata={"description": "`next` of the page before"})


class Nothing(Given):
    """An empty body."""


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The description of the API; faults are answered elsewhere and described here as problem details."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Leave every fault to `web/errors.py`."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            self.spec.components.response(status.name, _described(status.phrase), lazy=True)
        self.spec.components.response("DEFAULT_ERROR", _described("what went wrong, and what to do"), lazy=True)


def _described(about: str) -> dict[str, Any]:
    return {"description": about, "content": {PROBLEM: {"schema": Problem}}}


OPTIONS: Final = {
    "info": {
        "description": "Alerts and reports in, incidents, runs of playbooks, tasks and notices out. Send "
        "`Authorization: Bearer TOKEN`. Faults are problem details (RFC 9457). Lists are leafed through with `limit` "
        "and `cursor`. What can be read has an ETag; PATCH needs If-Match, other changes honour it. POST requests "
        "that create something take an `Idempotency-Key`, kept for 24 hours."
    },
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
}


def describe(app: Flask) -> Api:
    """Return what describes the API of an app, at `/api/v1/openapi.json`."""
    app.config |= {
        "API_TITLE": "incident",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": PREFIX,
        "API_SPEC_OPTIONS": OPTIONS,
    }
    return Api(app, spec_kwargs={"marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_name)})


def _name(schema: Any) -> str:
    found = schema if isinstance(schema, type) else type(schema)
    return str(found.__name__).removesuffix("Out")
