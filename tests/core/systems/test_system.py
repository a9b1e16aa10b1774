"""What a system may be recognised by, in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.systems.system import (
    require_all,
    require_criticality,
    require_protection_level,
    require_system_address,
    require_system_name,
)
from incident.core.values.faults import RuleError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7/32 ", "192.0.2.7"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("2001:DB8:0::1", "2001:db8::1"),
    ],
)
def test_addresses_have_one_form(typed: str, kept: str) -> None:
    assert require_system_address(typed) == kept


@pytest.mark.parametrize("typed", ["", "web-1", "192.0.2", "192.0.2.0/33", "fe80::1%eth0", 7, None])
def test_what_is_no_address_is_refused_with_what_was_given(typed: object) -> None:
    with pytest.raises(RuleError) as refused:
        require_system_address(typed, "/addresses/0")
    assert (refused.value.code, refused.value.pointer) == ("system.address_malformed", "/addresses/0")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("WEB-1", "web-1"),
        ("Shop.Example.org.", "shop.example.org"),
        ("*.例子.测试", "*.xn--fsqu00a.xn--0zwm56d"),
        ("支付 系统", "支付 系统"),
    ],
)
def test_names_have_one_form(typed: str, kept: str) -> None:
    assert require_system_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "*.", "a*.b", "*", "a\u200bb", "a\nb", "*.a b", "x" * 201])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(RuleError, match=r"system\.name_malformed"):
        require_system_name(typed)


@given(st.text(max_size=30))
def test_a_name_in_its_form_stays_as_it_is(typed: str) -> None:
    try:
        name = require_system_name(typed)
    except RuleError:
        return
    assert require_system_name(name) == name


def test_every_fault_of_a_list_has_its_place_and_equal_values_are_kept_once() -> None:
    assert require_all(["a", "A", "b"], require_system_name) == ("a", "b")
    with pytest.raises(RuleError) as refused:
        require_all(["x", "192.0.2.1", "y"], require_system_address, "/addresses")
    assert [one.pointer for one in refused.value.all] == ["/addresses/0", "/addresses/2"]


@pytest.mark.parametrize("value", [0, 6, True, "3", None])
def test_a_level_of_protection_is_1_to_5(value: object) -> None:
    assert require_protection_level(5) == 5
    with pytest.raises(RuleError, match=r"system\.protection_level"):
        require_protection_level(value)


def test_a_criticality_is_one_of_three() -> None:
    assert require_criticality("high") == "high"
    with pytest.raises(RuleError, match=r"system\.criticality"):
        require_criticality("severe")
