"""The ledger of an incident and its certificate of notice over the API."""

import json
from typing import Any

import pytest

from incident import certifying
from tests.plugins.app import Api, Speaker

NUMBER = "INC-2026-000001"


@pytest.fixture
def notified(furnished: Speaker, boss: Api) -> int:
    """A notice of CERT that was declined and then accepted."""
    boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})
    [item] = boss.seen("/notices?department=CERT")["items"]
    cert = furnished("department", "CERT")
    cert.done(f"/notices/{item['id']}/decline", {"reason": "not our network"})
    cert.done(f"/notices/{item['id']}/accept", {"reason": "after all"})
    return int(item["id"])


def facts(ledger: Any) -> list[dict[str, Any]]:
    return [fact for notice in ledger["notices"] for fact in notice["facts"]]


def test_the_ledger_holds_every_fact_with_person_reason_and_entry(boss: Api, notified: int) -> None:
    found = boss.seen(f"/incidents/{NUMBER}/ledger")
    said = [fact for fact in facts(found) if fact["kind"] in ("declined", "accepted")]
    assert [(fact["kind"], fact["reason"], fact["via"]) for fact in said] == [
        ("declined", "not our network", "api"),
        ("accepted", "after all", "api"),
    ]
    journal = {entry["seq"]: entry["verb"] for entry in boss.seen(f"/incidents/{NUMBER}/journal")["items"]}
    assert [journal[fact["entry"]["seq"]] for fact in said] == ["notice.declined", "notice.accepted"]
    assert {"told", "queued"} & {fact["kind"] for fact in facts(found)} or facts(found)[0]["kind"] == "nobody_notified"
    assert (found["is_whole"], found["notices"][0]["department"]["code"]) == (True, "CERT")


def test_a_department_reads_its_own_notices_only(furnished: Speaker, boss: Api) -> None:
    furnished("administrator").made("/departments", {"code": "LAW", "name": "Law"})
    boss.made("/incidents", {"title": "A worm", "departments": ["CERT", "LAW"]})
    found = furnished("department", "LAW").seen(f"/incidents/{NUMBER}/ledger")
    assert (found["is_whole"], [one["department"]["code"] for one in found["notices"]]) == (False, ["LAW"])
    own = furnished("department", "LAW").seen(f"/incidents/{NUMBER}/certificate")["certificate"]
    assert (own["is_whole"], [one["department"]["code"] for one in own["notices"]]) == (False, ["LAW"])


def test_of_a_red_incident_neither_is_for_who_may_not_see_it(furnished: Speaker, boss: Api) -> None:
    boss.made("/incidents", {"title": "secret", "departments": ["CERT"], "tlp": "red"})
    for path in ("ledger", "certificate"):
        assert furnished("reader").get(f"/incidents/{NUMBER}/{path}").status_code == 404
        assert furnished("department", "CERT").get(f"/incidents/{NUMBER}/{path}").status_code == 404
        assert boss.get(f"/incidents/{NUMBER}/{path}").status_code == 200


def test_a_certificate_verifies_with_the_key_of_the_instance_and_ties_to_the_journal(boss: Api, notified: int) -> None:
    key = certifying.read_key(boss.seen("/certificate-key")["pem"])
    answer = boss.get(f"/incidents/{NUMBER}/certificate")
    document = json.loads(answer.text)
    assert certifying.faults_of(document, key) == []
    content = document["certificate"]
    entries = {entry["seq"]: entry["hash"] for entry in boss.seen(f"/incidents/{NUMBER}/journal")["items"]}
    assert content["journal"]["entries"]
    assert all(entries[one["seq"]] == one["hash"] for one in content["journal"]["entries"])
    assert content["incident"]["title"] == "A worm"
    document["certificate"]["notices"][0]["facts"][-1]["reason"] = "never"
    assert certifying.faults_of(document, key) != []


def test_an_issuing_stands_in_the_journal_and_the_head_is_that_before_it(boss: Api, notified: int) -> None:
    first = boss.seen(f"/incidents/{NUMBER}/certificate")["certificate"]
    last = boss.seen(f"/incidents/{NUMBER}/journal")["items"][-1]
    assert last["verb"] == "certificate.issued"
    assert int(first["journal"]["head"].partition(":")[0]) == last["seq"] - 1


def test_the_key_is_for_everybody(furnished: Speaker) -> None:
    answer = furnished().get("/certificate-key")
    assert answer.status_code == 200
    assert "PRIVATE" not in answer.text


def test_a_certificate_that_is_asked_for_often_is_issued_once_and_genuine_each_time(boss: Api, notified: int) -> None:
    key = certifying.read_key(boss.seen("/certificate-key")["pem"])
    got = [boss.seen(f"/incidents/{NUMBER}/certificate") for _ in range(10)]
    assert all(one == got[0] and certifying.faults_of(one, key) == [] for one in got)
    entries = boss.seen(f"/incidents/{NUMBER}/journal")["items"]
    assert [entry["verb"] for entry in entries].count("certificate.issued") == 1
