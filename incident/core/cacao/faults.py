"""What is wrong with a playbook, and where; the words for each code are in `words.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document.

    `pointer` is a JSON pointer (RFC 6901) into the document, "" for the whole of it; `args` fill the words of `code`;
    `clause` names the clause of the standard, or the rule of our profile (P1 to P18).
    """

    severity: Severity
    code: str
    pointer: str
    args: Mapping[str, Any] = field(default_factory=dict)
    clause: str = ""

    @property
    def is_error(self) -> bool:
        """Tell whether this fault refuses the playbook (P17)."""
        return self.severity == "error"


class CacaoError(Exception):
    """The family of refusals of this library; `faults` says why, each with its place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("; ".join(f"{fault.code} at {fault.pointer or '/'}" for fault in self.faults[:5]))


class LoadRefused(CacaoError):
    """A text is not a document: malformed, too large, too deep, or says something that JSON cannot."""


class PlaybookRefused(CacaoError):
    """A document is not a playbook that can be run."""


class StartRefused(CacaoError):
    """A playbook cannot start: revoked, out of its time, a called playbook missing, or a value missing or mistyped."""


def error(code: str, pointer: str, clause: str = "", **args: Any) -> Fault:
    """Make a fault that refuses the playbook."""
    return Fault("error", code, pointer, args, clause)


def warning(code: str, pointer: str, clause: str = "", **args: Any) -> Fault:
    """Make a fault that is told but does not refuse (P17)."""
    return Fault("warning", code, pointer, args, clause)


def pointer(*parts: str | int) -> str:
    """Build a JSON pointer (RFC 6901) from its unescaped parts."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
