"""Idempotent creation: the caller's `Idempotency-Key` or a form's token, and the stored response for a repetition."""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request

from incident.actions.reports.public_request import PublicRequest
from incident.actions.unit_of_work import IdempotentRequest, ResponseReplay, StoredResponse
from incident.core.values.faults import RuleError
from incident.store.db.database import to_json
from incident.web.http.conditional import answer_text
from incident.web.instance import current_instance
from incident.web.security.auth import PUBLIC, need_of, require_caller

HEADER = "Idempotency-Key"
KEY_LIMIT = 255
PUBLIC_OWNER = "public"
REPLAYED = "Idempotency-Replayed"
FORM_FIELD = "once"
TOKEN_LIMIT = 40

T = TypeVar("T")
Document = dict[str, Any]


def create(
    use_case: Callable[[IdempotentRequest], T],
    document: Callable[[T], Document],
    location: Callable[[Document], str | None] | None = None,
    status: int | Callable[[T], int] = 201,
) -> Response:
    """Run a use case that creates an object, and respond with the object.

    The same request under the same key gets the same response.

    Args:
        use_case: the action to run; receives the idempotency of the request.
        document: serializes its result; called inside the transaction.
        location: the address of the object in a document, None for one without.
        status: of the response; or a function that returns it for a result.

    Raises:
        RuleError: `idempotency_key.malformed`.
    """
    drawn: list[StoredResponse] = []

    def render(result: T) -> StoredResponse:
        code = status(result) if callable(status) else status
        drawn.append(StoredResponse(code, to_json(document(result))))
        return drawn[-1]

    try:
        use_case(IdempotentRequest(_owner(), _read_key(), _request(), render, current_instance().ring))
    except ResponseReplay as before:
        again = _answer(before.answer, location)
        again.headers[REPLAYED] = "true"
        return again
    return _answer(drawn[-1], location)


def create_public(
    use_case: Callable[[PublicRequest], T], document: Callable[[T], Document], request_text: str
) -> Response:
    """Run a use case of the public that creates an object, and respond with the object.

    The same request under the same key gets the same response, for a quarter of an hour.

    Args:
        use_case: the action to run; receives the idempotency of the request.
        document: serializes its result; called inside the transaction.
        request_text: what makes the request the same, without anything that identifies a person.

    Raises:
        RuleError: `idempotency_key.malformed`.
    """
    drawn: list[StoredResponse] = []

    def render(result: T) -> StoredResponse:
        drawn.append(StoredResponse(201, to_json(document(result))))
        return drawn[-1]

    try:
        use_case(PublicRequest(_read_key(), f"{request.path}\n{request_text}".encode("utf-8", "replace"), render))
    except ResponseReplay as before:
        again = _answer(before.answer, None)
        again.headers[REPLAYED] = "true"
        return again
    return _answer(drawn[-1], None)


def new_form_token() -> str:
    """Return a token for a form that is shown: sent twice, the form adds one object."""
    return secrets.token_urlsafe(16)


def form_idempotency(
    keep: Callable[[Any], StoredResponse] = lambda _result: StoredResponse(303, ""),
) -> IdempotentRequest | None:
    """Return the idempotency of the form that was sent; None for a form without a token.

    The content belongs to the key: a form that was corrected after the way back is another one.

    Args:
        keep: what is kept of the result for the same form sent again, such as the id of what was made.
    """
    token = request.form.get(FORM_FIELD, "")[:TOKEN_LIMIT]
    if not token:
        return None
    sent = f"{request.path}\n{sorted(request.form.items(multi=True))!r}".encode("utf-8", "replace")
    ring = current_instance().ring
    mark = ring.sign(f"form {hashlib.sha256(sent).hexdigest()}")  # keyed, because the content may be guessable
    return IdempotentRequest(_owner(), f"form:{token}:{mark}", sent, keep, ring)


def _answer(given: StoredResponse, location: Callable[[Document], str | None] | None) -> Response:
    place = None if location is None else location(json.loads(given.body))
    return answer_text(given.body, status=given.status, location=place)


def _read_key() -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not (0 < len(key) <= KEY_LIMIT and key.isascii() and key.isprintable() and " " not in key):
        raise RuleError("idempotency_key.malformed", {"limit": KEY_LIMIT})
    return key


def _owner() -> str:
    is_public = need_of(request.endpoint or "") == PUBLIC
    return PUBLIC_OWNER if is_public else require_caller().owner


def _request() -> bytes:
    return f"{request.method} {request.path}\n".encode() + request.get_data(cache=True)
