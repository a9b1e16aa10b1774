"""Reminders of papers, terms and services: their stages between a start and a due."""

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal, get_args

from incident.core.values.marking import N_

Matter = Literal["paper", "term", "unserved"]
"""What is due: the answer to an incoming paper, the term after a service, the service of a document."""

MATTERS: Final[tuple[Matter, ...]] = get_args(Matter)

MATTER_WORDS: Final[Mapping[Matter, str]] = {
    "paper": N_("Answer to an incoming paper"),
    "term": N_("Term of a served document"),
    "unserved": N_("Service of a document"),
}
"""What is due, in words that name neither title nor number: a message may be read by others."""

Stage = Literal["soon", "due", "late"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)

SOON_PERCENT: Final = 80
"""Percent of the time between start and due after which people are reminded first."""

LATE_AFTER: Final = dt.timedelta(days=1)
"""How long after the due people are reminded for the last time."""

SERVE_WITHIN: Final = dt.timedelta(days=7)
"""In what time a sealed document must be served, as article 61 of the Law on Administrative Penalty has it."""


def stage_at(start: dt.datetime, due: dt.datetime, stage: Stage) -> dt.datetime:
    """Return when a stage of the time from start to due (UTC) begins."""
    if stage == "soon":
        return start + (due - start) * SOON_PERCENT / 100
    return due if stage == "due" else due + LATE_AFTER


def passed_stage(start: dt.datetime, due: dt.datetime, at: dt.datetime) -> Stage | None:
    """Return the last stage that has begun at a moment (UTC), None before the first."""
    passed = [one for one in STAGES if stage_at(start, due, one) <= at]
    return passed[-1] if passed else None


def next_stage(start: dt.datetime, due: dt.datetime, after: dt.datetime) -> Stage | None:
    """Return the first stage that begins after a moment (UTC), None after the last."""
    return next((one for one in STAGES if stage_at(start, due, one) > after), None)


def is_reached(passed: Stage | None, stage: Stage) -> bool:
    """Return whether a stage has begun, by the last one that has."""
    return passed is not None and STAGES.index(passed) >= STAGES.index(stage)


SENTENCES: Final[Mapping[tuple[str, bool], str]] = {
    ("paper", False): N_("An incoming paper must be answered soon: %(number)s"),
    ("paper", True): N_("The answer to an incoming paper is due, or overdue: %(number)s"),
    ("term", False): N_("The term of a served document ends soon: %(number)s"),
    ("term", True): N_("The term of a served document has ended without an answer: %(number)s"),
    ("unserved", False): N_("A document must be served soon: %(number)s"),
    ("unserved", True): N_("A document has not been served in time: %(number)s"),
}
"""The news that something comes due, before and after its due."""


def due_sentence(words: str) -> tuple[str, str]:
    """Return the news that something comes due, in English, and the number of the paper or the document.

    Args:
        words: what is due, its stage, and its number.
    """
    matter, stage, number = [*words.split(" ", 2), ""][:3]
    return SENTENCES[matter, stage != "soon"], number
