"""Confirming figures: once, by a person, of what was compared, and withdrawn with a reason."""

import json
from typing import Any

import pytest

from incident.actions.deadlines.figures import confirm_figure, figures_to_check, withdraw_confirmation
from incident.core.deadlines.figures import Figure
from incident.core.values.faults import RuleError
from incident.store.deadlines.figures import FigureConfirmation, confirmed_hashes
from incident.store.journal import journal
from tests.world import World, only, rows

BOSS, OTHER = "person:1:Li Wei", "person:2:Wang Fang"
PLACE = ("cn-cac-guide", "cac.infrastructure.2")


def figure() -> Figure:
    return next(one for one in figures_to_check() if (one.source, one.key) == PLACE)


def confirm(world: World, by: str = BOSS, figure_hash: str | None = None) -> FigureConfirmation:
    return confirm_figure(*PLACE, figure_hash or figure().figure_hash, "annex 1, official print", by, world.now)


def last_entry() -> tuple[str, str | None, dict[str, Any]]:
    [one] = journal.entries_before(None, 1)
    return one.event_type, one.subject, json.loads(one.detail)


def test_a_confirmed_figure_is_recorded_with_person_time_text_and_version(world: World) -> None:
    assert confirmed_hashes() == frozenset()
    confirm(world)
    row = only(FigureConfirmation)
    assert (row.confirmed_by, row.confirmed_at, row.read_in) == (BOSS, world.now, "annex 1, official print")
    assert (row.content_hash, confirmed_hashes()) == (figure().content_hash, frozenset({figure().figure_hash}))
    with pytest.raises(RuleError, match=r"figure\.is_confirmed"):
        confirm(world, OTHER)


def test_only_a_person_confirms_and_only_what_they_compared(world: World) -> None:
    for given, code in (
        ({"by": "token:7:script"}, "approval.not_by_person"),
        ({"figure_hash": "0" * 64}, "figure.is_stale"),
    ):
        with pytest.raises(RuleError) as refused:
            confirm(world, **given)
        assert refused.value.code == code
    for source, cell in (("cn-cac-guide", "cac.infrastructure.1"), ("cn-cac-guide", "nonsense"), ("x", PLACE[1])):
        with pytest.raises(RuleError, match=r"figure\.not_found"):  # the first was read in a reprint
            confirm_figure(source, cell, figure().figure_hash, "annex 1", BOSS, world.now)
    assert rows(FigureConfirmation) == []


def test_of_two_who_confirm_at_once_one_is_recorded(world: World) -> None:
    done = world.at_once(lambda: confirm(world), lambda: confirm(world, OTHER))
    assert [one.code for one in done if isinstance(one, RuleError)] == ["figure.is_confirmed"]
    assert only(FigureConfirmation).confirmed_by in (BOSS, OTHER)


def test_a_withdrawn_confirmation_stays_in_the_journal_and_the_figure_is_checked_again(world: World) -> None:
    confirm(world)
    withdraw_confirmation(*PLACE, "it was the draft", OTHER, world.now)
    assert confirmed_hashes() == frozenset()
    with pytest.raises(RuleError, match=r"figure\.not_confirmed"):
        withdraw_confirmation(*PLACE, "again", OTHER, world.now)
    event_type, subject, detail = last_entry()
    assert (event_type, subject) == ("figure.withdrawn", "figure:cn-cac-guide/cac.infrastructure.2")
    assert (detail["read_in"], detail["reason"]) == ("annex 1, official print", "it was the draft")
    confirm(world, OTHER)
    assert only(FigureConfirmation).confirmed_by == OTHER
