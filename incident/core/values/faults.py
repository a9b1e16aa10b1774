"""The one family of faults that rules raise; the web layer turns them into words and a status."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

Kind = Literal["invalid", "conflict", "forbidden", "not_found", "gone", "unavailable"]


FAULTS_MOST: Final = 100


class RuleError(Exception):
    """A rule was broken.

    `code` names the fault; its text in `core/values/error_messages.py` takes `arguments`. `pointer` is the place in the
    caller's document (RFC 6901, "" for the whole); `others` are further faults found in the same look.
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
        """This fault and the others found with it, in the order of the document."""
        return (self, *self.others)


def raise_all(faults: Iterable[RuleError]) -> None:
    """Raise the first of the faults, carrying the others up to 100; do nothing when there is none."""
    found = tuple(faults)
    if found:
        found[0].others = found[1:FAULTS_MOST]
        raise found[0]


def member(pointer: str, name: str | int) -> str:
    """The pointer to a member of what `pointer` points to, escaped after RFC 6901 section 3."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def refuse_stale(version: int, read: int | None) -> None:
    """Raise RuleError `version.stale` (conflict) unless the version that the caller read (None: any) stands."""
    if read is not None and read != version:
        raise RuleError("version.stale", kind="conflict")
