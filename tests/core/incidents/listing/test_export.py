"""Rules of exports: the cells of a spreadsheet, the records for programs, and the limits."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from incident.core.incidents.grade import WORDS as GRADE_WORDS
from incident.core.incidents.listing import export
from incident.core.incidents.listing.export import ExportedIncident, ExportWords
from incident.core.incidents.listing.tabs import COLUMNS
from incident.core.values.faults import RuleError

AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
SCAN = ExportedIncident(
    number="INC-2026-000001",
    title="Scan of the mail server",
    status="handling",
    grade=2,
    tlp="amber+strict",
    opened_at=AT,
    changed_at=AT + dt.timedelta(minutes=5),
    category="NASCAN",
    source="manual",
    region="330100",
    sector="energy/grid",
    owner=("li.wei", "Li Wei"),
    departments=(("CERT", "Emergency response"), ("NOC", "Network operations")),
    answers="exhausted",
    next_due_at=AT + dt.timedelta(hours=1),
)
WORDS = ExportWords(str.upper, "en", ZoneInfo("Asia/Shanghai"), lambda kind, code: f"{kind} {code}")


def test_a_line_for_people_has_words_names_and_times_with_their_zone() -> None:
    cells = dict(zip(export.csv_heading(COLUMNS, WORDS), export.csv_cells(SCAN, COLUMNS, WORDS), strict=True))
    assert cells == {
        "NUMBER": "INC-2026-000001",
        "TITLE": "Scan of the mail server",
        "STATUS": "IN PROGRESS",
        "GRADE": GRADE_WORDS[2].upper(),
        "TLP": "AMBER+STRICT",
        "OWNER": "Li Wei",
        "DEPARTMENTS": "Emergency response; Network operations",
        "ANSWERS": "NO ONE ACKNOWLEDGED",
        "NEXT DEADLINE": "2026-03-02T10:00:00+08:00",
        "OPENED": "2026-03-02T09:00:00+08:00",
        "LAST CHANGE": "2026-03-02T09:05:00+08:00",
        "CATEGORY": "category NASCAN",
        "SOURCE": "CREATED MANUALLY",
        "REGION": "region 330100",
        "SECTOR": "sector energy/grid",
    }


def test_a_record_for_programs_has_codes_and_moments_in_utc() -> None:
    assert export.json_record(SCAN, ("owner", "departments", "answers", "due", "opened")) == {
        "number": "INC-2026-000001",
        "title": "Scan of the mail server",
        "status": "handling",
        "grade": 2,
        "tlp": "amber+strict",
        "owner": {"login": "li.wei", "name": "Li Wei"},
        "departments": ["CERT", "NOC"],
        "answers": "exhausted",
        "next_due_at": "2026-03-02T02:00:00.000000Z",
        "opened_at": "2026-03-02T01:00:00.000000Z",
    }


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "'=1"])
def test_no_cell_is_taken_for_a_formula(title: str) -> None:
    cells = export.csv_cells(replace(SCAN, title=title), (), WORDS)
    assert cells[1] == f"'{title}"
    assert export.json_record(replace(SCAN, title=title), ())["title"] == title, "programs get the text as it is"


def test_what_is_unknown_is_an_empty_cell() -> None:
    bare = replace(SCAN, grade=None, owner=None, departments=(), answers=None, category=None, region=None, sector=None)
    bare = replace(bare, next_due_at=None)
    cells = export.csv_cells(bare, ("due", "owner", "departments", "answers", "category", "region", "sector"), WORDS)
    assert cells == ["INC-2026-000001", "Scan of the mail server", "IN PROGRESS", "", "AMBER+STRICT", *[""] * 7]


def test_an_export_is_divided_into_parts_of_one_transaction_each() -> None:
    parts = list(export.parts_of(range(2 * export.PART_ROWS + 1)))
    assert [len(part) for part in parts] == [export.PART_ROWS, export.PART_ROWS, 1]
    assert [one for part in parts for one in part] == list(range(2 * export.PART_ROWS + 1))
    assert list(export.parts_of([])) == []


def test_a_person_has_some_exports_at_a_time() -> None:
    export.require_room_for_export(export.MAX_EXPORTS - 1)
    with pytest.raises(RuleError, match=r"export\.too_many"):
        export.require_room_for_export(export.MAX_EXPORTS)


def test_the_file_is_named_by_the_local_time_at_which_it_was_asked_for() -> None:
    assert export.file_name("csv", AT, ZoneInfo("Asia/Shanghai")) == "incidents-2026-03-02-0900.csv"
