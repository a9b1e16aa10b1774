"""Building blocks of API endpoints: a blueprint with strict parsing, pagination and its description."""

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

import flask_smorest
from marshmallow import Schema
from werkzeug.routing import BaseConverter

from incident.core.incidents.incident import REASON_LIMIT
from incident.web.api.arguments import Arguments, Parser
from incident.web.api.fields import Number, Text
from incident.web.http.paging import LIMIT_USUAL, MAX_LIMIT

PREFIX: Final = "/api/v1"
ID: Final = "<int(max=2147483647):{}>"
"""Path converter for row ids; a larger number is an address that does not exist."""

PLAYBOOK: Final = "<playbook:playbook_id>"
"""Path converter for playbook ids; other words below /playbooks are other addresses, such as /playbooks/lint."""

View = TypeVar("View", bound=Callable[..., Any])


class PlaybookConverter(BaseConverter):
    """Matches the form of a playbook id (CACAO 2.0 section 10.10), so that no other address is taken for one."""

    regex = "playbook--[^/]+"


class NameConverter(BaseConverter):
    """Matches the name of a source or of a rule set; `/sources/try` is another address."""

    regex = "(?!try$)[^/]+"


class Decorator(Protocol):
    """A decorator that returns a view of the type that it received."""

    def __call__(self, view: View) -> View:
        """Decorate a view."""


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # the library is not typed: its decorators are, here
    """The endpoints of one resource."""

    ARGUMENTS_PARSER = Parser()

    def route(self, rule: str, **options: Any) -> Decorator:
        """Register a view under an address."""
        decorator: Decorator = super().route(rule, **options)
        return decorator

    def arguments(self, schema: type[Arguments], **options: Any) -> Decorator:
        """Pass the validated request to a view."""
        made = schema()
        made.is_body_needed = options.get("required", True)
        decorator: Decorator = super().arguments(made, **options)
        return decorator

    def response(self, status: int, schema: type[Schema] | dict[str, Any] | None = None, **options: Any) -> Decorator:
        """Describe the response of a view."""
        decorator: Decorator = super().response(status, schema, **options)
        return decorator

    def doc(self, **described: Any) -> Decorator:
        """Add to the description what the other decorators do not cover."""
        decorator: Decorator = super().doc(**described)
        return decorator


def noun(name: str, about: str) -> Blueprint:
    """Return the blueprint for a resource.

    Args:
        name: the name of the resource, in the plural.
        about: the text for the description.
    """
    return Blueprint(name, __name__, description=about)


def described(schema: type[Schema] | dict[str, Any], example: Any, *media: str) -> dict[str, Any]:
    """Describe a body that a rule of core parses.

    Args:
        schema: its shape.
        example: a valid body, provided that the records it names exist.
        media: further content types that carry the same data.
    """
    content = {"schema": schema, "example": example}
    return {"required": True, "content": {one: dict(content) for one in ("application/json", *media)}}


class Paged(Arguments):
    """Pagination parameters."""

    limit = Number(1, MAX_LIMIT, is_written=True, load_default=LIMIT_USUAL, metadata={"description": "items on a page"})
    cursor = Text(1000, is_line=True, load_default=None, metadata={"description": "`next` of the page before"})


class Nothing(Arguments):
    """An empty body."""


class WithReason(Arguments):
    """An optional reason."""

    reason = Text(REASON_LIMIT, allow_none=True, load_default=None)


class WithNeededReason(Arguments):
    """The reason, which other people read."""

    reason = Text(REASON_LIMIT, required=True)
