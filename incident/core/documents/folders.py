"""Case folders: what a folder of a kind of case must hold, and what an incident has of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from incident.core.documents.flow import NUMBERED
from incident.core.documents.incoming import PAPER_KINDS

PartState = Literal["there", "in_progress", "missing"]
PART_STATES: Final[tuple[PartState, ...]] = ("there", "in_progress", "missing")


@dataclass(frozen=True)
class FolderPart:
    """A part of a folder: a signed document, or an incoming paper, of one of its kinds."""

    title: Mapping[str, str]
    kinds: frozenset[str]
    papers: frozenset[str]


@dataclass(frozen=True)
class CaseKind:
    """A kind of case with the parts of its folder in their order."""

    id: str
    title: Mapping[str, str]
    parts: Sequence[FolderPart]


@dataclass(frozen=True)
class HeldPart:
    """A part with what the folder holds of it, by id: documents and incoming papers."""

    part: FolderPart
    state: PartState
    documents: Sequence[int]
    papers: Sequence[int]


def read_case_kinds(data: Sequence[Mapping[str, Any]], known: Collection[str]) -> Mapping[str, CaseKind]:
    """Return the kinds of cases of a file of the program, by id.

    Args:
        data: its content.
        known: the ids of the kinds of documents.

    Raises:
        ValueError: when a part names a kind of document or of paper that does not exist.
    """
    found = {}
    for one in data:
        parts = [
            FolderPart(part["title"], frozenset(part["kinds"]), frozenset(part["papers"])) for part in one["parts"]
        ]
        wrong = {kind for part in parts for kind in (*(part.kinds - set(known)), *(part.papers - set(PAPER_KINDS)))}
        if wrong or any(not part.kinds | part.papers for part in parts):
            raise ValueError(f"{one['id']}: {sorted(wrong) or 'a part of nothing'}")
        found[one["id"]] = CaseKind(one["id"], one["title"], parts)
    return found


def held_parts(
    case: CaseKind, documents: Collection[tuple[int, str, str]], papers: Collection[tuple[int, str]]
) -> list[HeldPart]:
    """Return the parts of a folder in their order with what is there.

    Args:
        case: the kind of case.
        documents: the id, kind and state of each document of the incident; void ones count for nothing.
        papers: the id and kind of each incoming paper.
    """
    return [_held(part, documents, papers) for part in case.parts]


def missing_parts(held: Collection[HeldPart]) -> list[FolderPart]:
    """Return the parts that a folder does not have yet, in their order."""
    return [one.part for one in held if one.state != "there"]


def _held(
    part: FolderPart, documents: Collection[tuple[int, str, str]], papers: Collection[tuple[int, str]]
) -> HeldPart:
    its = [(key, state) for key, kind, state in documents if kind in part.kinds and state != "void"]
    came = [key for key, kind in papers if kind in part.papers]
    is_there = bool(came) or any(state in NUMBERED for _, state in its)
    state: PartState = "there" if is_there else "in_progress" if its else "missing"
    return HeldPart(part, state, [key for key, _ in its], came)
