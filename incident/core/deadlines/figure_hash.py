"""The SHA-256 of one figure of a rule set or regime, which stays the same while the figure does."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

NOT_OF_THE_FIGURE: Final = frozenset({"evidence", "title", "note", "duty_of"})
"""Members that say nothing about the figure: where it was read, what it is called, who owes it, remarks."""


def figure_hash(source: str, cell: Mapping[str, Any]) -> str:
    """Return the SHA-256 in hexadecimal of a figure.

    Args:
        source: the id of the rule set or regime.
        cell: the data of the line or stage.
    """
    said = {name: value for name, value in cell.items() if name not in NOT_OF_THE_FIGURE}
    text = json.dumps([source, said], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
