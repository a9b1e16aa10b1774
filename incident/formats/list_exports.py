"""Parts of exported lists: lines of CSV for spreadsheet programs, and items of a JSON array."""

import codecs
import gettext
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from incident.core.incidents.listing.export import (
    ExportedIncident,
    ExportWords,
    csv_cells,
    csv_heading,
    json_record,
)
from incident.core.values.affiliation import is_region_code
from incident.data import category_by_code
from incident.data.areas import provinces, sectors
from incident.formats.spreadsheets import csv_lines

MEDIA: Final[Mapping[str, str]] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}

_BETWEEN: Final = b",\n"


def export_words(catalogue: gettext.NullTranslations, language: str, zone: ZoneInfo) -> ExportWords:
    """Return how a file is written in a language."""
    return ExportWords(catalogue.gettext, language, zone, _names(language))


def write_part(
    file_format: str, incidents: Iterable[ExportedIncident], columns: Sequence[str], words: ExportWords
) -> bytes:
    """Return the content of one part of a file."""
    if file_format == "csv":
        return csv_lines(csv_cells(one, columns, words) for one in incidents)
    items = (json.dumps(json_record(one, columns), ensure_ascii=False) for one in incidents)
    return _BETWEEN.join(item.encode() for item in items)


def whole_file(file_format: str, parts: Iterator[bytes], columns: Sequence[str], words: ExportWords) -> Iterator[bytes]:
    """Yield a file from its parts; CSV begins with the byte order mark by which Excel knows UTF-8."""
    if file_format == "csv":
        yield codecs.BOM_UTF8 + csv_lines([csv_heading(columns, words)])
        yield from parts
        return
    yield b"[\n"
    for place, part in enumerate(parts):
        yield _BETWEEN * (place > 0) + part
    yield b"\n]\n"


def _names(language: str) -> Callable[[str, str], str]:
    def name(kind: str, code: str) -> str:
        if kind == "category":
            found = category_by_code().get(code)
            return found.name(language) if found else code
        if kind == "sector":
            whole, slash, part = code.partition("/")
            return f"{sectors()[whole].name(language)}{slash}{part}" if whole in sectors() else code
        if kind == "region" and is_region_code(code) and code[:2] in provinces():
            return f"{provinces()[code[:2]].name(language)} {code}"
        return code

    return name
