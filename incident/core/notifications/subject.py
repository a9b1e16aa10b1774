"""Subjects: what a notice is about, and what its department is asked for."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

SubjectType = Literal["incident", "clock"]
SUBJECT_TYPES: Final[tuple[SubjectType, ...]] = get_args(SubjectType)

Purpose = Literal["handling", "deadline"]
"""What a department is asked for: to handle an incident, or to file a report before its deadline."""

PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notice is about: an object by its type and id."""

    type: SubjectType
    id: int
