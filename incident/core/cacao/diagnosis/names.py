"""Names instead of identifiers in the sentences about faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from incident.core.cacao.checks.shapes import object_of, text_of
from incident.core.cacao.faults import Fault

NAMED_HOLDERS: Final = (
    "workflow",
    "agent_definitions",
    "target_definitions",
    "authentication_info_definitions",
    "data_marking_definitions",
    "extension_definitions",
)
_ARGUMENTS: Final = frozenset({"step", "steps", "id", "found", "other", "goal", "new", "tail"})

Speak = Callable[[str], str]


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True)
class NamedObjects:
    """The names of the steps and definitions of a document by their identifiers."""

    names: Mapping[str, str]

    def of(self, identifier: object, fallback: str = "") -> str:
        """Return the name of an object, the fallback for one that has none."""
        return self.names.get(identifier, fallback) if isinstance(identifier, str) else fallback

    def around(self, pointer: str) -> str:
        """Return the name of the step or definition that contains a place, "" outside of them."""
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        return self.of(parts[1]) if len(parts) > 1 and parts[0] in NAMED_HOLDERS else ""

    def in_fault(self, fault: Fault) -> Fault:
        """Return a fault whose arguments name objects instead of giving their identifiers."""
        args = {name: self._shown(value) if name in _ARGUMENTS else value for name, value in fault.args.items()}
        return Fault(fault.severity, fault.code, fault.pointer, args, fault.clause)

    def _shown(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [self._shown(one) for one in value]
        name = self.of(value)
        return f"“{name}”" if name else value


def named_objects(document: Any, speak: Speak = _as_it_is) -> NamedObjects:
    """Return the names in a document.

    Args:
        document: the document, which may have any faults.
        speak: chooses the reader's language of a name in two.
    """
    found: dict[str, str] = {}
    for holder in NAMED_HOLDERS:
        for key, body in object_of(document, holder).items():
            name = text_of(body, "name") or text_of(body, "description")
            if name and name.strip():
                found.setdefault(key, speak(name.strip().splitlines()[0])[:120])
    return NamedObjects(found)
