"""Three-way merge of a form: what its reader saw, what they typed, what stands now."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormMerge:
    """The fields that the reader changed, and those that somebody else changed as well, in another way."""

    changed: frozenset[str]
    conflicts: frozenset[str]


def fingerprints(texts: Mapping[str, str]) -> str:
    """Return a word for each field that says what its reader saw, such as `title:1f2e3d4c5b6a7980`."""
    return " ".join(f"{name}:{_fingerprint(text)}" for name, text in texts.items())


def merge_form(seen: str, typed: Mapping[str, str], present: Mapping[str, str]) -> FormMerge:
    """Return what a form changes.

    Args:
        seen: what `fingerprints` returned when the form was shown; a field without one is taken as typed.
        typed: the text of each field of the form.
        present: the text of each field as it stands now.
    """
    words = dict(word.split(":", 1) for word in seen.split() if ":" in word)
    changed = {name for name, text in typed.items() if words.get(name) != _fingerprint(text)}
    moved = {name for name in changed if name in words and words[name] != _fingerprint(present[name])}
    conflicts = {name for name in moved if _fingerprint(typed[name]) != _fingerprint(present[name])}
    return FormMerge(frozenset(changed), frozenset(conflicts))


def _fingerprint(text: str) -> str:
    lines = "\n".join(text.strip().splitlines())
    return hashlib.blake2b(lines.encode(errors="replace"), digest_size=8).hexdigest()
