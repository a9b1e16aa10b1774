"""Rules that can never decide: what is said to be shadowed is, for every alert."""

from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.incidents.category import is_in_category
from incident.core.incidents.routing import RoutingInput, When, is_match
from incident.core.incidents.shadowing import MAX_COMPARED, includes, shadowed_rules, unknown_categories
from incident.core.systems.matching import IndexedSystem

SOURCES = st.sampled_from(["manual", "suricata", "generic"])
CATEGORIES = st.sampled_from(["MP", "MPRANS", "MPR", "MPRANS/x", "NA", "malware", "malware/c2", "malware.c2", "mal"])
GRADES = st.sampled_from([1, 2, 3, 4])
SECTORS = st.sampled_from(["energy", "energy/electricity", "energ", "water"])
REGIONS = st.sampled_from(["33", "330000", "330100", "3301", "330106", "44", "words", "330106001"])
WORDS = st.sampled_from(["a", "b", "c"])
LEVELS = st.sampled_from([1, 2, 3])


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


def some(one: st.SearchStrategy[object]) -> st.SearchStrategy[frozenset[object] | None]:
    return st.none() | st.frozensets(one, min_size=1, max_size=3)


def listed(one: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...] | None]:
    return st.none() | st.lists(one, min_size=1, max_size=3).map(tuple)


LABELS = st.dictionaries(st.sampled_from(["site", "team"]), st.frozensets(WORDS, min_size=1, max_size=2), max_size=2)
RULES = st.builds(
    When, some(SOURCES), listed(CATEGORIES), some(GRADES), listed(SECTORS), listed(REGIONS), some(WORDS), LABELS,
    some(WORDS), some(LEVELS), some(st.sampled_from(["high", "low"])),
)  # fmt: skip
SYSTEMS = st.builds(
    IndexedSystem, st.just(1), WORDS, st.none(), maybe(LEVELS), maybe(st.sampled_from(["high", "low", "moderate"]))
)
GIVEN = st.builds(
    RoutingInput,
    source=maybe(SOURCES),
    category=maybe(CATEGORIES),
    grade=maybe(GRADES),
    sector=maybe(SECTORS),
    region=maybe(REGIONS),
    campaign=maybe(WORDS),
    labels=st.dictionaries(st.sampled_from(["site", "team"]), WORDS),
    systems=st.lists(SYSTEMS, max_size=2).map(tuple),
)


@settings(max_examples=300)
@given(st.lists(RULES, max_size=5), st.lists(GIVEN, min_size=1, max_size=20))
def test_whatever_a_shadowed_rule_matches_an_earlier_one_matches(rules: list[When], facts: list[RoutingInput]) -> None:
    for index, by in shadowed_rules(rules).items():
        assert by
        assert max(by) < index
        for fact in facts:
            if is_match(rules[index], fact):
                assert any(is_match(rules[place], fact) for place in by)


@given(RULES, RULES, GIVEN)
def test_a_rule_that_includes_another_matches_all_that_it_matches(wide: When, narrow: When, fact: RoutingInput) -> None:
    if includes(wide, narrow) and is_match(narrow, fact):
        assert is_match(wide, fact)


@given(RULES)
def test_a_rule_shadows_a_second_one_that_is_equal(rule: When) -> None:
    assert shadowed_rules([rule, rule]) == {1: (0,)}


@given(CATEGORIES, CATEGORIES, CATEGORIES)
def test_what_is_below_a_category_below_another_is_below_that(low: str, middle: str, high: str) -> None:
    if is_in_category(low, middle) and is_in_category(middle, high):
        assert is_in_category(low, high)


def test_a_rule_for_everything_shadows_all_after_it() -> None:
    assert shadowed_rules([When(), When(category=("MP",)), When(grade=frozenset({1}))]) == {1: (0,), 2: (0,)}


def test_a_class_shadows_its_categories_and_a_province_its_cities() -> None:
    assert shadowed_rules([When(category=("MP",)), When(category=("MPRANS",))]) == {1: (0,)}
    assert shadowed_rules([When(region=("33",)), When(region=("330106",), grade=frozenset({1}))]) == {1: (0,)}
    assert shadowed_rules([When(category=("MPRANS",)), When(category=("MP",))]) == {}


def test_two_rules_shadow_a_third_one_together() -> None:
    high, low = When(grade=frozenset({1, 2})), When(grade=frozenset({3, 4}))
    assert shadowed_rules([high, low, When(grade=frozenset({2, 3}))]) == {2: (0, 1)}
    assert shadowed_rules([high, When(grade=frozenset({2, 3}))]) == {}


def test_conditions_on_systems_are_those_of_one_system() -> None:
    assert shadowed_rules(
        [When(system=frozenset({"a"})), When(system=frozenset({"a"}), protection_level=frozenset({3}))]
    )
    either = [When(system=frozenset({"a"})), When(protection_level=frozenset({3}))]
    assert shadowed_rules([*either, When(system=frozenset({"b"}), protection_level=frozenset({2}))]) == {}


def test_many_rules_are_compared_as_wholes() -> None:
    grades = [When(grade=frozenset({1})), When(grade=frozenset({2})), When(grade=frozenset({1, 2}))]
    others = [When(source=frozenset({str(number)})) for number in range(MAX_COMPARED)]
    assert 2 in shadowed_rules(grades)
    assert shadowed_rules([*grades, *others]) == {}


def test_a_category_that_does_not_exist_is_found() -> None:
    known = {"MP", "MPRANS", "malicious-code"}
    when = When(category=("MP", "MPRANS", "MPRANSX", "mprans", "malicious-code/c2-server", "malicious"))
    assert unknown_categories(when, known) == ("MPRANSX", "mprans", "malicious")
    assert unknown_categories(When(), known) == ()
