"""What the endpoints of the API are made of: a blueprint that reads strictly, lists by page, and its description."""

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

import flask_smorest
from marshmallow import Schema
from werkzeug.routing import BaseConverter

from incident.web.api.arguments import Arguments, Parser
from incident.web.api.fields import Number, Text
from incident.web.paging import LIMIT_MOST, LIMIT_USUAL

PREFIX: Final = "/api/v1"
ID: Final = "<int(max=2147483647):{}>"
"""A number that stands for a row; a larger one is an address at which there is nothing."""

PLAYBOOK: Final = "<playbook:playbook_id>"
"""The id of a playbook; every other word below /playbooks is another address, such as /playbooks/lint."""

View = TypeVar("View", bound=Callable[..., Any])


class PlaybookConverter(BaseConverter):
    """Takes what can be the id of a playbook (CACAO 2.0 section 10.10), so that no other address is taken for one."""

    regex = "playbook--[^/]+"


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

    def arguments(self, schema: type[Arguments], **options: Any) -> Decorator:
        """Hand a view what was sent, checked."""
        made = schema()
        made.is_body_needed = options.get("required", True)
        decorator: Decorator = super().arguments(made, **options)
        return decorator

    def response(self, status: int, schema: type[Schema] | dict[str, Any] | None = None, **options: Any) -> Decorator:
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
    return Blueprint(name, __name__, description=about)


def described(schema: type[Schema] | dict[str, Any], example: Any, *media: str) -> dict[str, Any]:
    """Describe a body that a rule of core reads.

    Args:
        schema: its shape.
        example: a body that is taken, given that what it names is there.
        media: further types of content that hold the same.
    """
    content = {"schema": schema, "example": example}
    return {"required": True, "content": {one: dict(content) for one in ("application/json", *media)}}


class Paged(Arguments):
    """How to leaf through a list."""

    limit = Number(
        1, LIMIT_MOST, is_written=True, load_default=LIMIT_USUAL, metadata={"description": "items on a page"}
    )
    cursor = Text(1000, is_line=True, load_default=None, metadata={"description": "`next` of the page before"})


class Nothing(Arguments):
    """An empty body."""
