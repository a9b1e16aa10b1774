"""Every API response in a test is compared with the description: status, content type, schema."""

import json
from functools import cache
from typing import Any

import jsonschema_rs
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from incident.web.api.operations import path_of

PREFIX = "/api/v1"
UNDESCRIBED = ("/openapi.json", "/docs")


def require_described(made: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Fail if the API description does not allow a response.

    Args:
        made: the app.
        method: of the request.
        path: of the request, below /api/v1.
        answer: the response.
    """
    if answer.status_code == 304 or method in ("HEAD", "OPTIONS") or path.startswith(UNDESCRIBED):
        return
    content = _content(_description(made), _template(made, method, path), method.lower(), str(answer.status_code))
    if not content:
        assert answer.data == b"", (method, path, answer.text)
        return
    media = answer.mimetype
    assert media in content, (method, path, answer.status_code, media)
    if media.endswith("json") and "$ref" in content[media]["schema"]:
        found = list(_validator(content[media]["schema"]["$ref"]).iter_errors(answer.json))
        assert not found, (method, path, [(list(one.instance_path), one.message) for one in found], answer.text)


def _template(made: Flask, method: str, path: str) -> str | None:
    bare = path.partition("?")[0]
    try:
        rule, _ = made.url_map.bind("localhost").match(f"{PREFIX}{bare}", method, return_rule=True)
    except HTTPException:
        return None
    return path_of(rule)


def _content(described: dict[str, Any], template: str | None, method: str, status: str) -> dict[str, Any]:
    faults = described["components"]["responses"]["DEFAULT_ERROR"]
    responses = {} if template is None else described["paths"][template][method]["responses"]
    found = responses.get(status) or faults
    if "$ref" in found:
        found = described["components"]["responses"][found["$ref"].rpartition("/")[2]]
    content: dict[str, Any] = found.get("content", {})
    return content


@cache
def _parsed(text: str) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(text)
    return described


_drawn: list[str] = []


def _description(made: Flask) -> dict[str, Any]:
    """The description; it is the same for every app, so that the first draws it for all."""
    if not _drawn:
        _drawn.append(made.test_client().get(f"{PREFIX}/openapi.json").text)
    return _parsed(_drawn[0])


@cache
def _validator(reference: str) -> Any:
    components = _parsed(_drawn[0])["components"]
    return jsonschema_rs.Draft202012Validator({"$ref": reference, "components": components}, validate_formats=True)
