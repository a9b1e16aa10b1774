"""Support for playbooks of CACAO 1.x: refuses them, and lists each place to change for 2.0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from incident.core.cacao.checks.shapes import list_of, object_of, text_of
from incident.core.cacao.faults import Fault, error, pointer
from incident.core.cacao.values import Json

_EARLIER = re.compile(r"(?:cacao-)?1\.[01]\Z")
_STEP_TYPES = {"single": "action", "playbook": "playbook-action"}
_PROPERTIES = {
    "features": "playbook_processing_summary",
    "targets": "target_definitions",
    "signature": "signatures",
}
_STEP_PROPERTIES = {"target": "targets", "target_ids": "targets", "agent_ids": "agent", "case": "cases"}


def is_earlier(document: Json) -> bool:
    """Whether a document is of version 1.0 or 1.1."""
    return _EARLIER.match(text_of(document, "spec_version") or "") is not None


def earlier_faults(document: Json) -> Iterator[Fault]:
    """List the changes that a playbook of version 1.x needs."""
    found = document["spec_version"]
    yield error("earlier_version", "/spec_version", "CACAO 2.0 section 3.1", found=found)
    for old, new in _PROPERTIES.items():
        if old in document:
            yield error("earlier_name", pointer(old), "CACAO 2.0 section 3.1", old=old, new=new)
    for key, step in object_of(document, "workflow").items():
        yield from _step_faults(key, step)
    yield from _variable_faults(document, ())


def _step_faults(key: str, step: Any) -> Iterator[Fault]:
    kind = text_of(step, "type") or ""
    new = _STEP_TYPES.get(kind, kind)
    if kind in _STEP_TYPES:
        yield error("earlier_step", pointer("workflow", key, "type"), "CACAO 2.0 section 4.2", old=kind, new=new)
    if key.startswith("step--"):
        yield error("earlier_id", pointer("workflow", key), "CACAO 2.0 section 10.10", old=key, new=f"{new}--")
    for old, name in _STEP_PROPERTIES.items():
        if isinstance(step, dict) and old in step:
            yield error("earlier_name", pointer("workflow", key, old), "CACAO 2.0 section 4", old=old, new=name)
    for name in ("on_true", "on_false"):
        if list_of(step, name):
            yield error("earlier_list", pointer("workflow", key, name), "CACAO 2.0 section 4.8", name=name)
    yield from _variable_faults(step, ("workflow", key))


def _variable_faults(holder: Any, path: tuple[str, ...]) -> Iterator[Fault]:
    for place in ("playbook_variables", "step_variables"):
        for name in object_of(holder, place):
            if name.startswith("$$"):
                new = f"__{name.strip('$')}__"
                yield error("earlier_name", pointer(*path, place, name), "CACAO 2.0 section 10.18", old=name, new=new)
