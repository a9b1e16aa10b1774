"""Pages of case folders, registers and text blocks."""

from tests.web.api.documents.test_documents import signed
from tests.web.office import Office
from tests.web.pages.documents.test_document_pages import draft, words


def test_the_folder_names_what_is_missing(office: Office) -> None:
    number = office.open("CERT")
    page = words(office.browser("reader", "zh_Hans_CN").get(f"/incidents/{number}/folder"))
    assert "案卷缺少： 检查通知书" in page
    assert "复查意见书" in page


def test_a_register_is_printed_and_downloaded(office: Office) -> None:
    done = signed(office)
    reader = office.browser("reader")
    page = reader.get("/documents/registers/outgoing?year=2026")
    assert done["number"] in page
    assert "Nothing is registered in this year." in words(reader.get("/documents/registers/outgoing?year=2025"))
    assert reader.client.get("/documents/registers/service/workbook").data.startswith(b"PK")
    reader.get("/documents/registers/other", 404)


def test_a_text_block_is_written_once_and_put_into_a_field_without_losing_what_was_typed(office: Office) -> None:
    administrator, duty = office.browser("administrator"), office.browser("responder")
    blocks = "/documents/text-blocks"
    refused = administrator.post(blocks, 422, version="0", title=["Remedy", ""], text=["", ""])
    assert "Remedy" in refused.text
    administrator.post(blocks, version="0", title=["Remedy", ""], text=["如不服，可以申请复议。", ""])
    place = draft(office, duty)
    given = {"form": "words", "version": "1", "title": "My title", "marking": "none", "words:reasons": "已写内容"}
    page = duty.post(f"{place}/change", 200, **given, insert="reasons", **{"block:reasons": "Remedy"}).text
    assert "已写内容\n如不服，可以申请复议。" in page
    assert "My title" in page
    assert "已写内容" not in duty.get(place)
