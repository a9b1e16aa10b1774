"""Tactics and techniques of MITRE ATT&CK Enterprise: their ids and names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from incident.data import read_json


@dataclass(frozen=True, slots=True)
class Tactic:
    """What an attacker wants to reach, such as `TA0001` Initial Access."""

    id: str
    en: str
    zh: str

    def name(self, language: str) -> str:
        """The name in Chinese for a language that begins with `zh`, else in English."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Technique:
    """How an attacker reaches it, such as `T1566.001` Spearphishing Attachment; below `T1566` Phishing.

    The names of techniques are English in every language, as people search for them.
    """

    id: str
    name: str
    tactics: tuple[str, ...]

    @property
    def parent(self) -> str | None:
        """The id of the technique that it is a part of, None if it is of none."""
        above, dot, _part = self.id.partition(".")
        return above if dot else None


@cache
def tactics() -> Mapping[str, Tactic]:
    """All tactics by their ids, in the order of an attack."""
    return MappingProxyType({one["id"]: Tactic(**one) for one in read_json("attack.json")["tactics"]})


@cache
def techniques() -> Mapping[str, Technique]:
    """All techniques by their ids, in the order of the ids."""
    found = read_json("attack.json")["techniques"]
    return MappingProxyType({one["id"]: Technique(one["id"], one["name"], tuple(one["tactics"])) for one in found})


def technique_called(technique_id: str) -> Technique:
    """Return a technique by its id; one that this index does not have, or no longer, has no name."""
    return techniques().get(technique_id) or Technique(technique_id, "", ())


def technique_name(technique_id: str) -> str:
    """Return id and name of a technique; the id alone for one that this index does not have."""
    return f"{technique_id} {technique_called(technique_id).name}".rstrip()


def find_techniques(words: str, limit: int) -> list[Technique]:
    """Return the techniques whose id or name has all of some words, the best known first.

    Args:
        words: an id or a part of one, or words of the name in any letter case.
        limit: the maximum number.
    """
    wanted = words.lower().split()
    found = [one for one in techniques().values() if all(word in f"{one.id} {one.name}".lower() for word in wanted)]
    return sorted(found, key=lambda one: (one.parent is not None, one.id))[:limit] if wanted else []
