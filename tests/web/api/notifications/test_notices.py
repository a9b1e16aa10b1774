"""Notices over the API."""

import pytest

from tests.plugins.app import Api, Speaker


@pytest.fixture
def notice(boss: Api) -> int:
    """A notice that CERT has of an incident."""
    boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})
    [item] = boss.seen("/notices?department=CERT")["items"]
    return int(item["id"])


def test_a_notice_is_acknowledged_and_the_incident_is_being_handled(furnished: Speaker, notice: int) -> None:
    cert = furnished("department", "CERT")
    done = cert.done(f"/notices/{notice}/acknowledge")
    assert (done["state"], done["has_counted"]) == ("acknowledged", True)
    assert done["acknowledged_by"].startswith("token:")
    assert cert.seen("/incidents")["items"][0]["status"] == "handling"
    assert cert.seen("/notices?state=open")["items"] == []


def test_a_second_acknowledgement_changes_nothing_and_says_so(furnished: Speaker, boss: Api, notice: int) -> None:
    first = furnished("department", "CERT").done(f"/notices/{notice}/acknowledge")
    again = boss.done(f"/notices/{notice}/acknowledge")
    assert again["has_counted"] is False
    assert again["detail"]
    assert again["acknowledged_by"] == first["acknowledged_by"]


def test_a_withdrawn_notice_cannot_be_acknowledged_and_says_so(boss: Api, notice: int) -> None:
    boss.done("/incidents/INC-2026-000001/close")
    answer = boss.post(f"/notices/{notice}/acknowledge")
    assert answer.status_code == 409
    assert "withdrawn" in answer.text
    assert boss.seen(f"/notices/{notice}")["state"] == "withdrawn"


def test_who_only_reads_acknowledges_nothing(furnished: Speaker, boss: Api, notice: int) -> None:
    assert furnished("reader").post(f"/notices/{notice}/acknowledge").status_code == 403
    furnished("administrator").made("/departments", {"code": "LAW", "name": "Law"})
    assert furnished("department", "LAW").post(f"/notices/{notice}/acknowledge").status_code == 404
    assert boss.seen(f"/notices/{notice}")["state"] == "open"


def test_a_department_acknowledges_what_it_was_told_of_a_red_incident_without_seeing_it(furnished: Speaker) -> None:
    boss = furnished("coordinator")
    boss.made("/incidents", {"title": "secret plan", "departments": ["CERT"], "tlp": "red"})
    cert = furnished("department", "CERT")
    [item] = cert.seen("/notices")["items"]
    done = cert.done(f"/notices/{item['id']}/acknowledge")
    assert done["has_counted"] is True
    assert "secret plan" not in str(done)


def test_a_department_has_one_notice_however_often_it_is_named(boss: Api) -> None:
    boss.made("/incidents", {"title": "A worm", "departments": ["CERT", "CERT"]})
    answer = boss.patch("/incidents/INC-2026-000001", {"departments": ["CERT"]}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    assert len(boss.seen("/notices")["items"]) == 1


def test_notices_are_filtered(boss: Api, notice: int) -> None:
    for query, count in (
        ("", 1),
        ("?department=CERT", 1),
        ("?department=NOWHERE", 0),
        ("?state=open", 1),
        ("?state=exhausted", 0),
        ("?purpose=handling", 1),
        ("?purpose=deadline", 0),
        ("?incident=INC-2026-000001", 1),
        ("?incident=INC-2026-000009", 0),
    ):
        assert len(boss.seen(f"/notices{query}")["items"]) == count, query
    assert boss.get("/notices?state=closed").status_code == 422
