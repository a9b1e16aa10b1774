"""Spreadsheets as rows of texts: CSV in UTF-8 or GB18030, and workbooks of Office Open XML."""

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Final
from xml.parsers import expat

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from incident.core.values.faults import RuleError, raise_all
from incident.core.values.table import NumberedRow

MEBIBYTE: Final = 1 << 20
MAX_SIZE: Final = 5 * MEBIBYTE
MAX_UNPACKED: Final = 50 * MEBIBYTE
"""Limit (bytes) of a workbook's unpacked parts, which are counted while they are unpacked."""

MAX_PARTS: Final = 1_000
MAX_CELLS: Final = 1_000_000
"""Rows, cells and texts of a part, of each: a packed workbook of some kilobytes can have millions."""

MAX_FURTHER_ELEMENTS: Final = 100_000
"""Other elements of a part, such as its styles."""

MAX_ROW_CELLS: Final = 16_384
"""Cells of a row, also empty ones: as many as a worksheet has columns."""

MAX_MERGED: Final = 100
"""Merged cells that are named."""

MAX_ROWS: Final = 10_000
MAX_COLUMNS: Final = 50
MAX_CELL: Final = 20_000

_CELL_TAGS: Final = frozenset({"row", "c", "v", "is", "t", "si"})
_ZIP: Final = b"PK\x03\x04"
_DELIMITERS: Final = (",", ";", "\t")


def read_sheet(data: bytes) -> list[NumberedRow]:
    """Return the rows of a CSV file, or of the first sheet of a workbook, with their numbers.

    Raises:
        RuleError: `table.too_large`, `table.malformed`, `table.encoding`, `table.too_many_rows`,
            `table.too_many_columns`, and every `table.formula`, `table.merged`, `table.cell_long`.
    """
    if len(data) > MAX_SIZE:
        raise RuleError("table.too_large", {"most": MAX_SIZE // MEBIBYTE})
    return list(_workbook_rows(data) if data.startswith(_ZIP) else _csv_rows(_decoded(data)))


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8 with a mark at its begin, by which Excel knows the encoding."""
    return codecs.BOM_UTF8 + csv_lines(rows)


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as lines of CSV in UTF-8, which may follow others."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def write_workbook(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """Return rows as a workbook of one sheet; every cell is a text."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    for row in rows:
        sheet.append([_text_cell(sheet, text) for text in row])
    stored = io.BytesIO()
    workbook.save(stored)
    return stored.getvalue()


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleError("table.encoding")


def _csv_rows(text: str) -> Iterator[NumberedRow]:
    if "\x00" in text:
        raise RuleError("table.malformed")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            _refuse_size(number, len(cells))
            yield number, _short(number, cells)
    except csv.Error as error:
        raise RuleError("table.malformed") from error


def _refuse_size(number: int, columns: int) -> None:
    if number > MAX_ROWS + 1:
        raise RuleError("table.too_many_rows", {"most": MAX_ROWS})
    if columns > MAX_COLUMNS:
        raise RuleError("table.too_many_columns", {"most": MAX_COLUMNS})


def _short(number: int, cells: list[str]) -> list[str]:
    raise_all(
        RuleError("table.cell_long", {"cell": f"{get_column_letter(place)}{number}", "most": MAX_CELL})
        for place, cell in enumerate(cells, 1)
        if len(cell) > MAX_CELL
    )
    return cells


def _workbook_rows(data: bytes) -> Iterator[NumberedRow]:
    merged = _merged_cells(data)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet: Any = workbook.worksheets[0]
        path = sheet._worksheet_path  # the only way to the part of a sheet that is read row by row
    except Exception as error:  # whatever a broken workbook makes the library raise
        raise RuleError("table.malformed") from error
    raise_all(RuleError("table.merged", {"cells": cells}) for cells in merged.get(path.lstrip("/"), ()))
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except Exception as error:  # as above, in the midst of the sheet
            raise RuleError("table.malformed") from error
        cells = [cell for cell in row if cell.value is not None]
        if cells:
            number = cells[0].row
            _refuse_size(number, cells[-1].column)
            raise_all(RuleError("table.formula", {"cell": cell.coordinate}) for cell in cells if cell.data_type == "f")
            yield number, _short(number, [_text(cell.value) for cell in row[: cells[-1].column]])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _merged_cells(data: bytes) -> dict[str, list[str]]:
    """Return the merged cells of each part of a workbook: read row by row, the library does not name them.

    Refuses a workbook that unpacks to too much (a part is never unpacked beyond its declared size), and entities.
    """
    merged: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise RuleError("table.malformed")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        merged[part.filename] = _merged_in(stream)
    except RuleError:
        raise
    except Exception as error:  # whatever a broken archive or part makes the libraries raise
        raise RuleError("table.malformed") from error
    return merged


def _merged_in(stream: IO[bytes]) -> list[str]:
    """Return the merged cells of a part; no element is kept, as the library keeps those of what it reads."""
    found: list[str] = []
    seen: Counter[str] = Counter()
    row_begin = 0

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal row_begin
        tag = name.rpartition(":")[2]
        seen[tag if tag in _CELL_TAGS else ""] += 1
        if tag == "row":
            row_begin = seen["c"]
        elif tag == "mergeCell" and len(found) < MAX_MERGED:
            found.append(attributes.get("ref", "")[:30])
        if seen[""] > MAX_FURTHER_ELEMENTS or seen[tag] > MAX_CELLS or seen["c"] - row_begin > MAX_ROW_CELLS:
            raise RuleError("table.malformed")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.ParseFile(stream)
    return found


def _refuse_document_type(*_: object) -> None:
    raise RuleError("table.malformed")
