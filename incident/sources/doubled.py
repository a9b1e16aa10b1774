"""Objects of JSON in which a member is there twice: programs differ on which of the two counts, so none is trusted."""

from collections.abc import Iterator
from typing import Any

from incident.core.values.faults import RuleError, member


class Doubled(dict[str, Any]):
    """An object with a member that is there twice; written as JSON it has all its members, as they came.

    Args:
        pairs: its members in order; for a doubled name the last value is what a look-up finds.
    """

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def items(self) -> Any:
        """Return every member, doubled ones as often as they came."""
        return self.pairs

    @property
    def doubled(self) -> frozenset[str]:
        """The names that are there more than once."""
        names = [name for name, _ in self.pairs]
        return frozenset(name for name in names if names.count(name) > 1)


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object with these members."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else Doubled(pairs)


def has_doubled(value: object) -> bool:
    """Tell whether some object in a value of JSON has a member twice."""
    return next(_objects(value, ""), None) is not None


def doubled_faults(value: object, pointer: str = "") -> Iterator[RuleError]:
    """Yield a fault `payload.doubled_member` for each name that an object in a value of JSON has twice."""
    for found, place in _objects(value, pointer):
        for name in sorted(found.doubled):
            yield RuleError("payload.doubled_member", {"member": name[:80]}, pointer=member(place, name))


def _objects(value: object, pointer: str) -> Iterator[tuple[Doubled, str]]:
    """Yield each object with a doubled member and its place, without recursion."""
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
