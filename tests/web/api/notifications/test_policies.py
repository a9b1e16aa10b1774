"""Escalation policies and their preview over the API."""

import pytest

from tests.plugins.app import Api, Speaker

FULL = {
    "levels": [
        {
            "wait": "PT15M",
            "waits": [
                {"grades": [1, 2], "hours": "off", "wait": "PT3M"},
                {"hours": {"from": "12:00", "until": "13:30"}, "wait": "PT20M"},
            ],
            "notify": ["duty", "deputy"],
            "channels": ["wecom", "sms"],
            "in_turn": "PT2M",
        },
        {"wait": "PT30M", "notify": ["parent"]},
    ],
    "repeat": 1,
    "until": "accepted",
    "reminder": "PT30M",
    "quiet": {"from": "22:00", "until": "07:00", "grades": [3, 4]},
}


def test_a_policy_with_everything_is_read_as_it_was_put(boss: Api) -> None:
    answer = boss.put("/departments/CERT/policy", FULL)
    assert (answer.status_code, answer.json) == (200, FULL)
    assert boss.seen("/departments/CERT/policy") == FULL
    assert boss.seen("/departments/CERT")["policy"] == FULL


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        ({"levels": [{"wait": "PT5M", "notify": ["boss"]}]}, "/levels/0/notify/0"),
        ({"levels": [{"wait": "PT5M", "channels": ["pigeon"]}]}, "/levels/0/channels/0"),
        ({"levels": [{"wait": "PT5M", "in_turn": "PT2M"}]}, "/levels/0/in_turn"),
        ({"levels": [{"wait": "PT5M", "waits": [{"grades": [9], "wait": "PT1M"}]}]}, "/levels/0/waits/0/grades/0"),
        ({"levels": [{"wait": "PT5M", "waits": [{"hours": "noon", "wait": "PT1M"}]}]}, "/levels/0/waits/0/hours"),
        ({"levels": [{"wait": "PT5M", "waits": [{"hours": {"from": "9"}, "wait": "PT1M"}]}]},
         "/levels/0/waits/0/hours/from"),
        ({"levels": [{"wait": "PT5M"}], "until": "done"}, "/until"),
        ({"levels": [{"wait": "PT5M"}], "quiet": {"from": "22:00", "until": "07:00", "grades": [1]}},
         "/quiet/grades/0"),
        ({"levels": [{"wait": "PT5M"}], "reminder": None}, "/reminder"),
    ],
)  # fmt: skip
def test_what_a_policy_cannot_say_is_refused_with_its_place(boss_sqlite: Api, policy: object, pointer: str) -> None:
    answer = boss_sqlite.put("/departments/CERT/policy", policy)
    assert answer.status_code == 422
    assert answer.json is not None
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_the_preview_says_who_would_be_told_for_a_grade_and_a_moment(boss: Api) -> None:
    boss.put("/departments/CERT/policy", {"levels": [{"wait": "PT10M"}, {"wait": "PT5M", "notify": ["head"]}]})
    found = boss.seen("/departments/CERT/preview?grade=1&at=2026-03-02T18:00:00Z")
    first, second = found["items"]
    assert first == {
        "at": "2026-03-02T18:00:00.000000Z",
        "level": 1,
        "round": 1,
        "notify": [],
        "people": [],
        "contacts": first["contacts"],
        "is_gap": False,
        "is_held": False,
        "next_at": "2026-03-02T18:10:00.000000Z",
    }
    assert first["contacts"][0]["after"] == "PT0S"
    assert (second["is_gap"], second["contacts"], second["notify"]) == (True, [], ["head"])
    assert found["exhausted_at"] == "2026-03-02T18:15:00.000000Z"
    assert [(one["code"], one["level"], one["detail"]) for one in found["warnings"]] == [
        ("gap", 2, "Level 2: no one found (head).")
    ]


def test_a_preview_of_a_moment_that_nobody_meant_is_refused(boss_sqlite: Api) -> None:
    for query in ("grade=5", "at=tomorrow", "at=2099-01-01T00:00:00Z", "at=1999-01-01T00:00:00Z", "colour=red"):
        assert boss_sqlite.get(f"/departments/CERT/preview?{query}").status_code == 422, query
    assert boss_sqlite.get("/departments/NOWHERE/preview").status_code == 404


def test_the_people_of_a_department_above_that_was_told_see_the_notice_and_answer_it(furnished: Speaker) -> None:
    administrator = furnished("administrator")
    administrator.made("/departments", {"code": "CITY", "name": "City", "parent": "CERT"})
    administrator.put("/departments/CITY/policy", {"levels": [{"wait": "PT5M", "notify": ["parent"]}]})
    made = administrator.made("/incidents", {"title": "A worm", "departments": ["CITY"]})
    other = administrator.made("/incidents", {"title": "Another", "departments": []})
    administrator.made("/departments", {"code": "LAW", "name": "Law"})
    cert, law = furnished("department", "CERT"), furnished("department", "LAW")
    [seen] = cert.seen("/notices?state=open")["items"]
    assert (seen["department"], seen["incident"]) == ("CITY", made["number"])
    assert [one["number"] for one in cert.seen("/incidents")["items"]] == [made["number"]]
    assert len(cert.seen(f"/incidents/{made['number']}")["notices"]) == 1
    assert cert.get(f"/incidents/{other['number']}").status_code == 404
    assert law.get(f"/notices/{seen['id']}").status_code == 404
    assert law.get(f"/incidents/{made['number']}").status_code == 404
    assert law.seen("/notices")["items"] == []
    assert cert.done(f"/notices/{seen['id']}/acknowledge")["state"] == "acknowledged"
