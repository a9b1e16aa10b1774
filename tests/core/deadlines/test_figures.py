"""Figures to check: which they are, and a hash that stays the same while the figure does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.deadlines.figure_hash import figure_hash
from incident.core.deadlines.figures import unverified_figures
from incident.data.grading_rules import shipped_rule_sets
from incident.data.reporting_regimes import shipped_regimes

LINE: dict[str, Any] = {
    "key": "cac.infrastructure.2",
    "grade": 2,
    "conditions": [{"key": "cii_down_minutes", "at_least": 120}],
    "text": {"en": "2 hours or longer", "zh": "2小时以上"},
    "evidence": "draft",
}


def test_every_figure_that_was_not_read_in_its_rule_is_to_be_checked_and_no_other() -> None:
    found = list(unverified_figures(shipped_rule_sets().values(), shipped_regimes().values()))
    lines = [line for one in shipped_rule_sets().values() for line in one.lines]
    stages = [stage for one in shipped_regimes().values() for stage in one.stages]
    unread = [one.key for one in lines if not one.is_verified] + [one.key for one in stages if not one.is_verified]
    assert [one.key for one in found] == unread
    assert {one.cell.evidence for one in found} == {"fragments", "draft", "secondary", "recalled"}
    assert len({one.figure_hash for one in found}) == len(found)
    assert len({(one.source, one.key) for one in found}) == len(found)


@pytest.mark.parametrize(
    ("changed", "is_same"),
    [
        ({"evidence": "reprint"}, True),
        ({"title": {"en": "another"}}, True),
        ({"grade": 1}, False),
        ({"conditions": [{"key": "cii_down_minutes", "at_least": 30}]}, False),
        ({"text": {"en": "30 minutes or longer", "zh": "30分钟以上"}}, False),
    ],
)
def test_a_figure_keeps_its_hash_until_what_it_says_changes(changed: dict[str, Any], is_same: bool) -> None:
    assert (figure_hash("x", LINE | changed) == figure_hash("x", LINE)) is is_same


@given(st.permutations(list(LINE)), st.sampled_from(["x", "y"]))
def test_the_hash_depends_on_the_source_and_not_on_the_order_of_members(order: list[str], source: str) -> None:
    assert (figure_hash(source, {name: LINE[name] for name in order}) == figure_hash("x", LINE)) is (source == "x")
