"""Additions to the description of an operation: its id, permitted callers, headers and parameters."""

import re
from collections.abc import Iterator
from typing import Any, Final

from flask import Flask
from werkzeug.routing import Rule

from incident.web.api.endpoint import PREFIX
from incident.web.http.idempotency import KEY_LIMIT
from incident.web.security.auth import PUBLIC

METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
VERSIONED: Final = (
    "/incidents/{number}",
    "/runs/",
    "/tasks/",
    "/notices/",
    "/maintenance-windows/",
    "/grading-rule-sets/{",
    "/documents/{",
    "/incoming-papers/{",
    "/machine-commands/resume",
)
"""Path prefixes of resources with a version for If-Match; a PUT replaces a collection that has one."""

REMOVED_BY_VERSION: Final = ("/sources/{name}", "/systems/{code}")
"""Paths of resources that DELETE removes by their version."""

UNVERSIONED: Final = (
    "/contacts/",
    "/machine-commands/stop",
    "/sources/{name}/signature",
    *(
        f"/incidents/{{number}}/{part}"
        for part in (
            "grading",
            "awareness",
            "handled",
            "clock-events",
            "decisions",
            "evidence",
            "indicators",
            "techniques",
        )
    ),
    "/incidents/{number}/merge/undo",
    "/incidents/{number}/review",
    "/incoming-papers/{paper_id}/read",
    "/figures/{source}/",
    "/incidents/{number}/following",
)
"""Path prefixes of resources that are changed without a version."""

IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "description": "the ETag of what was read; 412 when it has changed since",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "the same key and body get the first answer again for 24 hours; another body gets 422",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LIMIT, "pattern": "^[!-~]+$"},
}
_VARIABLE: Final = re.compile(r"<(?:[^<>]*:)?(\w+)>")


def complete(drawn: dict[str, Any], app: Flask) -> None:
    """Complete every operation of a description, and remove unreferenced schemas."""
    endpoints = dict(_endpoints(app))
    for path, item in drawn["paths"].items():
        for method in item.keys() & METHODS:
            endpoint = endpoints[path, method]
            operation = item[method]
            operation["operationId"] = endpoint.rpartition(".")[2]
            if getattr(app.view_functions[endpoint], "need", None) == PUBLIC:
                operation["security"] = []
            _add_headers(path.removeprefix(PREFIX), method, operation)
            for parameter in operation["parameters"]:
                _never_null(parameter.get("schema", {}))
    drawn["components"]["schemas"].pop("PaginationMetadataSchema", None)


def path_of(rule: Rule) -> str:
    """Return the path of a rule in the notation of a description."""
    return _VARIABLE.sub(r"{\1}", rule.rule)


def _endpoints(app: Flask) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the endpoint of each path, in the notation of a description, and method."""
    for rule in app.url_map.iter_rules():
        path = path_of(rule)
        for method in rule.methods or ():
            yield (path, method.lower()), rule.endpoint


def _add_headers(path: str, method: str, operation: dict[str, Any]) -> None:
    """Describe the headers of conditional requests for operations that evaluate them."""
    parameters = operation.setdefault("parameters", [])
    if method == "post" and "201" in operation["responses"]:
        parameters.append(IDEMPOTENCY_KEY)
    if method == "patch" and not path.startswith(UNVERSIONED):
        parameters.append(IF_MATCH | {"required": True})
    elif (
        (method == "put" and not path.startswith(UNVERSIONED))
        or (method != "get" and path.startswith(VERSIONED) and not path.startswith(UNVERSIONED))
        or (method == "delete" and path in REMOVED_BY_VERSION)
    ):
        parameters.append(IF_MATCH)


def _never_null(schema: dict[str, Any]) -> None:
    """Remove null from the schema of a parameter: an address cannot express it."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        schema["type"] = next(kind for kind in kinds if kind != "null")
    if schema.get("default", "") is None:
        del schema["default"]
