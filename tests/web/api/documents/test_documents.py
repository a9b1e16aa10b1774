"""Official documents in the API: drafted, signed in order, numbered, and seen by whom they may be."""

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest

from incident.actions.documents import document_files
from incident.actions.documents.document_files import make_next_file
from incident.formats.papers.compiling import MEDIA, PaperError
from tests.plugins.app import Api
from tests.web.api.deadlines.test_decisions import person, refused
from tests.web.office import Office

WORDS = {
    "issuer": "X市网信办",
    "addressee": "X省网信办",
    "reasons": "攻击仍在持续。",
    "matters": "请支援流量清洗。",
    "contact": "李伟，010-0000",
}
SERIES = {"series": [{"series": one, "word": "X网信"} for one in ("report", "rectification")]}


def numbered(office: Office) -> Api:
    """An administrator, after the series have their issuer words."""
    administrator = person(office, "administrator")
    assert administrator.put("/document-series", SERIES, headers={"If-Match": "*"}).status_code == 200
    return administrator


def drafted(office: Office, by: Api, **more: Any) -> Any:
    """A complete request for instructions about a new incident."""
    number = more.pop("incident", None) or office.open("CERT")
    headers = more.pop("headers", {})
    given = {"kind": "request-for-instructions", "incident": number, "fields": WORDS} | more
    return by.made("/documents", given, headers=headers)


def signed(office: Office, **more: Any) -> Any:
    """A document after the signature of a third person."""
    numbered(office)
    drafter, reviewer, signer = (person(office, role) for role in ("responder", "coordinator", "administrator"))
    made = drafted(office, drafter, **more)
    drafter.done(f"/documents/{made['id']}/submit")
    reviewer.done(f"/documents/{made['id']}/review")
    return signer.done(f"/documents/{made['id']}/sign")


def test_a_document_is_drafted_from_facts_reviewed_signed_numbered_sealed_and_archived(office: Office) -> None:
    done = signed(office)
    assert (done["state"], done["number"]) == ("signed", "X网信〔2026〕1号")
    assert [(one["step"], one["by"].split(":")[0]) for one in done["sign_offs"]] == [
        ("draft", "person"),
        ("review", "person"),
        ("sign", "person"),
    ]
    assert {one["content_hash"] for one in done["sign_offs"]} == {done["content_hash"]}
    boss = person(office, "coordinator")
    assert boss.done(f"/documents/{done['id']}/seal")["awaits"] is None
    assert boss.done(f"/documents/{done['id']}/archive")["state"] == "archived"
    assert refused(boss.post(f"/documents/{done['id']}/void", {"reason": "x"})) == (
        409,
        "official_document.is_archived",
    )


def test_a_document_of_a_red_incident_does_not_exist_for_others_not_even_by_its_number(office: Office) -> None:
    done = signed(office, incident=office.open("CERT"))
    boss, reader = person(office, "coordinator"), person(office, "reader")
    assert [one["number"] for one in reader.seen("/documents?q=〔2026〕1")["items"]] == [done["number"]]
    number = done["incident"]
    version = {"If-Match": "*"}
    assert boss.patch(f"/incidents/{number}", {"tlp": "red"}, headers=version).status_code == 200
    for path in ("", ".json", ".html", ".pdf", ".docx", "/"):
        assert reader.client.get(f"/api/v1/documents/{done['id']}{path}").status_code == 404
    assert reader.seen("/documents?q=〔2026〕1")["items"] == []
    assert refused(person(office, "responder").post("/documents", {"kind": "circular", "incident": number})) == (
        422,
        "official_document.incident_unknown",
    )
    assert boss.seen("/documents?q=〔2026〕1")["items"][0]["id"] == done["id"]


def test_a_work_secret_is_seen_by_coordinators_and_its_drafter_and_is_nowhere_for_others(office: Office) -> None:
    drafter, reader, number = person(office, "responder"), person(office, "reader"), office.open("CERT")
    made = drafted(office, drafter, incident=number, marking="work_secret", title="zqsecret")
    assert drafter.seen(f"/documents/{made['id']}")["marking"] == "work_secret"
    assert person(office, "coordinator").seen("/documents?state=draft")["items"][0]["title"] == "zqsecret"
    assert reader.get(f"/documents/{made['id']}").status_code == 404
    assert reader.seen("/documents")["items"] == []
    assert "zqsecret" not in reader.get(f"/incidents/{number}/journal").text
    assert "zqsecret" in person(office, "coordinator").get(f"/incidents/{number}/journal").text


@pytest.mark.parametrize("marking", ["秘密", "top_secret"])
def test_a_state_secret_is_refused_with_what_to_do_instead(office: Office, marking: str) -> None:
    given = {"kind": "circular", "incident": office.open("CERT"), "marking": marking}
    answer = person(office, "responder").post("/documents", given)
    assert refused(answer)[0] == 422
    assert "approved for its level" in answer.text


def test_a_change_needs_the_version_that_was_read_and_voids_the_sign_offs(office: Office) -> None:
    drafter, reviewer = person(office, "responder"), person(office, "coordinator")
    made = drafted(office, drafter)
    place = f"/documents/{made['id']}"
    drafter.done(f"{place}/submit")
    tag = reviewer.post(f"{place}/review").headers["ETag"]
    assert drafter.patch(place, {"title": "x"}).status_code == 428
    assert drafter.patch(place, {"title": "x"}, headers={"If-Match": '"1-0"'}).status_code == 412
    bound = drafter.patch(place, {"fields": {"incident_title": "mine"}}, headers={"If-Match": tag})
    assert refused(bound) == (422, "official_document.field_bound")
    changed = drafter.patch(place, {"fields": {"matters": "另请"}}, headers={"If-Match": tag}).json
    assert changed is not None
    assert (changed["state"], changed["fields"]["matters"]) == ("draft", "另请")
    assert [one["step"] for one in changed["sign_offs"] if one["voided_at"]] == ["review"]


def test_a_conflict_names_what_is_missing(office: Office) -> None:
    drafter, boss = person(office, "responder"), person(office, "coordinator")
    made = drafted(office, drafter, fields={"issuer": "X"})
    answer = drafter.post(f"/documents/{made['id']}/submit")
    assert answer.json is not None
    assert answer.status_code == 409
    assert [one["pointer"] for one in answer.json["errors"]] == [f"/fields/{one['key']}" for one in made["missing"]]
    assert refused(boss.post(f"/documents/{made['id']}/sign")) == (409, "official_document.is_draft")


def test_a_document_sent_twice_with_a_key_is_one_and_what_is_hashed_can_be_checked(office: Office) -> None:
    drafter, number = person(office, "responder"), office.open("CERT")
    headers = {"Idempotency-Key": "k1"}
    first, second = (drafted(office, drafter, incident=number, headers=headers) for _ in range(2))
    assert first["id"] == second["id"]
    answer = drafter.seen(f"/documents/{first['id']}.json")
    whole = answer["certificate"]
    written = json.dumps(whole["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(written.encode()).hexdigest() == whole["content_hash"]
    assert (whole["content"]["type"], whole["type"], answer["signature"]) == ("document/1", "document/1", None)


def test_a_department_countersigns_for_itself_and_returns_what_it_does_not_agree_with(office: Office) -> None:
    drafter, reviewer, noc = (person(office, one) for one in ("responder", "coordinator", "department"))
    number = office.open("CERT", "NOC")
    made = drafted(office, drafter, incident=number, countersigners=["NOC"])
    place = f"/documents/{made['id']}"
    drafter.done(f"{place}/submit")
    assert noc.post(f"{place}/return", {"reason": "early"}).status_code == 403
    assert reviewer.done(f"{place}/review")["awaits"] == "countersign"
    assert noc.done(f"{place}/return", {"reason": "not agreed"})["return_reason"] == "not agreed"
    drafter.done(f"{place}/submit")
    reviewer.done(f"{place}/review")
    assert noc.done(f"{place}/countersign")["state"] == "to_sign"
    elsewhere = drafted(office, drafter)
    assert noc.get(f"/documents/{elsewhere['id']}").status_code == 404


def test_an_exercise_says_so_on_paper_and_a_void_one_as_well(office: Office) -> None:
    number = office.open("CERT", speed=60)
    done = signed(office, incident=number)
    assert done["number"] == "（演练）X网信〔2026〕1号"
    boss = person(office, "coordinator")
    voided = boss.done(f"/documents/{done['id']}/void", {"reason": "wrong"})
    assert (voided["number"], voided["void_reason"]) == (done["number"], "wrong")
    paper = boss.get(f"/documents/{done['id']}.html").text
    assert "演练" in paper
    assert "作废" in paper


def test_a_file_is_being_made_until_a_worker_has_made_it(office: Office) -> None:
    done = signed(office)
    reader = person(office, "reader")
    for file_format, media, begin in (("pdf", "application/pdf", b"%PDF-"), ("docx", MEDIA["docx"], b"PK")):
        place = f"/documents/{done['id']}.{file_format}"
        answer = reader.get(place)
        assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
        assert answer.json == {
            "format": file_format,
            "state": "waiting",
            "asked_at": answer.json["asked_at"] if answer.json else "",
            "content": f"/api/v1{place}",
        }
        assert office.do(lambda: make_next_file(office.hand.at))
        file = reader.get(place)
        assert (file.status_code, file.content_type, file.data.startswith(begin)) == (200, media, True)
        assert quote(done["number"]) in file.headers["Content-Disposition"]


def test_a_file_that_cannot_be_made_is_a_problem_that_says_what_to_do(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_paper: str, _format: str) -> bytes:
        raise PaperError("document_file.no_compiler")

    monkeypatch.setattr(document_files, "compile_paper", fail)
    drafter = person(office, "responder")
    place = f"/documents/{drafted(office, drafter)['id']}.pdf"
    assert drafter.get(place).status_code == 202
    assert office.do(lambda: make_next_file(office.hand.at))
    answer = drafter.get(place)
    assert refused(answer) == (503, "document_file.no_compiler")
    assert "requirements/documents.txt" in answer.text
