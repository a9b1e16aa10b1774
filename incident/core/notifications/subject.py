"""Subjects: what a notice is about, and what its department is asked for."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

SubjectType = Literal["incident", "clock", "grade", "not_reportable", "report", "paper", "term", "unserved"]
SUBJECT_TYPES: Final[tuple[SubjectType, ...]] = get_args(SubjectType)

Purpose = Literal["handling", "deadline", "receipt", "review", "urgent", "paperwork"]
"""What a department is asked for.

To handle an incident, to file a report in time, to take note of a report that it received, to review a decision, to
read urgent reports of the public at once, or to see to a paper or a document that comes due.
"""

PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notice is about: an object by its type and id."""

    type: SubjectType
    id: int
