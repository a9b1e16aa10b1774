"""Official documents in the API: drafted, signed in order, numbered, and seen by whom they may be."""

from typing import Any

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
    given = {"kind": "request-for-instructions", "incident": number, "fields": WORDS} | more
    return by.made("/documents", given)


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
