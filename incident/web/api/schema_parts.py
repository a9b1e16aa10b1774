"""Building blocks of response schemas: fields, faults and pages of lists."""

from typing import Any

from marshmallow import Schema, fields


def text(about: str = "", **more: Any) -> fields.String:
    """Return a field for a required text; `about` describes it."""
    nullable = bool(more.pop("allow_none", False))
    metadata = ({"description": about} if about else {}) | more
    return fields.String(required=True, allow_none=nullable, metadata=metadata)


def maybe(about: str = "", **more: Any) -> fields.String:
    """Return a field for a required text or null; `about` describes it."""
    return text(about, allow_none=True, **more)


def at(about: str = "") -> fields.DateTime:
    """Return a field for a required moment; `about` describes it."""
    return fields.DateTime(required=True, metadata={"description": about} if about else {})


def maybe_at(about: str = "") -> fields.DateTime:
    """Return a field for a required moment or null; `about` describes it."""
    return fields.DateTime(required=True, allow_none=True, metadata={"description": about} if about else {})


def number(about: str = "", **more: Any) -> fields.Integer:
    """Return a field for a required whole number; `about` describes it."""
    return fields.Integer(required=True, metadata=({"description": about} if about else {}) | more)


def maybe_number(about: str = "") -> fields.Integer:
    """Return a field for a required whole number or null; `about` describes it."""
    return fields.Integer(required=True, allow_none=True, metadata={"description": about} if about else {})


def truth(about: str = "") -> fields.Boolean:
    """Return a field for a required boolean; `about` describes it."""
    return fields.Boolean(required=True, metadata={"description": about} if about else {})


def list_of(of: Any, about: str = "") -> fields.List[Any]:
    """Return a field for a required list of shapes or fields; `about` describes it."""
    item = fields.Nested(of) if isinstance(of, type) and issubclass(of, Schema) else of
    return fields.List(item, required=True, metadata={"description": about} if about else {})


CODE = "^[a-z][a-z0-9_]*([.][a-z0-9_]+)*$"
"""Pattern of the code of a fault: words in lower case, separated by dots."""


def code_field(about: str = "") -> fields.String:
    """Return a field for the code of a fault."""
    return text(about, pattern=CODE)


class FaultPlace(Schema):
    """One location and its fault."""

    pointer = fields.String(metadata={"description": "JSON pointer (RFC 6901) into the body"})
    field = fields.String(metadata={"description": "the same place as a name"})
    parameter = fields.String(metadata={"description": "a parameter of the address"})
    code = code_field()
    detail = fields.String(required=True)
    severity = fields.String(metadata={"enum": ["error", "warning"]})
    clause = fields.String(metadata={"description": "of the standard"})
    run = fields.Integer(metadata={"description": "the id of a run that is still live"})
    task = fields.Integer(metadata={"description": "the id of a task that is still open"})
    name = fields.String(metadata={"description": "of the run"})
    title = fields.String(metadata={"description": "of the task"})


class Problem(Schema):
    """Problem details (RFC 9457)."""

    type = text()
    title = text("the phrase of the status")
    status = number()
    detail = text("what is wrong and what to do, in the language of Accept-Language")
    instance = fields.String(metadata={"description": "the path of the request; absent when it could not be read"})
    code = code_field("names the fault for programs")
    errors = fields.List(fields.Nested(FaultPlace), metadata={"description": "each place"})


def page_of(item: type[Schema]) -> type[Schema]:
    """Return the schema of a page of a list."""
    members = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True, metadata={"description": "cursor of the next page"}),
    }
    return type(f"{item.__name__.removesuffix('Out')}Page", (Schema,), members)
