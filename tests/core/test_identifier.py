"""Codes and identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.faults import RuleError
from incident.core.grade import CHINESE, GRADES, ROMAN, WORDS, require_grade
from incident.core.identifier import is_number, named, require_code


@pytest.mark.parametrize("code", ["soc", "SOC-1", "a", "110000.wxb_2", "网信办", "x" * 64])
def test_a_code_is_letters_digits_and_a_few_marks(code: str) -> None:
    assert require_code(code) == code


@pytest.mark.parametrize("code", ["", "-soc", "soc.", "a b", "a/b", "x" * 65, "soc\n", "a\x00", None, 7, "../etc"])
def test_what_does_not_fit_into_an_address_is_no_code(code: object) -> None:
    with pytest.raises(RuleError) as caught:
        require_code(code, "/code")
    assert (caught.value.code, caught.value.pointer) == ("code.malformed", "/code")


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_identifiers_are_as_different_as_their_bytes(one: bytes, other: bytes) -> None:
    assert (named("msg", one) == named("msg", other)) == (one == other)
    assert named("msg", one).startswith("msg_")
    assert len(named("msg", one)) == 30


def test_an_identifier_of_few_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="random"):
        named("msg", b"123456789")


@pytest.mark.parametrize(
    "text", ["INC-2026-1", "inc-2026-000001", "INC-26-000001", "INC-2026-000001 ", "", "-2026-000001"]
)
def test_other_shapes_are_no_numbers(text: str) -> None:
    assert not is_number(text)


def test_there_are_four_grades_and_each_has_its_names() -> None:
    assert [require_grade(grade) for grade in GRADES] == [1, 2, 3, 4]
    assert set(ROMAN) == set(CHINESE) == set(WORDS) == set(GRADES)
    assert CHINESE[1] == "特别重大"


@pytest.mark.parametrize("grade", [0, 5, True, "1", 1.0, None])
def test_anything_else_is_no_grade(grade: object) -> None:
    with pytest.raises(RuleError) as caught:
        require_grade(grade, "/grade")
    assert (caught.value.code, caught.value.pointer) == ("grade.unknown", "/grade")
