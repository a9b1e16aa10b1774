"""Rule sets of one's own: they change the grade of incidents and thereby their clocks, and their versions stay."""

import copy
import json
from functools import partial
from typing import Any

import pytest

from incident.actions.deadlines import clock_events, figures, grading, not_reportable, own_rule_sets, profiles
from incident.actions.graded_facts import grading_of
from incident.actions.incidents.incidents import reopen_incident
from incident.actions.rule_set_versions import own_rules, rule_sets_of
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.deadlines.rule_set_document import MAX_OWN_SETS, check_rule_set
from incident.core.values.faults import RuleError
from incident.store.deadlines import clock_rows, gradings
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.not_reportable import NotReportableDecision
from incident.store.deadlines.rule_sets import OwnRuleSet, RuleSetVersion, version_by_hash
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from tests.core.deadlines.test_rule_set_document import GRID
from tests.world import World, only, rows

LI, WANG = "person:1:Li Wei", "person:2:Wang Fang"
ENERGY = OrganizationProfile("cii", ["energy"], ["330000"])


def grid(at_least: int = 3, **changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(GRID) | changes
    document["lines"][0]["conditions"] = [{"key": "stations_down", "at_least": at_least}]
    document["questions"] = [one for one in document["questions"] if one["key"] != "city"]
    return check_rule_set(document)


def publish(world: World, document: dict[str, Any], version: int | None = None, by: str = LI) -> OwnRuleSet:
    published = own_rule_sets.publish_rule_set(document, version, by, world.now)[0]
    world.fire()  # what publishing has set: open incidents are graded again
    return published


def states(incident: Incident) -> set[str]:
    return {one.state for one in clock_rows.clocks_of(incident.id)}


def types(incident: Incident) -> list[str]:
    return [one.event_type for one in journal.latest_entries_of(incident.number, 50)]


def harmless(incident: Incident) -> dict[str, object]:
    """Answers to every question that no line holds for."""
    sets = rule_sets_of(incident)
    used = {
        (one.key, value) for rules in sets for line in rules.lines for one in line.conditions for value in one.one_of
    }
    answers: dict[str, object] = {}
    for question in (one for rules in sets for one in rules.questions):
        free = [one.value for one in question.choices if (question.key, one.value) not in used]
        answers[question.key] = {"yes_no": False, "number": 0}.get(question.kind, (free or ["unknown"])[-1])
    return answers


def test_a_rule_set_of_a_sector_changes_the_grade_and_with_it_the_clocks(world: World) -> None:
    profiles.put_profile(ENERGY, LI, world.now)
    world.fire()
    incident, other = world.open(sector="energy"), world.open(sector="finance", title="other")
    nothing = harmless(incident)
    for one in (incident, other):
        clock_events.put_awareness(one.id, world.now, "Li Wei", "an alarm", None, LI, world.now)
        grading.put_answers(one.id, nothing, LI, world.now, ended=frozenset(nothing))
        assert grading_of(one, world.now).possible == 4
        grading.decide_grade(one.id, 4, None, LI, world.now)
    assert states(incident) == states(other) == {"not_applicable"}
    world.forward(minutes=1)
    publish(world, grid())
    assert (grading_of(incident, world.now).certain, grading_of(incident, world.now).possible) == (4, 1)
    assert grading_of(other, world.now).possible == 4
    assert "incident.grading_rules_changed" in types(incident)
    assert "incident.review_due" in types(incident)
    assert "incident.grading_rules_changed" not in types(other)
    world.forward(minutes=1)
    grading.put_answers(incident.id, {"stations_down": 3, "black_start": False}, LI, world.now)
    assert grading_of(incident, world.now).certain == 2
    decision = grading.decide_grade(incident.id, 2, None, LI, world.now)
    assert only(Incident, number=incident.number).grade == 2
    assert "running" in states(incident)
    assert states(other) == {"not_applicable"}
    pinned = decision.basis["rule_sets"]["grid"]
    row = only(OwnRuleSet)
    world.forward(minutes=1)
    publish(world, grid(at_least=10), 1)
    assert grading_of(incident, world.now).certain == 4
    stored = version_by_hash(row.id, pinned)
    assert stored is not None
    assert json.loads(stored.content)["lines"][0]["conditions"][0]["at_least"] == 3
    assert "running" in states(incident)
    assert [one.decided for one in gradings.standing_decisions(incident.id)] == [2]


def test_the_graver_result_counts_whatever_rule_set_it_is_from(world: World) -> None:
    incident = world.open(sector="energy")
    milder = grid(sectors=[])
    milder["questions"].append(
        {"key": "persons_leaked", "kind": "number", "text": {"en": "a", "zh": "a"}, "topic": "data"}
    )
    milder["lines"].append(
        {
            "key": "cac.data.persons.1",
            "grade": 3,
            "conditions": [{"key": "persons_leaked", "at_least": 10**9}],
            "text": {"en": "b", "zh": "b"},
            "evidence": "primary",
        }
    )
    shipped = [line.key for rules in rule_sets_of(incident) for line in rules.lines]
    milder["lines"][-1]["key"] = next(key for key in shipped if "persons" in key or "leak" in key or "data" in key)
    before = grading.put_answers(incident.id, {"persons_leaked": 10**8}, LI, world.now)
    certain = grading_of(before, world.now).certain
    publish(world, check_rule_set(milder))
    assert grading_of(incident, world.now).certain == certain == 1


def test_an_incident_without_a_sector_counts_as_one_of_the_organisation(world: World) -> None:
    incident = world.open()
    publish(world, grid())
    assert "grid" not in [one.id for one in rule_sets_of(incident)]
    profiles.put_profile(ENERGY, LI, world.now)
    assert "grid" in [one.id for one in rule_sets_of(incident)]
    assert "grid" not in [one.id for one in rule_sets_of(world.open(sector="finance", title="other"))]


def test_each_change_is_a_version_and_the_same_once_more_is_none(world: World) -> None:
    first = publish(world, grid())
    assert (first.version, publish(world, grid(), 1).version) == (1, 1)
    world.forward(minutes=1)
    assert publish(world, grid(at_least=5), 1).version == 2
    with pytest.raises(RuleError, match=r"version\.stale") as refused:
        publish(world, grid(at_least=7), 1)
    assert refused.value.kind == "conflict"
    assert [one.put_by for one in rows(RuleSetVersion)] == [LI, LI]
    found = [one for one in journal.entries_past(0) if one.event_type == "grading_rules.published"]
    assert [json.loads(one.detail)["version"] for one in found] == [1, 2]
    assert json.loads(found[-1].detail)["content_hash"] == rows(RuleSetVersion)[-1].content_hash


def test_of_two_who_publish_at_once_one_is_told_and_nothing_is_lost(world: World) -> None:
    for version in (0, 1):
        one = partial(own_rule_sets.publish_rule_set, grid(at_least=11 + version), version, LI, world.now)
        other = partial(own_rule_sets.publish_rule_set, grid(at_least=21 + version), version, WANG, world.now)
        done = world.at_once(one, other)
        assert [one.code for one in done if isinstance(one, RuleError)] == ["version.stale"]
    assert [one.version for one in rows(RuleSetVersion)] == [1, 2]
    assert only(OwnRuleSet).version == 2


def test_two_rule_sets_with_one_question_published_at_once_agree(world: World) -> None:
    other = grid(id="water")
    other["questions"][0]["unit"] = "cny"
    done = world.at_once(
        lambda: own_rule_sets.publish_rule_set(grid(), 0, LI, world.now)[0],
        lambda: own_rule_sets.publish_rule_set(check_rule_set(other), 0, LI, world.now)[0],
    )
    assert [one.code for one in done if isinstance(one, RuleError)] == ["rule_set.question_differs"]
    assert len(rows(OwnRuleSet)) == 1


def test_a_retired_one_grades_nothing_and_stays_readable(world: World) -> None:
    incident = world.open(sector="energy")
    publish(world, grid())
    grading.put_answers(incident.id, {"stations_down": 3}, LI, world.now)
    assert grading_of(incident, world.now).certain == 2
    world.forward(minutes=1)
    own_rule_sets.retire_rule_set("grid", "replaced by the ministry's", 1, WANG, world.now)
    world.fire()
    assert grading_of(incident, world.now).certain == 4
    assert types(incident)[0] == "incident.grading_rules_changed"
    assert [(one.is_active, one.reason) for one in rows(RuleSetVersion)] == [
        (True, None),
        (False, "replaced by the ministry's"),
    ]
    with pytest.raises(RuleError, match=r"rule_set\.is_retired"):
        own_rule_sets.retire_rule_set("grid", "again", None, WANG, world.now)
    with pytest.raises(RuleError, match=r"rule_set\.unknown"):
        own_rule_sets.retire_rule_set("water", "none", None, WANG, world.now)
    world.forward(minutes=1)
    assert (publish(world, grid(), 2).is_active, own_rules()[0].id) == (True, "grid")
    assert grading_of(incident, world.now).certain == 2


def test_a_closed_incident_keeps_the_rules_it_was_closed_with(world: World) -> None:
    incident = world.open(sector="energy")
    publish(world, grid())
    grading.put_answers(incident.id, {"stations_down": 3}, LI, world.now)
    world.close(incident, "over")
    world.forward(minutes=1)
    publish(world, grid(at_least=10), 1)
    closed = only(Incident)
    assert grading_of(closed, world.now).certain == 2
    assert "incident.grading_rules_changed" not in types(closed)
    reopen_incident(incident.id, "again", LI, world.now)
    assert grading_of(only(Incident), world.now).certain == 4


def test_changed_rules_end_what_rests_on_them(world: World) -> None:
    profiles.put_profile(ENERGY, LI, world.now)
    incident = world.open(sector="energy")
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "an alarm", None, LI, world.now)
    grading.put_answers(incident.id, {"persons_leaked": 2_000_000}, LI, world.now)
    publish(world, grid())
    proposal = not_reportable.propose_not_reportable(incident.id, "cn-cac-cii", "a test", LI, world.now)
    not_reportable.confirm_not_reportable(proposal.id, WANG, world.now)
    grading.decide_grade(incident.id, 4, "test records", LI, world.now)
    assert [one.state for one in rows(GradeDecision)] == ["awaiting_second"]
    world.forward(minutes=1)
    own_rule_sets.retire_rule_set("grid", "not ours", None, LI, world.now)
    assert ("incident.grading_rules_changed" in types(incident)) is (
        [one.state for one in rows(NotReportableDecision)] == ["outdated"]
    )


def test_figures_of_own_rule_sets_are_checked_like_those_of_others(world: World) -> None:
    publish(world, grid())
    [figure] = [one for one in figures.figures_to_check() if one.source == "grid"]
    assert (figure.key, figure.cell.evidence) == ("grid.1", "recalled")
    figures.confirm_figure("grid", "grid.1", figure.figure_hash, "rule 7", LI, world.now)
    world.forward(minutes=1)
    publish(world, grid(at_least=5), 1)
    [same] = [one for one in figures.figures_to_check() if one.source == "grid"]
    assert same.figure_hash == figure.figure_hash


def test_there_are_only_so_many(world: World) -> None:
    for number in range(MAX_OWN_SETS):
        publish(world, grid(id=f"grid-{number}"))
    with pytest.raises(RuleError, match=r"rule_set\.too_many"):
        publish(world, grid(id="one-more"))


def test_one_that_is_too_large_is_refused(world: World) -> None:
    document = grid()
    words = {"en": "x" * 300, "zh": "网" * 300}
    choices = [{"value": f"c{number}", "text": words} for number in range(20)]
    document["questions"] = [
        {"key": f"q{number}", "kind": "choice", "text": words, "choices": choices} for number in range(40)
    ]
    document["lines"] = [
        {
            "key": f"l{number}",
            "grade": 3,
            "conditions": [{"key": f"q{number}", "one_of": ["c1"]}],
            "text": words,
            "evidence": "primary",
        }
        for number in range(40)
    ]
    with pytest.raises(RuleError, match=r"rule_set\.too_large"):
        publish(world, check_rule_set(document))
