"""Parses request bodies and query strings, and reports each fault with its location."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, cast

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from incident.core.values.error_messages import FAULT_WORDS
from incident.core.values.faults import RuleError, member, raise_all
from incident.sources.payload import decode_json
from incident.web.api.fields import CODES, Coded


class Arguments(Schema):
    """Base class of request schemas: an unknown field is refused."""

    error_messages = {  # noqa: RUF012  # the library declares it so
        "unknown": "document.unknown_field",
        "type": "document.not_an_object",
    }

    is_body_needed = True
    """Whether a request without a body is refused; `Blueprint.arguments` sets it from `required`."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Make every type of field report its faults by code."""
        field_obj.error_messages.update(CODES)

    class Meta:
        """Treat unknown fields as faults."""

        unknown = RAISE


class Parser(FlaskParser):
    """Parses JSON bodies and query parameters strictly."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012
        "json": None,
        "query": RAISE,
    }

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the body; an empty object if it is missing and is optional or its required fields can be named."""
        has_required = any(field.required for field in schema.load_fields.values())
        if not has_required and getattr(schema, "is_body_needed", True):
            require_body(req)
        return read_json(req) if has_body(req) else {}

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the query parameters; an empty value is validated like any other."""
        return dict(req.args.items())

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise the faults as a RuleError, as the rules of core do."""
        (location, messages), *_ = cast(dict[str, Any], error.messages).items()
        is_address = location == "query"
        raise_all(_faults(messages, "?" if is_address else "", schema, is_address))
        raise error


def has_body(req: Request = request) -> bool:
    """Return whether a request has a body of more than white space."""
    return bool(req.get_data(cache=True).strip())


def require_body(req: Request = request) -> bytes:
    """Return the body of a request; raises RuleError `document.no_body` (422) when it has none."""
    if not has_body(req):
        raise RuleError("document.no_body")
    return req.get_data(cache=True)


def read_json(req: Request = request) -> Any:
    """Return the JSON of a request's body.

    Raises:
        RuleError: `document.no_body` (422), `media_type.unknown` (415), or that it is not JSON (400).
    """
    body = require_body(req)
    if req.mimetype and not (req.is_json or req.mimetype == "text/json"):
        raise RuleError("media_type.unknown", {"given": req.mimetype[:80]})
    return decode_json(body)


def _faults(messages: Any, place: str, schema: Schema, is_address: bool) -> Iterator[RuleError]:
    """Walk the messages of a validation: lists of texts, each text a code, by field or by index."""
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            if name == "_schema":
                yield from _faults(below, place, schema, is_address)
            else:
                yield from _faults(below, f"?{name}" if is_address else member(place, name), schema, is_address)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield _fault(message, place, schema)


def _fault(message: Any, place: str, schema: Schema) -> RuleError:
    if isinstance(message, Coded):
        return RuleError(message.fault.code, message.fault.arguments, pointer=f"{place}{message.fault.pointer}")
    if message == "document.unknown_field":
        return RuleError(message, {"known": ", ".join(_known(schema))}, pointer=place)
    code = str(message) if str(message) in FAULT_WORDS else "document.does_not_fit"
    return RuleError(code, pointer=place)


def _known(schema: Schema) -> list[str]:
    return sorted(field.data_key or name for name, field in schema.load_fields.items())
