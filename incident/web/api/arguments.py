"""Reads what a program sends, body and address, and says of each fault where it stands."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, cast

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from incident.core.faults import RuleError, member, raise_all
from incident.sources.payload import decode_json
from incident.web.api.fields import Coded

ANSWER_TO_NOTHING: dict[str, Any] = {}


class Given(Schema):
    """The base of what programs send: a field that is not known is refused."""

    error_messages = {  # noqa: RUF012  # the library declares it so
        "unknown": "document.unknown_field",
        "type": "document.not_an_object",
    }

    class Meta:
        """Unknown fields are faults."""

        unknown = RAISE


class Parser(FlaskParser):
    """Reads JSON strictly, and the address without the parameters that were left empty."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012
        "json": None,
        "query": RAISE,
    }

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the body; none at all is an empty object, so that what must be there is named."""
        return read_json(req)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the parameters of the address."""
        return {name: value for name, value in req.args.items() if value.strip()}

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise the faults as the rules do."""
        (location, messages), *_ = cast(dict[str, Any], error.messages).items()
        is_address = location == "query"
        raise_all(_faults(messages, "?" if is_address else "", schema, is_address))
        raise error


def read_json(req: Request = request) -> Any:
    """Return the JSON of a request's body, `{}` when it has none.

    Raises:
        RuleError: `media_type.unknown` (415), or that it is not JSON (400).
    """
    body = req.get_data(cache=True)
    if not body.strip():
        return dict(ANSWER_TO_NOTHING)
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
    return RuleError(str(message), pointer=place)


def _known(schema: Schema) -> list[str]:
    return sorted(field.data_key or name for name, field in schema.load_fields.items())
