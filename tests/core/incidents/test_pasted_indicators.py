"""Pasted indicators: thousands of lines, defanged or plain, repeated, and with faults by line."""

import time

import pytest

from incident.core.incidents.indicator import Indicator
from incident.core.incidents.pasted_indicators import MAX_LINES, read_pasted
from incident.core.values.faults import RuleError


def test_defanged_and_plain_lines_are_the_same_indicator() -> None:
    text = (
        "hxxps://evil[.]example/a\nhttps://evil.example/a\n\n# from the mail\n"
        ' "198.51[.]100.7", \r\nli[at]evil(.)example\naccount root\n'
    )
    pasted = read_pasted(text)
    assert pasted.found == (
        Indicator("url", "https://evil.example/a"),
        Indicator("ipv4", "198.51.100.7"),
        Indicator("email", "li@evil.example"),
        Indicator("account", "root"),
    )
    assert (pasted.repeated, pasted.faults) == (1, ())


def test_each_faulty_line_is_named_by_its_number() -> None:
    pasted = read_pasted("\nnot an indicator\n198.51.100.7\nipv4 evil.example\n", "/text")
    assert [(one.code, one.arguments["line"], one.pointer) for one in pasted.faults] == [
        ("indicator.line", 2, "/text"),
        ("indicator.line", 4, "/text"),
    ]
    assert [one.value for one in pasted.found] == ["198.51.100.7"]


def test_five_thousand_lines_are_read_at_once_and_more_are_refused() -> None:
    lines = [f"hxxp://h{number}[.]example[.]org/x?id={number}" for number in range(MAX_LINES - 2)]
    began = time.perf_counter()
    pasted = read_pasted("\n".join([*lines, lines[0], "?"]))
    assert (len(pasted.found), pasted.repeated, len(pasted.faults)) == (MAX_LINES - 2, 1, 1)
    assert time.perf_counter() - began < 10
    with pytest.raises(RuleError, match=r"indicator\.too_many_lines"):
        read_pasted("\n".join(["a.test"] * (MAX_LINES + 1)))


@pytest.mark.parametrize("text", ["", " \n\n", "# only a remark"])
def test_nothing_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match=r"indicator\.nothing_pasted"):
        read_pasted(text)
