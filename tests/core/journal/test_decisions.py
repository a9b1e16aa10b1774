"""What counts as a decision in the report on an incident."""

import pytest

from incident.core.journal.decisions import DECISIONS, is_decision
from incident.core.journal.event_types import EVENT_TYPE_WORDS


@pytest.mark.parametrize(
    ("event_type", "actor", "is_one"),
    [
        ("incident.closed", "person:3:Li Wei", True),
        ("incident.noted", "person:3:Li Wei", False),
        ("run.started", "scheduler", False),
    ],
)
def test_a_decision_is_made_by_a_person(event_type: str, actor: str, is_one: bool) -> None:
    assert is_decision(event_type, actor) is is_one


def test_decisions_are_types_of_the_journal() -> None:
    assert EVENT_TYPE_WORDS.keys() >= DECISIONS
