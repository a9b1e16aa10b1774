"""Codes and identifiers."""

import pytest

from incident.core.incidents.grade import GRADES, ROMAN, require_grade
from incident.core.values.faults import RuleError
from incident.core.values.identifier import is_code, is_number, require_code


@pytest.mark.parametrize("code", ["soc", "SOC-1", "a", "110000.wxb_2", "网信办", "x" * 64])
def test_a_code_is_letters_digits_and_a_few_marks(code: str) -> None:
    assert require_code(code) == code
    assert is_code(code)


@pytest.mark.parametrize("code", ["", "-soc", "soc.", "a b", "a/b", "x" * 65, "soc\n", "a\x00", None, 7, "../etc"])
def test_what_does_not_fit_into_an_address_is_no_code(code: object) -> None:
    with pytest.raises(RuleError) as caught:
        require_code(code, "/code")
    assert (caught.value.code, caught.value.pointer) == ("code.malformed", "/code")


@pytest.mark.parametrize(
    "text", ["INC-2026-1", "inc-2026-000001", "INC-26-000001", "INC-2026-000001 ", "", "-2026-000001"]
)
def test_other_shapes_are_no_numbers(text: str) -> None:
    assert not is_number(text)


def test_there_are_four_grades_and_each_has_its_sign() -> None:
    assert [require_grade(grade) for grade in GRADES] == [1, 2, 3, 4]
    assert [ROMAN[grade] for grade in GRADES] == ["I", "II", "III", "IV"]


@pytest.mark.parametrize("grade", [0, 5, True, "1", 1.0, None])
def test_anything_else_is_no_grade(grade: object) -> None:
    with pytest.raises(RuleError) as caught:
        require_grade(grade, "/grade")
    assert (caught.value.code, caught.value.pointer) == ("grade.unknown", "/grade")


def test_a_code_holds_no_letter_that_is_drawn_as_nothing() -> None:
    with pytest.raises(RuleError) as raised:
        require_code("NOC\u3164", "/code")
    assert (raised.value.code, raised.value.pointer) == ("name.invisible", "/code")
    assert not is_code("NOC\u3164")
