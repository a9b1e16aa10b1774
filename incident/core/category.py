"""Categories are named by their code after GB/T 20986-2023; which codes there are is data, handed in by the caller."""

from collections.abc import Collection

from incident.core.faults import RuleError


def require_category(value: object, known: Collection[str], pointer: str = "") -> str:
    """The value as the code of a known category; raises RuleError `category.unknown`."""
    if isinstance(value, str) and value in known:
        return value
    raise RuleError("category.unknown", {"code": str(value)[:40]}, pointer=pointer)
