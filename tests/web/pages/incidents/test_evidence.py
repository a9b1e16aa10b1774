"""Evidence on the page of an incident, with plain forms."""

import io

import pytest
from werkzeug.test import TestResponse

from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence
from tests.web.office import Browser, Office
from tests.world import rows


def upload(browser: Browser, number: str, *files: tuple[str, bytes], status: int = 303) -> TestResponse:
    data = {"file": [(io.BytesIO(content), name) for name, content in files]}
    answer = browser.client.post(f"/incidents/{number}/evidence", data=data, content_type="multipart/form-data")
    assert answer.status_code == status, answer.text
    return answer


@pytest.fixture
def number(office: Office) -> str:
    return office.open("CERT", "NOC")


def files_of(page: str) -> str:
    return page.partition('id="file-list"')[2].partition("</section>")[0]


def test_a_plain_form_uploads_files(office: Office, number: str) -> None:
    browser = office.browser("responder")
    upload(browser, number, ("invoice.pdf", b"MZ\x90"), ("note.txt", b"text"))
    page = files_of(browser.get(f"/incidents/{number}"))
    assert "invoice.pdf" in page
    assert "Windows program" in page
    assert page.count("The name says another kind of file.") == 1
    assert page.count("In quarantine") == page.count("Not scanned") == 2
    answer = browser.client.get(f"/incidents/{number}/evidence/1/file")
    assert answer.data == b"MZ\x90"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    timeline = browser.get(f"/incidents/{number}")
    assert "File uploaded: invoice.pdf" in timeline
    assert "File downloaded: invoice.pdf" in timeline


def test_a_file_larger_than_a_form_takes_several_parts(office: Office, number: str) -> None:
    content = bytes(range(256)) * (9 << 12)
    upload(office.browser("responder"), number, ("big.bin", content))
    assert office.browser("responder").client.get(f"/incidents/{number}/evidence/1/file").data == content


def test_a_form_without_file_or_with_an_empty_one_says_so(office: Office, number: str) -> None:
    browser = office.browser("responder")
    assert "Choose a file." in upload(browser, number, status=422).text
    assert "The file is empty." in upload(browser, number, ("empty.txt", b""), status=422).text


@pytest.mark.parametrize("name", ["../../x.sh", "a\u202ecod.exe", "字" * 300 + ".txt", "<b>.txt"])
def test_a_strange_name_harms_nobody(office: Office, number: str, name: str) -> None:
    browser = office.browser("responder")
    upload(browser, number, (name, b"text"))
    [row] = office.do(lambda: [one.name for one in rows(Evidence)])
    assert not set(row) & set('/\\<>"\u202e')
    assert len(row) <= 200
    assert "<b>" not in files_of(browser.get(f"/incidents/{number}"))
    assert browser.client.get(f"/incidents/{number}/evidence/1/file").status_code == 200


def test_the_same_file_is_said_to_be_there(office: Office, number: str) -> None:
    browser = office.browser("responder")
    upload(browser, number, ("a.txt", b"text"))
    answer = upload(browser, number, ("b.txt", b"text"))
    assert "said=evidence_repeated" in answer.headers["Location"]
    assert "b.txt" not in files_of(browser.get(f"/incidents/{number}"))


def test_another_person_releases_a_file_and_then_everybody_may_have_it(office: Office, number: str) -> None:
    upload(office.browser("responder"), number, ("a.txt", b"text"))
    own, one = office.browser("responder"), f"/incidents/{number}/evidence/1"
    assert f'action="{one}/release"' not in own.get(f"/incidents/{number}")
    own.post(f"{one}/release", 403)
    reader = office.browser("reader")
    assert "You can download it once a second person has released it." in reader.get(f"/incidents/{number}")
    assert reader.client.get(f"{one}/file").status_code == 403
    boss = office.browser("coordinator")
    assert f'action="{one}/release"' in boss.get(f"/incidents/{number}")
    boss.post(f"{one}/release")
    assert "Released" in files_of(reader.get(f"/incidents/{number}"))
    assert reader.client.get(f"{one}/file").data == b"text"


def test_a_file_is_removed_with_a_reason_and_shown_again(office: Office, number: str) -> None:
    browser, one = office.browser("coordinator"), f"/incidents/{number}/evidence/1"
    upload(browser, number, ("a.txt", b"text"))
    browser.post(f"{one}/remove", 422, removal_reason="")
    browser.post(f"{one}/remove", removal_reason="Of another case")
    page = browser.get(f"/incidents/{number}")
    assert "Of another case" in page
    assert f"{one}/file" not in page
    assert (
        "a.txt"
        not in office.browser("reader")
        .get(f"/incidents/{number}")
        .partition('id="files"')[2]
        .partition("</section>")[0]
    )
    browser.post(f"{one}/restore")
    assert f"{one}/file" in browser.get(f"/incidents/{number}")


def test_an_unfinished_upload_is_shown_to_its_sender_and_cancelled(office: Office, number: str) -> None:
    browser = office.browser("responder")
    browser.client.post(f"/api/v1/incidents/{number}/evidence", json={"name": "big.img", "size": 9_000_000})
    assert "Choose the same file again to go on." in browser.get(f"/incidents/{number}")
    assert "big.img" not in office.browser("coordinator").get(f"/incidents/{number}")
    browser.post(f"/incidents/{number}/evidence/1/cancel")
    assert "big.img" not in files_of(browser.get(f"/incidents/{number}"))


def test_the_bundle_is_for_coordinators(office: Office, number: str) -> None:
    upload(office.browser("responder"), number, ("a.txt", b"text"))
    assert office.browser("responder").client.get(f"/incidents/{number}/evidence.zip").status_code == 403
    answer = office.browser("coordinator").client.get(f"/incidents/{number}/evidence.zip")
    assert answer.data[:2] == b"PK"
    assert "Evidence exported as a signed bundle: a.txt" in office.browser("coordinator").get(f"/incidents/{number}")


def test_readers_and_departments_add_no_files(office: Office, number: str) -> None:
    for role in ("reader", "department"):
        page = office.browser(role).get(f"/incidents/{number}")
        assert 'id="file-list"' in page
        assert 'id="upload"' not in page


SAID = {
    ("clean", None): "Scanned, nothing found",
    ("found", "Eicar-Test-Signature"): "Scanner found Eicar-Test-Signature",
    ("too_large", None): "Too large for the scanner",
    ("damaged", None): "Damaged",
    ("failed", "no memory"): "Could not be scanned",
}


def test_the_page_says_what_the_scanner_said(office: Office, number: str) -> None:
    upload(office.browser("responder"), number, ("note.txt", b"text"))
    browser = office.browser("coordinator")
    with office.app.app_context():
        row = db.session.scalars(db.select(Evidence)).one()
        for (result, detail), said in SAID.items():
            row.scan, row.scan_detail = result, detail
            db.session.commit()
            page = files_of(browser.get(f"/incidents/{number}"))
            assert said in page
            assert ("I have looked at it" in page) == (result != "found")
    shown = browser.client.get(f"/api/v1/incidents/{number}/evidence").get_json()["items"][0]
    assert (shown["scan"], shown["scan_detail"]) == ("failed", "no memory")
