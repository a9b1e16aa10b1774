"""Which numbers can be dialled, and which reporters may be called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.reports.calls import dialled, require_callable
from incident.core.values.faults import RuleError


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+86 138-0013-8000", "+8613800138000"),
        ("(010) 1234.5678", "01012345678"),
        ("8012", "8012"),
        ("138 0013 8000 转 5", None),
        ("+", None),
        ("12", None),
        ("1" * 16, None),
        ("１３８００１３８０００", None),
        ("+8613800138000\n", None),
    ],
)
def test_a_number_is_dialled_without_its_blanks_and_nothing_else_is(typed: str, number: str | None) -> None:
    assert dialled(typed) == number


@given(st.text())
def test_what_is_dialled_holds_digits_only(typed: str) -> None:
    number = dialled(typed)
    assert number is None or (number.removeprefix("+").isascii() and number.removeprefix("+").isdigit())


@pytest.mark.parametrize(
    ("protection", "fields", "is_withdrawn", "code"),
    [
        ("protected", ["phone"], False, "call.protected"),
        ("sealed", ["name"], False, "call.no_number"),
        ("anonymous", [], False, "call.no_number"),
        ("sealed", ["phone"], True, "call.withdrawn"),
    ],
)
def test_protected_reporters_and_those_without_a_number_are_not_called(
    protection: str, fields: list[str], is_withdrawn: bool, code: str
) -> None:
    with pytest.raises(RuleError) as raised:
        require_callable(protection, fields, is_withdrawn=is_withdrawn)
    assert raised.value.code == code


def test_a_reporter_whose_number_is_sealed_may_be_called() -> None:
    require_callable("sealed", ["name", "phone"], is_withdrawn=False)
