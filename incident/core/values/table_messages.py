"""Error messages about spreadsheets and their cells, by code."""

from collections.abc import Mapping
from typing import Final

from incident.core.values.marking import N_

TABLE_FAULT_WORDS: Final[Mapping[str, str]] = {
    "table.cell_long": N_("The cell {cell} has more than {most} characters."),
    "table.column_double": N_("The column {column} appears twice."),
    "table.column_missing": N_("The column {column} is missing."),
    "table.column_unknown": N_("There is no column {column}. The columns are: {known}."),
    "table.empty": N_("The file has no rows. The first row names the columns."),
    "table.encoding": N_("The text of this file is neither UTF-8 nor GB18030. Save it as “CSV UTF-8”."),
    "table.formula": N_("The cell {cell} contains a formula. Replace it with its value."),
    "table.malformed": N_("Choose a CSV file or a workbook (.xlsx)."),
    "table.merged": N_("The cells {cells} are merged. Unmerge them and fill in each one."),
    "table.row_double": N_("Row {row} already contains {key}."),
    "table.stale": N_("Something has changed since this preview. Look at the new preview, then confirm it."),
    "table.too_large": N_("The file is too large. The limit is {most} MiB."),
    "table.too_many_columns": N_("There are more than {most} columns."),
    "table.too_many_rows": N_("There are more than {most} rows. Divide the file."),
    "table.yes_or_no": N_("Write yes or no."),
}
