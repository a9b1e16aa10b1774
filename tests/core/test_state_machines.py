"""The documented state machines name every state, and only event types of the journal."""

import re
from pathlib import Path
from typing import get_args

import pytest

from incident.core.cacao.engine.run import RunState, StepState
from incident.core.incidents.incident import STATUSES
from incident.core.incidents.triage import Reason
from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.notifications import notice
from incident.core.reports.states import STATES as REPORT_STATES

PAPER = (Path(__file__).parents[2] / "docs" / "state-machines.md").read_text("utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in PAPER.split("\n## ")[1:]}


@pytest.mark.parametrize(
    ("section", "states"),
    [
        ("Incident", [*STATUSES, *get_args(Reason)]),
        ("Notice", list(notice.STATES)),
        ("Message", ["pending", "sending", "sent", "refused", "given_up", "cancelled"]),
        ("Run and step", [*get_args(RunState), *get_args(StepState)]),
        ("Report", list(REPORT_STATES)),
    ],
)
def test_a_section_names_every_state(section: str, states: list[str]) -> None:
    assert {state for state in states if f"`{state}`" not in SECTIONS[section]} == set()


def test_every_verb_on_paper_is_a_verb_of_the_journal() -> None:
    named = set(re.findall(r"`([a-z]+\.[a-z_]+)`", PAPER))
    assert len(named) > 15
    assert named <= set(EVENT_TYPE_WORDS)
