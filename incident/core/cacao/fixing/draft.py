"""A document under repair, and the list of its changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from incident.core.cacao.checks.flow import Edge
from incident.core.cacao.checks.shapes import Path, object_of
from incident.core.cacao.faults import pointer
from incident.core.cacao.values import Json

NewUuid = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Fix:
    """One change: `pointer` is its place in the repaired document, `args` are the arguments of the text of `code`."""

    code: str
    pointer: str
    args: Mapping[str, Any] = field(default_factory=dict)


class Draft:
    """A document that is changed in place; `fixes` lists the changes in order."""

    def __init__(self, document: Json, new_uuid: NewUuid) -> None:
        self.document = document
        self.new_uuid = new_uuid
        self.fixes: list[Fix] = []

    @property
    def workflow(self) -> Json:
        """The steps by their ids; empty when the document has none."""
        return object_of(self.document, "workflow")

    def add_fix(self, code: str, path: Path, **args: Any) -> None:
        """Record a change."""
        self.fixes.append(Fix(code, pointer(*path), args))

    def add_step(self, body: Json) -> str:
        """Add a step with an id of its own, and return the id."""
        key = f"{body['type']}--{self.new_uuid()}"
        self.workflow[key] = body
        return key

    def redirect(self, edge: Edge, target: str) -> None:
        """Point a reference to another step."""
        holder: Any = self.workflow[edge.source] if edge.source else self.document
        for part in edge.path[:-1]:
            holder = holder[part]
        holder[edge.path[-1]] = target


def place_of(edge: Edge) -> Path:
    """Return the place of a reference in the document; one without a source belongs to the playbook itself."""
    return ("workflow", edge.source, *edge.path) if edge.source else edge.path
