"""Departments as authorities in the API: declaring them, gaps before any incident, and names on clocks."""

from typing import Any

import pytest

from tests.plugins.app import Api, Hand, Speaker

AUTHORITY = {"roles": ["police"], "regions": ["33"]}
MISSING = [{"sector": "energy", "region": "330100"}]


@pytest.fixture
def admin(speak_sqlite: Speaker) -> Api:
    found = speak_sqlite("administrator")
    found.made("/departments", {"code": "NOC", "name": "Operations"})
    return found


def declare(admin: Api, code: str, authority: Any, status: int = 200) -> Any:
    tag = admin.get(f"/departments/{code}").headers["ETag"]
    answer = admin.patch(f"/departments/{code}", {"authority": authority}, headers={"If-Match": tag})
    assert answer.status_code == status, answer.text
    return answer.json


def to_of(api: Api, path: str, regime: str, stage: str = "first") -> list[dict[str, Any]]:
    [law] = [one for one in api.seen(path)["items"] if one["id"] == regime]
    [found] = [one["to"] for one in law["stages"] if one["key"] == stage]
    return list(found)


def test_a_department_is_declared_and_the_regimes_name_it_before_any_incident(admin: Api) -> None:
    admin.put("/organization/profile", {"operator_class": "cii", "sectors": ["energy"], "regions": ["330100"]})
    for one in to_of(admin, "/regimes", "cn-cac-cii"):
        assert (one["departments"], one["missing"], one["is_ambiguous"]) == ([], MISSING, False)
    assert declare(admin, "NOC", AUTHORITY)["authority"] == AUTHORITY
    protection, police = to_of(admin, "/regimes", "cn-cac-cii")
    assert [one["code"] for one in police["departments"]] == ["NOC"]
    assert (police["missing"], protection["missing"]) == ([], MISSING)
    assert declare(admin, "NOC", None)["authority"] is None
    assert to_of(admin, "/regimes", "cn-cac-cii")[1]["missing"] == MISSING


def test_wrong_declarations_are_refused_with_their_place(admin: Api) -> None:
    refused = declare(admin, "NOC", {"roles": ["wizard"]}, 422)
    assert [(one["code"], one["pointer"]) for one in refused["errors"]] == [
        ("authority.role_unknown", "/authority/roles/0")
    ]
    assert declare(admin, "NOC", {"roles": []}, 422)["errors"][0]["pointer"] == "/authority/roles"
    assert declare(admin, "NOC", {}, 422)["errors"][0]["pointer"] == "/authority/roles"


def test_a_clock_names_the_departments_that_it_goes_to(admin: Api, boss_sqlite: Api, hand: Hand) -> None:
    admin.put("/organization/profile", {"operator_class": "cii", "sectors": ["energy"], "regions": ["330100"]})
    declare(admin, "NOC", AUTHORITY)
    number = boss_sqlite.made("/incidents", {"title": "Outage", "departments": ["CERT"]})["number"]
    aware = {"at": hand.at.isoformat(), "who": "Li", "how": "alarm"}
    assert boss_sqlite.put(f"/incidents/{number}/awareness", aware).status_code == 200
    [first] = [one for one in boss_sqlite.seen(f"/incidents/{number}/clocks")["items"] if one["stage"] == "first"]
    assert [[one["code"] for one in to["departments"]] for to in first["to"]] == [[], ["NOC"]]
    assert first["to"][0]["missing"] == MISSING
