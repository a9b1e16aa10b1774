"""The content of an official document: its canonical form, its hash, and what it lacks."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from incident.core.documents.kinds import DocumentField, DocumentKind
from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.text import require_text

CONTENT_TYPE: Final = "document/1"
"""The type of what is hashed, and signed later: no other signed content has it."""

URGENCIES: Final = ("none", "urgent", "most_urgent")
"""加急 and 特急 of GB/T 9704."""


@dataclass(frozen=True)
class DocumentContent:
    """What a sign-off is bound to.

    `facts` are the bound values as they were at `cut_off` (written as in the API), `words` what people wrote, by key of
    the field; `countersigners` are codes of departments.
    """

    kind: str
    kind_hash: str
    incident: str
    title: str
    marking: str
    urgency: str
    is_drill: bool
    cut_off: str
    facts: Mapping[str, str]
    words: Mapping[str, str]
    countersigners: Sequence[str]


def canonical_content(content: DocumentContent) -> str:
    """Return the canonical JSON of a content: members in order, no white space, nothing escaped that need not be."""
    members: dict[str, Any] = {"type": CONTENT_TYPE} | asdict(content)
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def document_hash(content: DocumentContent) -> str:
    """Return the SHA-256 of a content in its canonical form, in hexadecimal."""
    return hashlib.sha256(canonical_content(content).encode()).hexdigest()


def bound_values(kind: DocumentKind, facts: Mapping[str, str | None]) -> dict[str, str]:
    """Return the values of the bound fields that are known, by key of the field.

    Args:
        kind: the kind.
        facts: the values by the name of the fact.
    """
    found = {one.key: facts.get(one.fact) for one in kind.fields if one.fact is not None}
    return {key: value for key, value in found.items() if value}


def missing_fields(kind: DocumentKind, values: Mapping[str, str]) -> list[DocumentField]:
    """Return the required fields without a value, in the order of the kind."""
    return [one for one in kind.fields if one.is_required and not values.get(one.key, "").strip()]


def check_words(kind: DocumentKind, given: Mapping[str, Any], pointer: str = "/fields") -> dict[str, str]:
    """Return the words that somebody wrote, by key of the field; an empty one is taken out.

    Args:
        kind: the kind.
        given: the words as typed.
        pointer: the place in the caller's document.

    Raises:
        RuleError: `official_document.field_unknown`, `official_document.field_bound`, `document.not_a_text`,
            `document.not_a_choice`, `text.too_long`, `text.unfit`, `text.not_one_line`; all of them at once.
    """
    faults: list[RuleError] = []
    found: dict[str, str] = {}
    for key, value in given.items():
        try:
            found[key] = _checked(kind, key, value, member(pointer, key))
        except RuleError as fault:
            faults.append(fault)
    raise_all(faults)
    return found


def _checked(kind: DocumentKind, key: str, value: Any, pointer: str) -> str:
    one = kind.field(key)
    if one is None:
        raise RuleError("official_document.field_unknown", pointer=pointer)
    if one.fact is not None:
        raise RuleError("official_document.field_bound", pointer=pointer)
    if not isinstance(value, str):
        raise RuleError("document.not_a_text", pointer=pointer)
    text = require_text(value.strip().replace("\r\n", "\n"), one.limit, pointer)
    if not one.is_long and len(text.splitlines()) > 1:
        raise RuleError("text.not_one_line", pointer=pointer)
    if text and one.choices and text not in one.choices:
        raise RuleError("document.not_a_choice", {"choices": ", ".join(one.choices)}, pointer=pointer)
    return text
