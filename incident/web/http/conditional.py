"""Responses with an ETag, and conditional requests: If-None-Match, If-Match (RFC 9110 section 13)."""

import datetime as dt
import hashlib
from typing import Any

from flask import Response, request

from incident.core.values.faults import RuleError
from incident.store.db.database import to_json
from incident.web.instance import now
from incident.web.security.auth import require_caller

JSON = "application/json"


def respond(document: object, version: int | None = None, status: int = 200, location: str | None = None) -> Response:
    """Respond with a document, or with 304 when the caller has it already.

    Args:
        document: values of JSON.
        version: of the object itself, checked by If-Match: a change of related records (a delivery, a step) refuses
            nobody.
        status: of the response.
        location: the address of the created object.
    """
    return answer_text(to_json(document), version, status, location)


def answer_as(body: str, media: str) -> Response:
    """Do the same with a text of another media type."""
    made = answer_text(body)
    made.content_type = media
    return made


def answer_text(body: str, version: int | None = None, status: int = 200, location: str | None = None) -> Response:
    """Do the same with a document that is already serialized as JSON."""
    made = Response(body, status, content_type=JSON)
    if location is not None:
        made.headers["Location"] = location
    if status < 300:
        made.set_etag(etag_of(body, version))
    if request.method in ("GET", "HEAD"):
        made.make_conditional(request.environ)
    return made


def etag_of(body: str, version: int | None) -> str:
    """Return the entity tag: the version, and a hash of the whole content."""
    shown = hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()
    return shown if version is None else f"{version}-{shown}"


def read_version(current: int, *, is_needed: bool = False) -> int | None:
    """Return the version that the caller has read, None when they set no condition.

    Args:
        current: the present version; selected when it is among several that the caller names.
        is_needed: refuse a request that sets no condition.

    Raises:
        RuleError: `version.needed` (428).
    """
    if "If-Match" not in request.headers:
        if is_needed:
            raise RuleError("version.needed")
        return None
    if request.if_match.star_tag:
        return None
    named = {_version_of(tag) for tag in request.if_match.as_set()}
    return current if current in named else -1


def author(current: int) -> tuple[str, dt.datetime, int | None]:
    """Return who changes an object, when, and the version that they have read: the last arguments of a use case.

    Args:
        current: the present version.
    """
    return require_caller().actor, now(), read_version(current)


def _version_of(tag: Any) -> int:
    digits = str(tag).partition("-")[0]
    return int(digits) if digits.isdecimal() and len(digits) < 12 else -1
