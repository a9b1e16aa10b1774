"""Departments, contacts and policies over the API."""

import pytest

from tests.plugins.app import Api, Speaker


@pytest.fixture
def administrator(speak: Speaker) -> Api:
    return speak("administrator")


def test_a_department_is_added_below_another_and_found_by_its_code(administrator: Api) -> None:
    administrator.made("/departments", {"code": "CITY", "name": "市公安局"})
    made = administrator.made("/departments", {"code": "CITY.NET", "name": "网安支队", "parent": "CITY"})
    assert (made["code"], made["name"], made["parent"]) == ("CITY.NET", "网安支队", "CITY")
    seen = administrator.seen("/departments/CITY.NET")
    assert seen["policy"] == {"levels": [{"wait": "PT15M"}], "repeat": 0}
    assert seen["contacts"] == []
    assert [item["code"] for item in administrator.seen("/departments")["items"]] == ["CITY", "CITY.NET"]


def test_a_code_is_taken_once(administrator: Api) -> None:
    administrator.made("/departments", {"code": "CERT", "name": "One"})
    answer = administrator.post("/departments", {"code": "CERT", "name": "Two"})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "department.exists"


def test_a_parent_must_be_here(administrator: Api) -> None:
    answer = administrator.post("/departments", {"code": "A", "name": "A", "parent": "NOWHERE"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/parent"


def test_departments_are_leafed_through_by_code(administrator: Api) -> None:
    for code in ("B", "A", "C"):
        administrator.made("/departments", {"code": code, "name": code})
    first = administrator.seen("/departments?limit=2")
    rest = administrator.seen(f"/departments?limit=2&cursor={first['next']}")
    assert [item["code"] for item in first["items"] + rest["items"]] == ["A", "B", "C"]
    assert rest["next"] is None


def test_the_secret_of_a_webhook_is_told_once(administrator: Api) -> None:
    administrator.made("/departments", {"code": "CERT", "name": "Response"})
    given = {"name": "SOC", "channel": "webhook", "address": "https://soc.example/in", "level": 1}
    made = administrator.made("/departments/CERT/contacts", given)
    assert made["secret"].startswith("whsec_")
    assert {name: made[name] for name in given} == given
    [kept] = administrator.seen("/departments/CERT")["contacts"]
    assert kept["id"] == made["id"]
    assert "secret" not in kept
    assert made["secret"] not in administrator.get("/departments/CERT").text


@pytest.mark.parametrize(
    ("channel", "address", "code"),
    [
        ("email", "duty", "address.not_mail"),
        ("email", None, "address.missing"),
        ("webhook", "ftp://soc.example", "address.not_http"),
        ("webhook", "https://user@soc.example", "address.has_userinfo"),
        ("inbox", "duty@example.org", "address.not_wanted"),
        ("pager", "1", "document.not_a_choice"),
    ],
)
def test_an_address_that_cannot_be_reached_is_refused(
    boss_sqlite: Api, furnished_sqlite: Speaker, channel: str, address: str | None, code: str
) -> None:
    administrator = furnished_sqlite("administrator")
    given = {"name": "x", "channel": channel, "address": address, "level": 1}
    answer = administrator.post("/departments/CERT/contacts", given)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["code"] == code
    assert answer.json["errors"][0]["detail"] not in ("", code)


def test_a_removed_contact_is_told_nothing_more_and_stays_in_the_record(furnished: Speaker) -> None:
    administrator = furnished("administrator")
    [duty, _head] = administrator.seen("/departments/CERT")["contacts"]
    assert administrator.delete(f"/departments/CERT/contacts/{duty['id']}").status_code == 204
    [gone, _head] = administrator.seen("/departments/CERT")["contacts"]
    assert gone["switched_off_at"] is not None
    number = administrator.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    notified = administrator.seen(f"/incidents/{number}")["notices"][0]["deliveries"]
    assert "Duty" not in [delivery["contact"] for delivery in notified]


def test_a_contact_is_removed_only_from_its_own_department(furnished: Speaker) -> None:
    administrator = furnished("administrator")
    administrator.made("/departments", {"code": "LAW", "name": "Law"})
    [duty, _head] = administrator.seen("/departments/CERT")["contacts"]
    assert administrator.delete(f"/departments/LAW/contacts/{duty['id']}").status_code == 404
    assert administrator.delete("/departments/CERT/contacts/99999999999999999999").status_code == 404


def test_a_contact_that_comes_later_is_told_what_nobody_could_be_told(speak: Speaker) -> None:
    administrator = speak("administrator")
    administrator.made("/departments", {"code": "LAW", "name": "Law"})
    number = administrator.made("/incidents", {"title": "A leak", "departments": ["LAW"]})["number"]
    assert administrator.seen(f"/incidents/{number}")["notices"][0]["is_unreached"] is True
    assert administrator.seen("/incidents")["items"][0]["is_unreached"] is True
    administrator.made("/departments/LAW/contacts", {"name": "Duty", "channel": "inbox", "level": 1})
    seen = administrator.seen(f"/incidents/{number}")
    assert seen["is_unreached"] is False
    assert [delivery["contact"] for delivery in seen["notices"][0]["deliveries"]] == ["Duty"]


def test_a_policy_is_read_as_it_was_put(boss: Api) -> None:
    policy = {"levels": [{"wait": "PT5M"}, {"wait": "PT1H30M"}, {"wait": "P1D"}], "repeat": 2}
    answer = boss.put("/departments/CERT/policy", policy)
    assert answer.status_code == 200
    assert answer.json == policy
    assert boss.seen("/departments/CERT/policy") == policy
    assert boss.seen("/departments/CERT")["policy"] == policy


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        ({"levels": [{"wait": "5 minutes"}], "repeat": 0}, "/levels/0/wait"),
        ({"levels": [{"wait": "P1M"}], "repeat": 0}, "/levels/0/wait"),
        ({"levels": [{"wait": "PT0S"}], "repeat": 0}, "/levels/0/wait"),
        ({"levels": [{"wait": "P8D"}], "repeat": 0}, "/levels/0/wait"),
        ({"levels": [{"wait": 5}], "repeat": 0}, "/levels/0/wait"),
        ({"levels": [{"wait": "PT5M", "who": "me"}], "repeat": 0}, "/levels/0/who"),
        ({"levels": [], "repeat": 0}, "/levels"),
        ({"levels": [{"wait": "PT5M"}] * 21, "repeat": 0}, "/levels"),
        ({"levels": [{"wait": "PT5M"}], "repeat": -1}, "/repeat"),
        ({"levels": [{"wait": "PT5M"}], "repeat": True}, "/repeat"),
        ({"levels": [{"wait": "PT5M"}], "again": 1}, "/again"),
        ({"levels": "PT5M"}, "/levels"),
        ({}, "/levels"),
        ([], ""),
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused_with_its_place(boss_sqlite: Api, policy: object, pointer: str) -> None:
    answer = boss_sqlite.put("/departments/CERT/policy", policy)
    assert answer.status_code == 422
    assert answer.json is not None
    assert pointer in [error["pointer"] for error in answer.json.get("errors", [{"pointer": ""}])]
    assert boss_sqlite.seen("/departments/CERT/policy")["levels"] == [{"wait": "PT5M"}, {"wait": "PT10M"}]


def test_a_policy_is_not_put_over_one_that_was_not_read(boss: Api) -> None:
    old = boss.get("/departments/CERT/policy").headers["ETag"]
    policy = {"levels": [{"wait": "PT1M"}], "repeat": 0}
    assert boss.put("/departments/CERT/policy", policy, headers={"If-Match": old}).status_code == 200
    assert boss.put("/departments/CERT/policy", policy, headers={"If-Match": old}).status_code == 412


def test_a_department_sees_no_addresses_of_others(furnished_sqlite: Speaker) -> None:
    seen = furnished_sqlite("department", "CERT").seen("/departments/CERT")
    assert "contacts" not in seen
    assert "contacts" in furnished_sqlite("reader").seen("/departments/CERT")
