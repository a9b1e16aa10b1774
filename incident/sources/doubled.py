"""JSON objects with a duplicate member: programs differ on which of the two counts, so neither is trusted."""

from collections.abc import Iterator
from typing import Any

from incident.core.values.faults import RuleError, member


class Doubled(dict[str, Any]):
    """An object with a duplicate member; serialized as JSON it has all its members, as received.

    Args:
        pairs: its members in order; for a duplicate name a look-up returns the last value.
    """

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def items(self) -> Any:
        """Return every member, duplicates as often as they were received."""
        return self.pairs

    @property
    def doubled(self) -> frozenset[str]:
        """Return the duplicate names."""
        names = [name for name, _ in self.pairs]
        return frozenset(name for name in names if names.count(name) > 1)


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object with these members."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else Doubled(pairs)


def has_doubled(value: object) -> bool:
    """Return whether any object in a value of JSON has a duplicate member."""
    return next(_objects(value, ""), None) is not None


def doubled_faults(value: object, pointer: str = "") -> Iterator[RuleError]:
    """Yield a fault `payload.doubled_member` for each duplicate name of an object in a value of JSON."""
    for found, place in _objects(value, pointer):
        for name in sorted(found.doubled):
            yield RuleError("payload.doubled_member", {"member": name[:80]}, pointer=member(place, name))


def _objects(value: object, pointer: str) -> Iterator[tuple[Doubled, str]]:
    """Yield each object with a duplicate member and its location, without recursion."""
    stack = [(value, pointer)]
    while stack:
        one, place = stack.pop()
        if isinstance(one, Doubled):
            yield one, place
        if isinstance(one, dict):
            stack += [(below, member(place, name)) for name, below in one.items() if isinstance(below, dict | list)]
        elif isinstance(one, list):
            stack += [
                (below, member(place, index)) for index, below in enumerate(one) if isinstance(below, dict | list)
            ]
