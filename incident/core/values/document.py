"""Reader for documents from outside: reads them part by part and collects every fault with its place."""

from collections.abc import Callable, Collection
from typing import Any, Final, TypeVar

from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.text import one_line, require_text

T = TypeVar("T")
Check = Callable[[Any, str], T]

_ABSENT: Final = object()


class Reader:
    """Reads parts of a document; `finish` raises the faults that were found."""

    def __init__(self) -> None:
        self.faults: list[RuleError] = []

    def finish(self) -> None:
        """Raise RuleError when there were faults, the first carrying the others."""
        raise_all(self.faults)

    def fault(self, code: str, pointer: str, **arguments: Any) -> None:
        """Record a fault."""
        self.faults.append(RuleError(code, arguments, pointer=pointer))

    def members(self, value: object, pointer: str, known: Collection[str] | None = None) -> dict[str, Any]:
        """Return the members of an object; what is not an object is read as empty.

        With `known`, every other member is a fault.
        """
        if not isinstance(value, dict):
            self.fault("document.not_an_object", pointer)
            return {}
        for name in sorted(set(value) - set(value if known is None else known)):
            place = member(pointer, one_line(name, 80))
            self.fault("document.unknown_field", place, known=", ".join(sorted(known or ())))
        return value

    def items(self, value: object, pointer: str, most: int) -> list[Any]:
        """Return the items of a list of at most `most` items; what is not a list is read as empty."""
        if isinstance(value, list) and len(value) <= most:
            return value
        self.fault("document.not_a_list", pointer, most=most)
        return []

    def checked(self, check: Check[T], value: object, pointer: str) -> T | None:
        """Return the value as the check returns it, None when the check raised a fault."""
        try:
            return check(value, pointer)
        except RuleError as fault:
            self.faults.extend(fault.all)
            return None

    def optional(self, parts: dict[str, Any], name: str, pointer: str, check: Check[T]) -> T | None:
        """Return a checked member; None when it is absent, null or wrong."""
        value = parts.get(name)
        return None if value is None else self.checked(check, value, member(pointer, name))

    def required(self, parts: dict[str, Any], name: str, pointer: str, check: Check[T]) -> T | None:
        """Return a checked member; its absence is a fault."""
        value = parts.get(name, _ABSENT)
        if value is _ABSENT:
            self.fault("document.missing", member(pointer, name))
            return None
        return self.checked(check, value, member(pointer, name))


def text(limit: int) -> Check[str]:
    """Return a check for a text of 1 to `limit` characters without control characters."""

    def check(value: object, pointer: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise RuleError("document.not_a_text", pointer=pointer)
        return require_text(value, limit, pointer)

    return check


def any_text(value: object, pointer: str) -> str:
    """Check for a text with any content."""
    if isinstance(value, str):
        return value
    raise RuleError("document.not_a_text", pointer=pointer)


def one_of(choices: Collection[str]) -> Check[str]:
    """Return a check for one of a few words."""

    def check(value: object, pointer: str) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise RuleError("document.not_a_choice", {"choices": ", ".join(choices)}, pointer=pointer)

    return check


def truth(value: object, pointer: str) -> bool:
    """Check for true or false."""
    if isinstance(value, bool):
        return value
    raise RuleError("document.not_a_truth", pointer=pointer)
