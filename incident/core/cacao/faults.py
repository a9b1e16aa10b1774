"""Faults of a playbook and their places; the texts of the codes are in `words.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a document.

    `pointer` is a JSON pointer (RFC 6901) into the document, "" for the whole of it; `args` are the arguments of the
    text of `code`; `clause` names the clause of the standard, or the rule of our profile (P1 to P19).
    """

    severity: Severity
    code: str
    pointer: str
    args: Mapping[str, Any] = field(default_factory=dict)
    clause: str = ""

    @property
    def is_error(self) -> bool:
        """Whether this fault refuses the playbook (P17)."""
        return self.severity == "error"


class CacaoError(Exception):
    """Base class of refusals of this library; `faults` gives the reasons, each with its place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("; ".join(f"{fault.code} at {fault.pointer or '/'}" for fault in self.faults[:5]))


class LoadRefused(CacaoError):
    """A text is not a document: malformed, too large, too deep, or with values outside JSON."""


class PlaybookRefused(CacaoError):
    """A document is not a playbook that can be run."""


class StartRefused(CacaoError):
    """A playbook cannot start: revoked, outside its validity period, or without a called playbook or a valid value."""


def error(code: str, pointer: str, clause: str = "", **args: Any) -> Fault:
    """Create a fault that refuses the playbook."""
    return Fault("error", code, pointer, args, clause)


def warning(code: str, pointer: str, clause: str = "", **args: Any) -> Fault:
    """Create a fault that is reported but does not refuse the playbook (P17)."""
    return Fault("warning", code, pointer, args, clause)


def pointer(*parts: str | int) -> str:
    """Build a JSON pointer (RFC 6901) from its unescaped parts."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
