"""Recipients of reports: the department that has the role in the sector and region of the organisation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.deadlines.authorities import (
    Authority,
    Territory,
    read_authority,
    resolve,
    roles_of,
    unknown_roles,
)
from incident.core.deadlines.regimes import Recipient
from incident.core.values.faults import RuleError
from incident.data.reporting_regimes import shipped_regimes

POLICE = Recipient("police", {"en": "Police", "zh": "公安机关"}, is_local=True)
NATION, PROVINCE, CITY = Authority(("police",)), Authority(("police",), ("33",)), Authority(("police",), ("330100",))


def test_the_authority_of_the_smallest_region_is_the_recipient() -> None:
    declared = {"nation": NATION, "province": PROVINCE, "city": CITY}
    for region, code in (("330106", "city"), ("330200", "province"), ("110000", "nation")):
        found = resolve(POLICE, (), (region,), declared)
        assert (found.departments, found.is_ambiguous, found.is_gap) == ((code,), False, False)


def test_a_city_is_not_the_authority_of_its_province() -> None:
    found = resolve(POLICE, (), ("330000",), {"city": CITY})
    assert (found.departments, found.missing) == ((), (Territory(None, "330000"),))


def test_the_authority_of_a_part_of_a_sector_comes_before_that_of_the_sector() -> None:
    role = ("protection_department",)
    declared = {"all": Authority(role), "energy": Authority(role, None, ("energy",))}
    declared["grid"] = Authority(role, None, ("energy/electricity",))
    recipient = Recipient(role[0], {"en": "Department", "zh": "部门"})
    for sector, code in (("energy/electricity", "grid"), ("energy/gas", "energy"), ("water", "all")):
        assert resolve(recipient, (sector,), (), declared).departments == (code,)


def test_two_that_fit_equally_well_are_both_shown() -> None:
    smaller, closer = Authority(("police",), ("3301",)), Authority(("police",), ("33",), ("energy",))
    found = resolve(POLICE, ("energy",), ("330100",), {"smaller": smaller, "closer": closer, "nation": NATION})
    assert (found.departments, found.is_ambiguous) == (("smaller", "closer"), True)
    assert resolve(POLICE, (), ("330100",), {"one": CITY, "other": CITY}).is_ambiguous


def test_each_region_of_the_organisation_has_a_recipient_or_a_gap() -> None:
    found = resolve(POLICE, (), ("330000", "310000"), {"province": PROVINCE})
    assert (found.departments, found.is_ambiguous) == (("province",), False)
    assert found.missing == (Territory(None, "310000"),)


def test_without_a_region_only_an_authority_of_the_whole_country_is_found() -> None:
    assert resolve(POLICE, (), (), {"city": CITY}).missing == (Territory(None, None),)
    assert resolve(POLICE, (), (), {"city": CITY, "nation": NATION}).departments == ("nation",)


def test_another_role_is_no_recipient_and_the_people_concerned_are_nobodys_role() -> None:
    assert resolve(POLICE, (), ("330100",), {"other": Authority(("asd",))}).is_gap
    people = resolve(Recipient("individuals", {"en": "People", "zh": "个人"}), (), (), {})
    assert (people.is_asked, people.is_gap) == (False, False)
    assert "individuals" not in roles_of(shipped_regimes().values())
    assert {"police", "protection_department", "provincial_cac"} <= set(roles_of(shipped_regimes().values()))


PLACES = st.sampled_from(["33", "3301", "330106", "44", "华东"])
PARTS = st.sampled_from(["energy", "energy/electricity", "water"])
SOME = st.none() | st.lists(PLACES, min_size=1, max_size=2).map(tuple)
AUTHORITIES = st.builds(
    Authority, st.just(("police",)), SOME, st.none() | st.lists(PARTS, min_size=1, max_size=2).map(tuple)
)


@given(st.dictionaries(st.sampled_from("abcd"), AUTHORITIES), st.lists(PARTS, max_size=2), st.lists(PLACES, max_size=2))
def test_who_is_found_does_not_depend_on_the_order_and_one_for_everywhere_leaves_no_gap(
    declared: dict[str, Authority], sectors: list[str], regions: list[str]
) -> None:
    found = resolve(POLICE, sectors, regions, declared)
    backwards = resolve(POLICE, sectors, regions, dict(reversed(list(declared.items()))))
    assert set(found.departments) == set(backwards.departments)
    assert not resolve(POLICE, sectors, regions, {**declared, "everywhere": NATION}).is_gap
    assert set(found.departments) <= set(declared)


def test_a_declaration_is_read_with_every_fault() -> None:
    document = {"roles": ["police"], "regions": ["33"]}
    assert read_authority(document).to_json() == document
    with pytest.raises(RuleError) as caught:
        read_authority({"roles": [], "sectors": ["\n"], "more": 1}, "/authority")
    assert {one.pointer for one in caught.value.all} == {"/authority/roles", "/authority/sectors/0", "/authority/more"}
    with pytest.raises(RuleError):
        read_authority({})
    [fault] = unknown_roles(Authority(("police", "nobody")), {"police"})
    assert (fault.code, fault.pointer) == ("authority.role_unknown", "/authority/roles/1")
