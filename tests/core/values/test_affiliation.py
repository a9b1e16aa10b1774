"""Sector, region and campaign of an incident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.affiliation import is_in_region, is_in_sector, region_stem, require_area
from incident.core.values.faults import RuleError

CODES = st.integers(11, 82).flatmap(
    lambda province: st.lists(st.integers(1, 99), max_size=2).map(
        lambda rest: f"{province}" + "".join(f"{part:02}" for part in rest)
    )
)


@pytest.mark.parametrize(
    ("region", "wanted", "is_inside"),
    [
        ("330106", "33", True),
        ("330106", "330000", True),
        ("330106", "3301", True),
        ("330106", "330100", True),
        ("330106", "330106", True),
        ("330106001", "330106", True),
        ("330206", "330100", False),
        ("33", "3301", False),
        ("330000", "33", True),
        ("33", "330000", True),
        ("100000", "10", True),
        ("333", "33", False),
        ("33 Main Street", "33", False),
        ("华东", "华东", True),
        ("华东地区", "华东", False),
        (None, "33", False),
    ],
)
def test_a_region_lies_in_another_by_its_digits_and_by_words_only_in_itself(
    region: str | None, wanted: str, is_inside: bool
) -> None:
    assert is_in_region(region, wanted) is is_inside


@given(CODES, CODES, CODES)
def test_lying_in_a_region_is_handed_on(one: str, other: str, third: str) -> None:
    assert is_in_region(one, one)
    if is_in_region(one, other) and is_in_region(other, third):
        assert is_in_region(one, third)


@given(CODES)
def test_a_code_filled_up_with_zeros_is_the_same_region(code: str) -> None:
    filled = code.ljust(6, "0")
    assert region_stem(filled) == region_stem(code)
    assert is_in_region(filled, code)
    assert is_in_region(code, filled)


def test_a_sector_holds_its_parts_and_not_what_only_begins_alike() -> None:
    assert is_in_sector("energy/electricity", "energy")
    assert not is_in_sector("energy", "energy/electricity")
    assert not is_in_sector("energy-saving", "energy")
    assert not is_in_sector(None, "energy")


@pytest.mark.parametrize("value", [None, 7, "", " ", "a\nb", "x" * 61, " energy", "a\x00"])
def test_what_is_no_word_on_one_line_is_refused(value: object) -> None:
    with pytest.raises(RuleError) as caught:
        require_area(value, "/sector")
    assert (caught.value.code, caught.value.pointer) == ("area.malformed", "/sector")
