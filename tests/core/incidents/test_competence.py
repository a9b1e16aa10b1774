"""The incidents that a department is responsible for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.competence import Competence, RoutingFacts, competent_for, is_competent, read_competence
from incident.core.values.faults import RuleError

CATEGORIES = st.sampled_from(["MP", "MPRANS", "NA", "malicious-code", "malicious-code/c2-server"])
REGIONS = st.sampled_from(["33", "3301", "330106", "440000", "华东"])
SECTORS = st.sampled_from(["energy", "energy/electricity", "water"])
GRADES = st.integers(1, 4)
SOME: Any = {"min_size": 1, "max_size": 3}
COMPETENCES = st.builds(
    Competence,
    st.none() | st.lists(CATEGORIES, **SOME).map(tuple),
    st.none() | st.lists(GRADES, **SOME).map(tuple),
    st.none() | st.lists(REGIONS, **SOME).map(tuple),
    st.none() | st.lists(SECTORS, **SOME).map(tuple),
)
MATTERS = st.builds(RoutingFacts, st.none() | CATEGORIES, st.none() | GRADES, st.none() | REGIONS, st.none() | SECTORS)


@given(MATTERS)
def test_who_answers_for_all_answers_for_everything(matter: RoutingFacts) -> None:
    assert is_competent(Competence(), matter)


@given(COMPETENCES, MATTERS)
def test_lifting_a_bound_takes_nothing_away(competence: Competence, matter: RoutingFacts) -> None:
    if is_competent(competence, matter):
        for name in ("categories", "grades", "regions", "sectors"):
            assert is_competent(replace(competence, **{name: None}), matter)


@given(COMPETENCES, MATTERS)
def test_what_is_not_known_is_covered_only_where_nothing_is_asked(competence: Competence, matter: RoutingFacts) -> None:
    unknown = replace(matter, region=None)
    assert is_competent(competence, unknown) == (
        competence.regions is None and is_competent(replace(competence, regions=None), unknown)
    )


@given(COMPETENCES)
def test_what_is_read_is_written_the_same(competence: Competence) -> None:
    written = competence.to_json()
    assert read_competence(written).to_json() == {name: list(dict.fromkeys(said)) for name, said in written.items()}


def test_a_part_is_covered_with_the_whole() -> None:
    province = Competence(categories=("MP",), grades=(1, 2), regions=("33",), sectors=("energy",))
    city = replace(province, regions=("3301",))
    matter = RoutingFacts("MPRANS", 2, "330106", "energy/electricity")
    assert competent_for(matter, {"CITY": city, "PROVINCE": province}) == ("CITY", "PROVINCE")
    assert competent_for(replace(matter, region="330200"), {"CITY": city, "PROVINCE": province}) == ("PROVINCE",)
    assert competent_for(replace(matter, grade=3), {"CITY": city, "PROVINCE": province}) == ()


def test_every_fault_is_named_with_its_place() -> None:
    document = {"categories": [], "grades": [5], "regions": ["33", ""], "sectors": "energy", "people": []}
    with pytest.raises(RuleError) as caught:
        read_competence(document, "/competence")
    assert {(fault.pointer, fault.code) for fault in caught.value.all} == {
        ("/competence/people", "document.unknown_field"),
        ("/competence/categories", "rules.empty_list"),
        ("/competence/grades/0", "grade.unknown"),
        ("/competence/regions/1", "area.malformed"),
        ("/competence/sectors", "document.not_a_list"),
    }
