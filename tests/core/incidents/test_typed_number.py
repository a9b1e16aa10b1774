"""Incident numbers as people type them into a search."""

import pytest

from incident.core.incidents.typed_number import numbers_meant


@pytest.mark.parametrize("typed", ["INC-2026-000042", "inc-2026-000042", " #INC-2026-42 ", "inc-2026-42"])
def test_a_number_is_meant_whole_in_any_case_and_without_its_zeros(typed: str) -> None:
    assert numbers_meant(typed, 2026) == ("INC-2026-000042",)


def test_the_last_digits_mean_incidents_and_exercises_of_this_year_first() -> None:
    meant = ("INC-2026-000042", "DRL-2026-000042", "INC-2025-000042", "DRL-2025-000042")
    assert numbers_meant("42", 2026) == meant
    assert numbers_meant("#42", 2026) == meant


@pytest.mark.parametrize("typed", ["", "phishing", "4242424242", "203.0.113.7", "INC-x-3", "٤٢", "INC-2026-"])
def test_anything_else_means_no_number(typed: str) -> None:
    assert numbers_meant(typed, 2026) == ()
