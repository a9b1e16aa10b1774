"""Spreadsheets are read within limits, with a fault for whatever would be misread, and written back unchanged."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.values.faults import RuleError
from incident.formats import spreadsheets
from incident.formats.spreadsheets import read_sheet, write_csv, write_workbook

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=12).map(
    lambda text: text.replace("\ufeff", "").replace("\ufffe", "").replace("\uffff", "")
)
TABLES = st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=4).map(
    lambda rows: [["a", "b", "c"], *rows]
)


def workbook(fill: Any) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def codes(data: bytes) -> list[tuple[str, Any]]:
    with pytest.raises(RuleError) as refused:
        read_sheet(data)
    return [(one.code, one.arguments.get("cell") or one.arguments.get("cells")) for one in refused.value.all]


@given(TABLES)
def test_csv_that_was_written_is_read_unchanged(rows: list[list[str]]) -> None:
    assert [list(cells) for _, cells in read_sheet(write_csv(rows))] == rows


def test_a_workbook_that_was_written_is_read_unchanged() -> None:
    rows = [["code", "name"], ["A", "=1+1"], ["乙", "two\nlines"], ["007", "1.50"]]
    assert read_sheet(write_workbook(rows, "systems")) == list(enumerate(rows, 1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_encodings_and_separators_of_spreadsheet_programs_are_known(encoding: str, mark: str) -> None:
    data = f"code{mark}name\r\nPAY{mark}支付系统\r\n".encode(encoding)
    assert read_sheet(data) == [(1, ["code", "name"]), (2, ["PAY", "支付系统"])]


def test_values_of_cells_become_texts() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["code", 3, 3.0, 1.5, True, None, "x"])

    assert read_sheet(workbook(fill))[0][1] == ["code", "3", "3", "1.5", "yes", "", "x"]


def test_formulas_and_merged_cells_are_named() -> None:
    def formulas(sheet: Any) -> None:
        sheet.append(["code", "name"])
        sheet.append(["A", "=1+1"])
        sheet["A3"] = '=HYPERLINK("http://x")'

    def merged(sheet: Any) -> None:
        sheet.append(["code", "name"])
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("B2:C2")

    assert codes(workbook(formulas)) == [("table.formula", "B2")]
    assert codes(workbook(merged)) == [("table.merged", "A2:A4"), ("table.merged", "B2:C2")]


def test_too_many_rows_columns_and_characters_are_refused() -> None:
    assert codes(b"a\n" * (spreadsheets.MAX_ROWS + 2))[0][0] == "table.too_many_rows"
    assert codes(b"," * 51)[0][0] == "table.too_many_columns"
    assert codes(b"a," + b"x" * 20_001) == [("table.cell_long", "B1")]
    assert codes(b"x" * (spreadsheets.MAX_SIZE + 1))[0][0] == "table.too_large"

    def wide(sheet: Any) -> None:
        sheet.cell(2, 60, "x")
        sheet.cell(2, 1, "x")
        sheet.cell(2, 51, "x")

    assert codes(workbook(wide))[0][0] == "table.too_many_columns"


def packed(**parts: bytes) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.xml", content)
    return stored.getvalue()


def with_entity(data: bytes, name: str) -> bytes:
    """The workbook with an entity in one of its parts."""
    stored = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stored, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, b'<!DOCTYPE x [<!ENTITY e "e">]>' + content if part == name else content)
    return stored.getvalue()


def test_zip_bombs_entities_and_broken_workbooks_are_refused() -> None:
    bomb = packed(**{f"part{n}": bytes(30 << 20) for n in range(4)})
    assert len(bomb) < spreadsheets.MAX_SIZE
    assert codes(bomb)[0][0] == "table.malformed"
    good = workbook(lambda sheet: sheet.append(["code"]))
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"):
        assert codes(with_entity(good, name)) == [("table.malformed", None)], name
    for end in (10, 200, len(good) // 2, len(good) - 30):
        assert codes(good[:end])[0][0] == "table.malformed"
    assert codes(b"a\x00b")[0][0] == "table.malformed"
    assert codes(b"\xff\xff\xff")[0][0] == "table.encoding"


def with_elements(data: bytes, name: str, begin: bytes, element: bytes, times: int, end: bytes) -> bytes:
    """The workbook with many elements in one of its parts."""
    space = b' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    stored = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for part in old.namelist():
            content = begin.replace(b">", space + b">", 1) + element * times + end
            new.writestr(part, content if part == name else old.read(part))
    return stored.getvalue()


@pytest.mark.parametrize(
    ("name", "begin", "element", "times", "end"),
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>", b"<row/>", 1_000_001, b"</sheetData></worksheet>"),
        (
            "xl/worksheets/sheet1.xml",
            b"<worksheet><sheetData><row>",
            b"<c/>",
            16_385,
            b"</row></sheetData></worksheet>",
        ),
        ("xl/styles.xml", b"<styleSheet><cellXfs>", b"<xf/>", 100_001, b"</cellXfs></styleSheet>"),
    ],
    ids=["rows", "cells of a row", "styles"],
)
def test_a_small_workbook_of_millions_of_elements_is_refused(
    name: str, begin: bytes, element: bytes, times: int, end: bytes
) -> None:
    data = with_elements(workbook(lambda sheet: sheet.append(["code"])), name, begin, element, times, end)
    assert len(data) < 20_000
    assert codes(data) == [("table.malformed", None)]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for given_data in (data, b"PK\x03\x04" + data):
        try:
            read_sheet(given_data)
        except RuleError:
            continue
