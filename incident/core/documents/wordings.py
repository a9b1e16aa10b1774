"""Wordings: texts with a title that people put into fields of documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.text import require_name, require_text

TITLE_LIMIT: Final = 100
TEXT_LIMIT: Final = 5_000
MAX_WORDINGS: Final = 200


@dataclass(frozen=True)
class Wording:
    """A text with the title by which it is chosen."""

    title: str
    text: str


def read_wordings(given: Sequence[Mapping[str, Any]], pointer: str = "/blocks") -> list[Wording]:
    """Return the wordings that somebody entered, checked.

    Args:
        given: members `title` and `text`.
        pointer: the place in the caller's document.

    Raises:
        RuleError: `document.missing`, `text.too_long`, `text_block.title_taken`; all of them at once.
    """
    faults: list[RuleError] = []
    found: list[Wording] = []
    for index, one in enumerate(given):
        place = member(pointer, index)
        read = [
            _checked(one, name, limit, place, faults) for name, limit in (("title", TITLE_LIMIT), ("text", TEXT_LIMIT))
        ]
        if read[0] and any(read[0] == other.title for other in found):
            faults.append(RuleError("text_block.title_taken", pointer=member(place, "title")))
        found.append(Wording(*read))
    raise_all(faults)
    return found


def put_passage(typed: str, passage: str) -> str:
    """Return the words of a field with a passage after them, on a line of its own."""
    return f"{typed.rstrip()}\n{passage}" if typed.strip() else passage


def _checked(one: Mapping[str, Any], name: str, limit: int, place: str, faults: list[RuleError]) -> str:
    typed, pointer = str(one[name]).strip().replace("\r\n", "\n"), member(place, name)
    try:
        if not typed:
            raise RuleError("document.missing", pointer=pointer)
        return require_name(typed, limit, pointer) if name == "title" else require_text(typed, limit, pointer)
    except RuleError as fault:
        faults.extend(fault.all)
        return ""
