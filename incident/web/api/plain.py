"""Checks of JSON that is stored as sent: limits of depth and size, and no values that cannot be stored."""

from typing import Final

from incident.core.values.faults import RuleError
from incident.core.values.text import require_text

MAX_DEPTH: Final = 20
MAX_VALUES: Final = 10_000


def require_plain(value: object) -> None:
    """Refuse JSON that cannot be stored: control characters or halves of surrogates in texts, numbers beyond 64 bits.

    Raises:
        RuleError: `text.unfit`, `document.out_of_bounds`, `document.too_deep`, `document.too_large`.
    """
    waiting: list[tuple[object, int]] = [(value, 0)]
    seen = 0
    while waiting:
        one, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH:
            raise RuleError("document.too_deep", {"most": MAX_DEPTH})
        if seen > MAX_VALUES:
            raise RuleError("document.too_large", {"most": MAX_VALUES})
        if isinstance(one, str):
            require_text(one, 100_000)
        elif isinstance(one, int) and abs(one) >= 2**53:
            raise RuleError("document.out_of_bounds", {"least": -(2**53) + 1, "most": 2**53 - 1})
        elif isinstance(one, dict):
            waiting += [(part, depth + 1) for pair in one.items() for part in pair]
        elif isinstance(one, list):
            waiting += [(part, depth + 1) for part in one]
