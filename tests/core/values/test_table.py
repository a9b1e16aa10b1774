"""Tables: every fault at its cell, and no cell that a spreadsheet program takes for a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.systems.spreadsheet import SYSTEM_COLUMNS
from incident.core.values.faults import RuleError
from incident.core.values.table import escape_cell, read_table, unescape_cell

HEADER = ["code", "name", "protection_level", "criticality", "addresses", "is_active"]


def faults(*rows: list[str], header: list[str] = HEADER) -> dict[str, str]:
    with pytest.raises(RuleError) as refused:
        read_table(list(enumerate([header, *rows], 1)), SYSTEM_COLUMNS, "code")
    return {one.pointer: one.code for one in refused.value.all}


@given(st.text(max_size=10))
def test_a_cell_is_escaped_and_comes_back(text: str) -> None:
    escaped = escape_cell(text)
    assert unescape_cell(escaped) == text
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_every_fault_is_at_its_cell() -> None:
    assert faults(
        ["A", "One", "9", "grave", "nowhere", "perhaps"],
        ["", ""],
        ["a b", " ", "3", "高", "192.0.2.1", "是"],
        ["A", "Again", "", "", "", ""],
    ) == {
        "/rows/2/protection_level": "system.protection_level",
        "/rows/2/criticality": "system.criticality",
        "/rows/2/addresses": "system.address_malformed",
        "/rows/2/is_active": "table.yes_or_no",
        "/rows/4/code": "code.malformed",
        "/rows/4/name": "document.not_a_text",
        "/rows/5/code": "table.row_double",
    }


def test_columns_are_known_by_their_names_and_titles_in_any_order() -> None:
    rows = [(1, ["名称", "Code", "等保级别"]), (3, ["支付", "PAY", "3"])]
    [row] = read_table(rows, SYSTEM_COLUMNS, "code")
    assert (row.number, dict(row.values)) == (3, {"name": "支付", "code": "PAY", "protection_level": 3})


def test_unknown_double_and_missing_columns_are_refused() -> None:
    assert faults(header=["code", "colour", "Code"]) == {
        "/rows/1/colour": "table.column_unknown",
        "/rows/1/Code": "table.column_double",
        "/rows/1/name": "table.column_missing",
    }
    with pytest.raises(RuleError, match=r"table\.empty"):
        read_table([], SYSTEM_COLUMNS, "code")
