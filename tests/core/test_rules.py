"""Routing: what an alert gets, or an incident that does not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.rules import Given, Outcome, Rule, Verdict, When, match

SOC = Rule(When(source=frozenset({"suricata"})), Outcome(("soc",), "playbook--1", "NA", 3))
RANSOM = Rule(When(category=("MPRANS",)), Outcome(("soc", "legal"), "playbook--2"))
MALWARE = Rule(When(category=("MP",)), Outcome(("soc",)))
LABELLED = Rule(When(labels={"site": frozenset({"beijing", "tianjin"})}), Outcome(("north",)))
GRAVE = Rule(When(grade=frozenset({1, 2})), Outcome(("command",)))
DEFAULT = ("duty",)


def test_the_first_matching_rule_decides_alone() -> None:
    verdict = match([RANSOM, MALWARE, GRAVE], DEFAULT, Given(category="MPRANS", grade=1))
    assert verdict == Verdict(("soc", "legal"), "playbook--2", "MPRANS", 1, rule_index=0)


def test_a_class_matches_what_is_under_it_and_not_the_reverse() -> None:
    assert match([MALWARE], (), Given(category="MPRANS")).rule_index == 0
    assert match([RANSOM], (), Given(category="MP")).rule_index is None


@pytest.mark.parametrize(
    ("wanted", "category", "is_matched"),
    [
        ("malicious-code", "malicious-code/c2-server", True),
        ("malicious-code", "malicious-codes", False),
        ("malware", "malware", True),
        ("mal", "malware", False),
        ("MPRANS", "MPRANSX", False),
        ("MP", "MP3 piracy", False),
        ("FOC", "FOCDISASTER", True),
        ("network.dos", "network.dos.syn", True),
    ],
)
def test_a_category_matches_itself_and_what_is_under_it(wanted: str, category: str, is_matched: bool) -> None:
    verdict = match([Rule(When(category=(wanted,)))], (), Given(category=category))
    assert (verdict.rule_index == 0) == is_matched


def test_what_the_incident_says_itself_wins() -> None:
    given = Given(source="suricata", category="AB", grade=4, departments=("bank",), playbook="playbook--9")
    assert match([SOC], DEFAULT, given) == Verdict(("bank",), "playbook--9", "AB", 4, rule_index=0)


def test_what_it_does_not_say_comes_from_the_rule() -> None:
    assert match([SOC], DEFAULT, Given(source="suricata")) == Verdict(("soc",), "playbook--1", "NA", 3, rule_index=0)


def test_without_a_matching_rule_the_default_is_told_and_no_playbook_starts() -> None:
    assert match([SOC], DEFAULT, Given(source="generic")) == Verdict(DEFAULT, None, None, None, is_default=True)


def test_without_rule_and_default_nobody_is_told() -> None:
    assert match([], (), Given(source="generic")) == Verdict((), None, None, None)


def test_a_rule_that_names_no_department_leaves_the_default() -> None:
    verdict = match([Rule(When(), Outcome(grade=2))], DEFAULT, Given())
    assert verdict == Verdict(DEFAULT, None, None, 2, rule_index=0, is_default=True)


def test_a_rule_can_mean_nobody_on_purpose() -> None:
    verdict = match([Rule(When(), Outcome(departments=()))], DEFAULT, Given())
    assert (verdict.departments, verdict.is_default) == ((), False)


def test_labels_must_all_match() -> None:
    both = Rule(When(labels={"site": frozenset({"beijing"}), "env": frozenset({"prod"})}))
    assert match([both], (), Given(labels={"site": "beijing"})).rule_index is None
    assert match([both], (), Given(labels={"site": "beijing", "env": "prod", "x": ""})).rule_index == 0
    assert match([LABELLED], (), Given(labels={"site": "tianjin"})).departments == ("north",)


def test_a_rule_for_grades_skips_what_has_none() -> None:
    assert match([GRAVE], (), Given()).rule_index is None
    assert match([GRAVE], (), Given(grade=2)).rule_index == 0


@given(st.lists(st.sampled_from([SOC, RANSOM, MALWARE, LABELLED, GRAVE]), max_size=6), st.data())
def test_rules_behind_the_first_match_change_nothing(rules: list[Rule], data: st.DataObject) -> None:
    alert = Given(
        source=data.draw(st.sampled_from(["suricata", "generic", None])),
        category=data.draw(st.sampled_from(["MP", "MPRANS", "NA", None])),
        grade=data.draw(st.sampled_from([1, 3, None])),
        labels=data.draw(st.sampled_from([{}, {"site": "beijing"}])),
    )
    whole = [*rules, Rule(set=Outcome(("rest",)))]
    verdict = match(whole, (), alert)
    assert verdict.rule_index is not None
    assert match(whole[: verdict.rule_index + 1], (), alert) == verdict
