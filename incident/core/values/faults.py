"""The exception that every rule raises; the web layer turns it into a message and a status."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

Kind = Literal["invalid", "conflict", "forbidden", "not_found", "gone", "unavailable"]


MAX_FAULTS: Final = 100


class RuleError(Exception):
    """A rule was broken.

    `code` names the fault; its text in `core/values/error_messages.py` takes `arguments`. `pointer` is the place in the
    caller's document (RFC 6901, "" for the whole); `others` are further faults found by the same check.
    """

    def __init__(
        self,
        code: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        pointer: str = "",
        kind: Kind = "invalid",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.arguments: dict[str, Any] = dict(arguments or {})
        self.pointer = pointer
        self.kind: Kind = kind
        self.others: tuple[RuleError, ...] = ()

    def __str__(self) -> str:
        place = f" at {self.pointer}" if self.pointer else ""
        return f"{self.code}{place} {self.arguments}" if self.arguments else f"{self.code}{place}"

    @property
    def all(self) -> "tuple[RuleError, ...]":
        """This fault and the others that were found with it, in document order."""
        return (self, *self.others)


def raise_all(faults: Iterable[RuleError]) -> None:
    """Raise the first of the faults with up to 100 others attached; do nothing when there is none."""
    found = tuple(faults)
    if found:
        found[0].others = found[1:MAX_FAULTS]
        raise found[0]


def member(pointer: str, name: str | int) -> str:
    """Return the pointer to a member of the value at `pointer`, escaped after RFC 6901 section 3."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def refuse_stale(version: int, read: int | None) -> None:
    """Raise RuleError `version.stale` (conflict) when the version that the caller read (None: any) is not the current
    one.
    """
    if read is not None and read != version:
        raise RuleError("version.stale", kind="conflict")
