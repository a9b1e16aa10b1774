"""Case folders, registers as workbooks, and text blocks in the API."""

import io
from typing import Any

import openpyxl

from tests.plugins.app import Api
from tests.web.api.deadlines.test_decisions import person
from tests.web.api.documents.test_documents import drafted, signed
from tests.web.api.documents.test_incoming import came
from tests.web.api.documents.test_service_attempts import attempt, sealed
from tests.web.office import Office


def sheet(by: Api, name: str, query: str = "") -> list[tuple[Any, ...]]:
    """The rows of a register as Excel reads them, each cell with its type."""
    answer = by.get(f"/document-registers/{name}.xlsx{query}")
    assert answer.status_code == 200
    rows = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows()
    return [tuple((cell.value, cell.data_type) for cell in row) for row in rows]


def test_a_folder_names_what_is_missing_until_it_is_there(office: Office) -> None:
    duty, number = person(office, "responder"), office.open("CERT")
    folder = duty.seen(f"/incidents/{number}/folder")
    assert (folder["case"], folder["is_complete"], len(folder["missing"])) == ("inspection", False, 5)
    draft = drafted(office, duty, incident=number, kind="inspection-notice", fields={})
    paper = came(office, duty, number, kind="rectification_report")
    parts = duty.seen(f"/incidents/{number}/folder?case=inspection")["parts"]
    assert [one["state"] for one in parts] == ["in_progress", "missing", "missing", "there", "missing"]
    assert (parts[0]["documents"], parts[3]["papers"]) == ([draft["id"]], [paper["id"]])


def test_a_folder_does_not_show_a_work_secret_to_others(office: Office) -> None:
    boss, reader, number = person(office, "coordinator"), person(office, "reader"), office.open("CERT")
    drafted(office, boss, incident=number, kind="inspection-notice", fields={}, marking="work_secret")
    assert boss.seen(f"/incidents/{number}/folder")["parts"][0]["state"] == "in_progress"
    assert reader.seen(f"/incidents/{number}/folder")["parts"][0] == {
        **boss.seen(f"/incidents/{number}/folder")["parts"][0],
        "state": "missing",
        "documents": [],
    }


def test_the_register_of_a_year_has_its_columns_in_order_and_cells_stay_texts(office: Office) -> None:
    boss = person(office, "coordinator")
    done = signed(office, title="=1+1")
    boss.done(f"/documents/{done['id']}/void", {"reason": "wrong"})
    head, row = sheet(boss, "outgoing")
    assert [one for one, _ in head][:4] == ["No.", "Date of issue", "Document number", "Title"]
    assert row[2] == ("X网信〔2026〕1号", "s")
    assert row[3] == ("=1+1", "s")
    assert ("Void: wrong", "s") in row
    assert sheet(boss, "outgoing", "?year=2025") == [head]
    assert sheet(boss, "outgoing", "?exercise=true") == [head]


def test_the_registers_of_papers_and_of_service_hold_what_the_reader_may_see(office: Office) -> None:
    boss, reader = person(office, "coordinator"), person(office, "reader")
    done = sealed(office)
    boss.made(f"/documents/{done['id']}/service", attempt(office, to="@Y", served=False, reason="moved"))
    came(office, boss, title="+x", marking="work_secret")
    came(office, boss, title="-y")
    assert [one[5][0] for one in sheet(reader, "incoming")[1:]] == ["-y"]
    assert [one[5][0] for one in sheet(boss, "incoming")[1:]] == ["+x", "-y"]
    [served] = sheet(reader, "service")[1:]
    assert [one for one, _ in served][4:6] == ["@Y", "In person"]
    assert [one for one, _ in served][-2:] == ["not served", "moved"]
    assert boss.patch(f"/incidents/{done['incident']}", {"tlp": "red"}, headers={"If-Match": "*"}).status_code == 200
    assert len(sheet(reader, "service")) == len(sheet(reader, "outgoing")) == 1


def test_text_blocks_are_replaced_as_a_whole_by_the_version_that_was_read(office: Office) -> None:
    administrator, duty = person(office, "administrator"), person(office, "responder")
    blocks = {"blocks": [{"title": "Remedy", "text": "如不服，可以申请复议。"}]}
    answer = administrator.put("/text-blocks", blocks, headers={"If-Match": '"0-0"'})
    assert (answer.status_code, duty.seen("/text-blocks")) == (200, blocks)
    assert administrator.put("/text-blocks", {"blocks": []}, headers={"If-Match": '"0-0"'}).status_code == 412
    assert administrator.put("/text-blocks", {"blocks": []}, headers={"If-Match": "*"}).json == {"blocks": []}
