"""Evidence in the API: uploads in parts, downloads that no browser opens, rights, what is recorded."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from incident.core.incidents.evidence import upload
from incident.evidence_settings import EvidenceSettings
from incident.store.db.database import db
from incident.store.incidents.evidence import EvidencePart
from incident.web.security.access_log_writer import ACCESS_LOG
from tests.plugins.app import Api, Speaker, made_app, speaking

CONTENT = b"<script>alert(1)</script>"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def place(boss_sqlite: Api) -> str:
    number = boss_sqlite.made("/incidents", {"title": "Phishing", "departments": ["CERT"]})["number"]
    return f"/incidents/{number}/evidence"


def send_part(api: Api, one: str, content: bytes, offset: Any = 0) -> TestResponse:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
    return api.ask("PATCH", f"{one}/content", data=content, headers=headers)


def uploaded(api: Api, place: str, name: str = "photo.jpg", content: bytes = CONTENT) -> dict[str, Any]:
    begun = api.made(place, {"name": name, "size": len(content)})
    one = f"{place}/{begun['id']}"
    for at in range(0, len(content), upload.PART_SIZE):
        sent = send_part(api, one, content[at : at + upload.PART_SIZE], at)
        assert sent.status_code == 200, sent.text
    answer = api.post(f"{one}/complete")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return answer.json


def test_a_file_is_uploaded_listed_and_downloaded(boss_sqlite: Api, place: str) -> None:
    done = uploaded(boss_sqlite, place)
    assert (done["sha256"], done["media_type"], done["is_disguised"]) == (SHA256, "text/html", True)
    assert (done["scan"], done["is_released"], done["is_repeated"]) == ("not_scanned", False, False)
    assert [one["id"] for one in boss_sqlite.seen(place)["items"]] == [done["id"]]
    answer = boss_sqlite.get(f"{place}/{done['id']}/content")
    assert answer.data == CONTENT
    assert answer.headers["Content-Length"] == str(len(CONTENT))


def test_no_browser_opens_a_download(boss_sqlite: Api, place: str) -> None:
    done = uploaded(boss_sqlite, place, '发票";x=\u202e\r\n.html')
    headers = boss_sqlite.get(f"{place}/{done['id']}/content").headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith('attachment; filename="')
    assert headers["Content-Disposition"].endswith("filename*=UTF-8''%E5%8F%91%E7%A5%A8_%3Bx%3D%20.html")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "no-store"


def test_parts_follow_and_a_broken_off_upload_says_where_to_go_on(
    boss_sqlite: Api, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", 10)
    begun = boss_sqlite.made(place, {"name": "a.bin", "size": len(CONTENT)})
    one = f"{place}/{begun['id']}"
    assert send_part(boss_sqlite, one, CONTENT[:10]).json["received"] == 10  # type: ignore[index]
    late = send_part(boss_sqlite, one, CONTENT[:10])
    assert late.json is not None
    assert (late.status_code, late.json["code"]) == (409, "evidence.wrong_offset")
    early = boss_sqlite.post(f"{one}/complete")
    assert (early.status_code, early.json and early.json["code"]) == (409, "evidence.incomplete")
    for offset, content, status, code in (
        ("x", b"y" * 10, 422, "evidence.no_offset"),
        (10, b"short", 422, "evidence.wrong_part"),
        (10, b"y" * 100, 422, "evidence.more_than_said"),
    ):
        answer = send_part(boss_sqlite, one, content, offset)
        assert (answer.status_code, answer.json and answer.json["code"]) == (status, code)
    [found] = boss_sqlite.seen(place)["items"]
    assert (found["state"], found["received"], found["part_size"]) == ("receiving", 10, 4 << 20)
    assert send_part(boss_sqlite, one, CONTENT[10:20], 10).status_code == 200
    assert send_part(boss_sqlite, one, CONTENT[20:], 20).status_code == 200
    done = boss_sqlite.post(f"{one}/complete")
    again = boss_sqlite.post(f"{one}/complete")
    assert done.json == again.json
    assert boss_sqlite.get(f"{one}/content").data == CONTENT


def test_the_same_file_is_said_to_be_there(boss_sqlite: Api, place: str) -> None:
    first = uploaded(boss_sqlite, place)
    again = uploaded(boss_sqlite, place, "other.html")
    assert (again["id"], again["name"], again["is_repeated"]) == (first["id"], "photo.jpg", True)
    assert len(boss_sqlite.seen(place)["items"]) == 1


def test_a_sender_who_lost_the_answer_completes_again_also_where_the_file_was_there(
    boss_sqlite: Api, place: str
) -> None:
    uploaded(boss_sqlite, place)
    begun = boss_sqlite.made(place, {"name": "other.html", "size": len(CONTENT)})
    one = f"{place}/{begun['id']}"
    send_part(boss_sqlite, one, CONTENT)
    answers = [boss_sqlite.post(f"{one}/complete") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert boss_sqlite.get(one).status_code == 404


def test_a_part_of_more_than_4_mib_is_not_read(boss_sqlite: Api, place: str) -> None:
    begun = boss_sqlite.made(place, {"name": "a.bin", "size": 5 << 20})
    assert send_part(boss_sqlite, f"{place}/{begun['id']}", bytes((4 << 20) + 1)).status_code == 413


def test_faults_are_told_at_their_fields(boss_sqlite: Api, place: str) -> None:
    for given, code in (
        ({"name": "a", "size": 0}, "evidence.empty"),
        ({"name": "a", "size": (1 << 30) + 1}, "evidence.too_large"),
        ({"name": "a\x00b", "size": 1}, "text.unfit"),
        ({"name": "a" * 1001, "size": 1}, "text.too_long"),
    ):
        answer = boss_sqlite.post(place, given)
        assert answer.json is not None
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code)
    made = boss_sqlite.made(place, {"name": "../" + "x" * 300 + ".eml", "size": 1})
    assert made["name"] == "x" * 196 + ".eml"


def test_a_limit_of_the_settings_holds(tmp_path: Path) -> None:
    with made_app(tmp_path / "home", evidence=EvidenceSettings(max_size=10)) as made:
        boss = speaking(made)("coordinator")
        number = boss.made("/incidents", {"title": "Phishing"})["number"]
        answer = boss.post(f"/incidents/{number}/evidence", {"name": "a", "size": 11})
        assert answer.json is not None
        assert answer.json["errors"][0]["detail"] == "The file is too large. The limit is 10 B."


def test_before_its_release_a_file_is_for_who_handles_evidence(
    furnished_sqlite: Speaker, boss_sqlite: Api, place: str
) -> None:
    furnished_sqlite("administrator").made("/departments", {"code": "NOC", "name": "Network"})
    done = uploaded(boss_sqlite, place)
    one = f"{place}/{done['id']}"
    for role, department, status in (
        ("responder", None, 200),
        ("reader", None, 403),
        ("department", "CERT", 403),
        ("department", "NOC", 404),
    ):
        api = furnished_sqlite(role, department)
        assert api.get(f"{one}/content").status_code == status, role
        assert api.post(f"{one}/release").status_code == 403, role
    seen = furnished_sqlite("reader").seen(one)
    assert (seen["content"], seen["sha256"]) == (None, SHA256)


def test_a_red_incident_hides_its_evidence(furnished_sqlite: Speaker, boss_sqlite: Api) -> None:
    number = boss_sqlite.made("/incidents", {"title": "Secret", "tlp": "red"})["number"]
    done = uploaded(boss_sqlite, f"/incidents/{number}/evidence")
    responder, one = furnished_sqlite("responder"), f"/incidents/{number}/evidence/{done['id']}"
    for path in (f"/incidents/{number}/evidence", one, f"{one}/content"):
        assert responder.get(path).status_code == 404
    assert responder.post(f"/incidents/{number}/evidence", {"name": "a", "size": 1}).status_code == 404


def test_a_file_is_not_found_under_another_incident(boss_sqlite: Api, place: str) -> None:
    done = uploaded(boss_sqlite, place)
    other = boss_sqlite.made("/incidents", {"title": "Other"})["number"]
    for path in (f"/incidents/{other}/evidence/{done['id']}", f"/incidents/{other}/evidence/{done['id']}/content"):
        assert boss_sqlite.get(path).status_code == 404


def test_nobody_goes_on_with_the_upload_of_another(furnished_sqlite: Speaker, boss_sqlite: Api, place: str) -> None:
    begun = boss_sqlite.made(place, {"name": "a.bin", "size": 3})
    other, one = furnished_sqlite("coordinator"), f"{place}/{begun['id']}"
    assert send_part(other, one, b"abc").status_code == 404
    assert other.delete(one).status_code == 404
    assert other.seen(place)["items"] == []
    assert boss_sqlite.delete(one).status_code == 204
    assert boss_sqlite.get(one).status_code == 404


def test_a_changed_part_is_never_sent(boss_sqlite: Api, place: str, sqlite_app: Flask) -> None:
    done = uploaded(boss_sqlite, place)
    with sqlite_app.app_context():
        db.session.execute(update(EvidencePart).values(content=bytes(60)))
        db.session.commit()
    answer = boss_sqlite.get(f"{place}/{done['id']}/content")
    assert (answer.status_code, answer.json and answer.json["code"]) == (410, "evidence.damaged")


def test_a_removed_file_is_seen_by_who_may_remove_it(furnished_sqlite: Speaker, boss_sqlite: Api, place: str) -> None:
    done = uploaded(boss_sqlite, place)
    one = f"{place}/{done['id']}"
    assert furnished_sqlite("responder").post(f"{one}/remove", {"reason": "x"}).status_code == 403
    assert boss_sqlite.post(f"{one}/remove", {}).status_code == 422
    removed = boss_sqlite.post(f"{one}/remove", {"reason": "Of another case"})
    assert removed.json is not None
    assert (removed.json["state"], removed.json["removal_reason"]) == ("removed", "Of another case")
    assert removed.json["sha256"] == SHA256
    assert boss_sqlite.get(f"{one}/content").status_code == 409
    assert furnished_sqlite("reader").get(one).status_code == 404
    assert boss_sqlite.post(f"{one}/restore").status_code == 200
    assert boss_sqlite.get(f"{one}/content").data == CONTENT


def test_the_custody_is_in_the_journal_and_each_download_in_the_access_log(
    boss_sqlite: Api, place: str, sqlite_app: Flask
) -> None:
    done = uploaded(boss_sqlite, place)
    boss_sqlite.get(f"{place}/{done['id']}/content")
    entries = boss_sqlite.seen(f"{place.removesuffix('/evidence')}/journal")["items"]
    custody = {one["verb"]: one["detail"] for one in entries if one["subject"] == f"evidence:{done['id']}"}
    assert set(custody) == {"evidence.uploaded", "evidence.downloaded"}
    assert custody["evidence.uploaded"]["sha256"] == SHA256
    sqlite_app.extensions[ACCESS_LOG].flush()
    reads = speaking(sqlite_app)("administrator").seen("/access-log?kind=evidence")["items"]
    assert [(one["kind"], one["identifier"]) for one in reads] == [("evidence", str(done["id"]))]
