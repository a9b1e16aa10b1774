"""Rows of a spreadsheet, read column by column with every fault at its cell, and written back."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.text import one_line

Cells = Sequence[str]
NumberedRow = tuple[int, Cells]
"""The number of a row, as the spreadsheet shows it, and its cells."""

_ACTIVE: Final = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet program takes for a formula, also behind marks that were put before it."""

_YES: Final = frozenset({"yes", "true", "1", "是"})
_NO: Final = frozenset({"no", "false", "0", "否", ""})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, how a cell is read and a value written, and further titles of it."""

    name: str
    read: Callable[[str, str], Any]
    write: Callable[[Any], str] = str
    titles: Collection[str] = ()
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that was read: its number, the values of its columns, and whether a cell was faulty."""

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    has_faults: bool = False

    def pointer(self, column: str) -> str:
        """Return the place of a cell, such as `/rows/14/owner`."""
        return cell_pointer(self.number, column)


def cell_pointer(number: int, column: str) -> str:
    """Return the place of a cell by the number of its row and the name of its column."""
    return member(member("/rows", number), column)


def escape_cell(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula; `unescape_cell` returns the text again."""
    return f"'{text}" if _ACTIVE.match(text) else text


def unescape_cell(text: str) -> str:
    """Return a text as it was before `escape_cell`."""
    return text[1:] if text.startswith("'") and _ACTIVE.match(text) else text


def read_table(rows: Sequence[NumberedRow], columns: Sequence[Column], key: str) -> list[TableRow]:
    """Return the rows of a table, whose first row names the columns; empty rows are left out.

    Args:
        rows: with their numbers.
        columns: those that the table may have.
        key: the column whose value is there once.

    Raises:
        RuleError: every fault at its cell, up to a hundred.
    """
    found, faults = scan_table(rows, columns, key)
    raise_all(faults)
    return found


def scan_table(
    rows: Sequence[NumberedRow], columns: Sequence[Column], key: str
) -> tuple[list[TableRow], list[RuleError]]:
    """Return the rows of a table and every fault at its cell; a row lacks its faulty values.

    Raises:
        RuleError: the faults of the first row, without which no other can be read; `table.empty`.
    """
    if not rows:
        raise RuleError("table.empty")
    by_place, faults = _header(rows[0], columns)
    raise_all(faults)
    found, seen = list[TableRow](), dict[Any, int]()
    for number, cells in rows[1:]:
        if any(cell.strip() for cell in cells):
            before = len(faults)
            values = _values(number, cells, by_place, faults)
            row = TableRow(number, values, len(faults) > before)
            value = row.values.get(key)
            if value is not None and value in seen:
                faults.append(
                    RuleError("table.row_double", {"row": seen[value], "key": value}, pointer=row.pointer(key))
                )
            seen.setdefault(value, number)
            found.append(row)
    return found, faults


def raise_by_row(faults: Iterable[RuleError]) -> None:
    """Raise RuleError with faults of cells in the order of their rows, when there are any."""
    raise_all(sorted(faults, key=lambda fault: int(fault.pointer.split("/")[2])))


def write_table(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the cells of rows under a header, escaped, in the form in which `read_table` takes them."""
    body = [[escape_cell(column.write(row[column.name])) for column in columns] for row in rows]
    return [[column.name for column in columns], *body]


def _header(row: NumberedRow, columns: Sequence[Column]) -> tuple[dict[int, Column], list[RuleError]]:
    known = {title.casefold(): column for column in columns for title in (column.name, *column.titles)}
    by_place, faults = dict[int, Column](), list[RuleError]()
    for place, cell in enumerate(row[1]):
        title = unescape_cell(cell).strip()
        column = known.get(title.casefold())
        pointer = cell_pointer(row[0], one_line(title, 40))
        if column is None and title:
            names = [one.name for one in columns]
            faults.append(
                RuleError("table.column_unknown", {"column": one_line(title, 40), "known": names}, pointer=pointer)
            )
        elif column is not None and column in by_place.values():
            faults.append(RuleError("table.column_double", {"column": column.name}, pointer=pointer))
        elif column is not None:
            by_place[place] = column
    for column in columns:
        if column.is_needed and column not in by_place.values():
            faults.append(
                RuleError("table.column_missing", {"column": column.name}, pointer=cell_pointer(row[0], column.name))
            )
    return by_place, faults


def _values(number: int, cells: Cells, by_place: Mapping[int, Column], faults: list[RuleError]) -> dict[str, Any]:
    found = {}
    for place, column in by_place.items():
        text = unescape_cell(cells[place]) if place < len(cells) else ""
        try:
            found[column.name] = column.read(text, cell_pointer(number, column.name))
        except RuleError as fault:
            faults += [
                RuleError(one.code, one.arguments, pointer=cell_pointer(number, column.name)) for one in fault.all
            ]
    return found


def read_truth(text: str, pointer: str) -> bool:
    """Return whether a cell says yes; an empty one says no. Raises RuleError `table.yes_or_no`."""
    word = text.strip().casefold()
    if word not in _YES | _NO:
        raise RuleError("table.yes_or_no", pointer=pointer)
    return word in _YES


def write_truth(value: object) -> str:
    """Return yes or no."""
    return "yes" if value else "no"


def split_cell(text: str) -> list[str]:
    """Return the values of a cell that holds several, separated by commas, semicolons or line breaks."""
    return [one for part in re.split(r"[\r\n,，;；、]", text) if (one := part.strip())]
