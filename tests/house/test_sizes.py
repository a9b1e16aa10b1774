"""Limits of the size of functions and files."""

import statistics

import pytest

from tests.house import source

# Tables of data and forms may be longer than code.
LONGEST_FILE = 330
LONGEST_FUNCTION = 60


def lengths() -> list[int]:
    return sorted(source.length(function) for file in source.files("incident") for function in source.functions(file))


def test_no_file_of_the_program_is_longer_than_one_can_hold_in_mind() -> None:
    long = {source.shown(file): len(file.read_text("utf-8").splitlines()) for file in source.files("incident")}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_page() -> None:
    long = {
        f"{source.shown(file)}:{function.lineno} {function.name}": source.length(function)
        for file in source.files("incident", "tools")
        for function in source.functions(file)
    }
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize(("share", "most"), [(50, 8), (90, 25)])
def test_most_functions_are_short(share: int, most: int) -> None:
    assert statistics.quantiles(lengths(), n=100)[share - 1] <= most
