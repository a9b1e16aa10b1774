"""Routing of alerts, and of incidents without their own departments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.competence import RoutingFacts
from incident.core.incidents.routing import Default, Outcome, RoutingInput, RoutingResult, Rule, When, match

SOC = Rule(When(source=frozenset({"suricata"})), Outcome(("soc",), "playbook--1", "NA", 3))
RANSOM = Rule(When(category=("MPRANS",)), Outcome(("soc", "legal"), "playbook--2"))
MALWARE = Rule(When(category=("MP",)), Outcome(("soc",)))
LABELLED = Rule(When(labels={"site": frozenset({"beijing", "tianjin"})}), Outcome(("north",)))
GRAVE = Rule(When(grade=frozenset({1, 2})), Outcome(("command",)))
DEFAULT = Default(("duty",))
NONE = Default()


def test_the_first_matching_rule_decides_alone() -> None:
    verdict = match([RANSOM, MALWARE, GRAVE], DEFAULT, RoutingInput(category="MPRANS", grade=1))
    assert verdict == RoutingResult(("soc", "legal"), "playbook--2", "MPRANS", 1, rule_index=0)


def test_a_class_matches_what_is_under_it_and_not_the_reverse() -> None:
    assert match([MALWARE], NONE, RoutingInput(category="MPRANS")).rule_index == 0
    assert match([RANSOM], NONE, RoutingInput(category="MP")).rule_index is None


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
    verdict = match([Rule(When(category=(wanted,)))], NONE, RoutingInput(category=category))
    assert (verdict.rule_index == 0) == is_matched


def test_what_the_incident_says_itself_wins() -> None:
    given = RoutingInput(source="suricata", category="AB", grade=4, departments=("bank",), playbook="playbook--9")
    assert match([SOC], DEFAULT, given) == RoutingResult(("bank",), "playbook--9", "AB", 4, rule_index=0)


def test_what_it_does_not_say_comes_from_the_rule() -> None:
    assert match([SOC], DEFAULT, RoutingInput(source="suricata")) == RoutingResult(
        ("soc",), "playbook--1", "NA", 3, rule_index=0
    )


def test_without_a_matching_rule_the_default_is_told_and_no_playbook_starts() -> None:
    assert match([SOC], DEFAULT, RoutingInput(source="generic")) == RoutingResult(
        DEFAULT.departments, None, None, None, is_default=True
    )


def test_without_rule_and_default_nobody_is_told() -> None:
    assert match([], NONE, RoutingInput(source="generic")) == RoutingResult((), None, None, None)


def test_a_rule_that_names_no_department_leaves_the_default() -> None:
    verdict = match([Rule(When(), Outcome(grade=2))], DEFAULT, RoutingInput())
    assert verdict == RoutingResult(DEFAULT.departments, None, None, 2, rule_index=0, is_default=True)


def test_a_rule_can_mean_nobody_on_purpose() -> None:
    verdict = match([Rule(When(), Outcome(departments=()))], DEFAULT, RoutingInput())
    assert (verdict.departments, verdict.is_default) == ((), False)


def test_labels_must_all_match() -> None:
    both = Rule(When(labels={"site": frozenset({"beijing"}), "env": frozenset({"prod"})}))
    assert match([both], NONE, RoutingInput(labels={"site": "beijing"})).rule_index is None
    assert match([both], NONE, RoutingInput(labels={"site": "beijing", "env": "prod", "x": ""})).rule_index == 0
    assert match([LABELLED], NONE, RoutingInput(labels={"site": "tianjin"})).departments == ("north",)


def test_a_rule_for_grades_skips_what_has_none() -> None:
    assert match([GRAVE], NONE, RoutingInput()).rule_index is None
    assert match([GRAVE], NONE, RoutingInput(grade=2)).rule_index == 0


@given(st.lists(st.sampled_from([SOC, RANSOM, MALWARE, LABELLED, GRAVE]), max_size=6), st.data())
def test_rules_behind_the_first_match_change_nothing(rules: list[Rule], data: st.DataObject) -> None:
    alert = RoutingInput(
        source=data.draw(st.sampled_from(["suricata", "generic", None])),
        category=data.draw(st.sampled_from(["MP", "MPRANS", "NA", None])),
        grade=data.draw(st.sampled_from([1, 3, None])),
        labels=data.draw(st.sampled_from([{}, {"site": "beijing"}])),
    )
    whole = [*rules, Rule(set=Outcome(("rest",)))]
    verdict = match(whole, NONE, alert)
    assert verdict.rule_index is not None
    assert match(whole[: verdict.rule_index + 1], NONE, alert) == verdict


HANGZHOU = RoutingInput(category="MPRANS", region="330106", sector="energy/electricity", campaign="HW-2026")


@pytest.mark.parametrize(
    ("when", "is_matched"),
    [
        (When(sector=("energy",)), True),
        (When(sector=("water", "energy/electricity")), True),
        (When(sector=("water",)), False),
        (When(region=("33",)), True),
        (When(region=("330100",)), True),
        (When(region=("3302", "44")), False),
        (When(region=("Hangzhou",)), False),
        (When(campaign=frozenset({"HW-2026"})), True),
        (When(campaign=frozenset({"HW"})), False),
        (When(sector=("energy",), region=("44",)), False),
    ],
)
def test_a_rule_asks_for_sector_region_and_campaign(when: When, is_matched: bool) -> None:
    assert (match([Rule(when)], NONE, HANGZHOU).rule_index == 0) is is_matched
    assert match([Rule(when)], NONE, RoutingInput()).rule_index is None


def test_who_answers_for_it_is_told_behind_those_that_the_rule_names() -> None:
    rule = Rule(set=Outcome(("soc", "power"), competent=True))
    verdict = match([rule], DEFAULT, HANGZHOU, lambda _: ("grid", "power"))
    assert (verdict.departments, verdict.competent) == (("soc", "power", "grid"), ("grid", "power"))
    assert not verdict.is_default


def test_competence_is_judged_by_what_the_rule_makes_of_it() -> None:
    seen: list[RoutingFacts] = []

    def ask(matter: RoutingFacts) -> tuple[str, ...]:
        seen.append(matter)
        return ("grid",)

    rule = Rule(set=Outcome(category="NA", grade=1, competent=True))
    assert match([rule], DEFAULT, RoutingInput(region="33"), ask).departments == ("grid",)
    assert seen == [RoutingFacts("NA", 1, "33", None)]


def test_the_default_is_told_when_nobody_answers_for_it() -> None:
    rule = Rule(set=Outcome(competent=True))
    verdict = match([rule], Default(("duty",), competent=True), HANGZHOU, lambda _: ())
    assert (verdict.departments, verdict.is_default) == (("duty",), True)


def test_the_default_tells_who_answers_for_it() -> None:
    verdict = match([], Default(("duty",), competent=True), HANGZHOU, lambda _: ("grid",))
    assert (verdict.departments, verdict.competent, verdict.is_default) == (("duty", "grid"), ("grid",), True)


def test_nobody_is_asked_who_answers_for_it_when_departments_are_given_or_no_rule_asks() -> None:
    def refuse(_: RoutingFacts) -> tuple[str, ...]:
        raise AssertionError("asked")

    asks = Rule(set=Outcome(competent=True))
    assert match([asks], Default((), competent=True), RoutingInput(departments=("bank",)), refuse).departments == (
        "bank",
    )
    assert match([SOC], DEFAULT, RoutingInput(source="suricata"), refuse).departments == ("soc",)
