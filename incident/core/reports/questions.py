"""The questions that a reporter is asked, one by one: which ones depend on the answers before."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Step = Literal[
    "emergency", "urgent", "kind", "category", "text", "where", "about", "loss", "evidence", "contact", "check"
]
STEPS: Final[tuple[Step, ...]] = get_args(Step)

FIELDS: Final[Mapping[Step, tuple[str, ...]]] = {
    "emergency": ("emergency",),
    "urgent": (),
    "kind": ("kind",),
    "category": ("category",),
    "text": ("text",),
    "where": ("url", "occurred_at"),
    "about": ("about_us",),
    "loss": ("loss",),
    "evidence": ("evidence", "is_stated_true"),
    "contact": ("name", "phone", "email", "address"),
    "check": (),
}
"""The fields of each step."""

ANSWERS: Final = tuple(name for names in FIELDS.values() for name in names)
_ABOUT_FACTS: Final = frozenset({"tip", "claim", "help"})
"""Kinds that tell of something that happened; a question or a suggestion needs few words."""

_ABOUT_MONEY: Final = frozenset({"fraud", "theft", "gambling", "pyramid_selling", "advertising", "livestream"})


def steps_of(answers: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the steps that these answers lead through, in order."""
    kind, urgent = answers.get("kind", ""), answers.get("emergency", "") in ("danger", "money")
    about_money = answers.get("emergency") == "money" or answers.get("category") in _ABOUT_MONEY
    wanted: dict[Step, bool] = {
        "urgent": urgent,
        "category": kind in _ABOUT_FACTS,
        "where": kind in _ABOUT_FACTS,
        "about": kind in _ABOUT_FACTS,
        "loss": kind in _ABOUT_FACTS and about_money,
        "evidence": kind == "claim",
    }
    return tuple(step for step in STEPS if wanted.get(step, True))


def step_after(step: str, answers: Mapping[str, str]) -> Step:
    """Return the next step; the first one after an unknown step."""
    steps = steps_of(answers)
    return next((one for one in steps if STEPS.index(one) > _place(step)), steps[-1])


def step_before(step: str, answers: Mapping[str, str]) -> Step:
    """Return the step before; the first one stays."""
    steps = steps_of(answers)
    return next((one for one in reversed(steps) if STEPS.index(one) < _place(step)), steps[0])


def step_of_field(name: str) -> Step | None:
    """Return the step that asks for a field, or that has its name; None when there is none."""
    return next((step for step, names in FIELDS.items() if name in (step, *names)), None)


def _place(step: str) -> int:
    return next((place for place, one in enumerate(STEPS) if one == step), -1)
