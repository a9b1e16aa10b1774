"""Invalid input is refused with its location and a remedy; nothing is half-written and nothing crashes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from incident.core.values.error_messages import FAULT_WORDS
from tests.plugins.app import Api, Hand, Speaker, made_app, speaking
from tests.web.conftest import furnish

TOO_DEEP = "[" * 5_000 + "]" * 5_000
INCIDENT = {"title": "A worm"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all tests here: refused input leaves nothing behind."""
    with made_app(tmp_path_factory.mktemp("home")) as made:
        furnish(speaking(made))
        yield made


@pytest.fixture
def boss(shared: Flask, hand: Hand) -> Api:
    """A coordinator."""
    return speaking(shared)("coordinator")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", None),
        ("title", 7),
        ("title", ["A"]),
        ("title", "x" * 301),
        ("title", "A\x00worm"),
        ("title", "half \ud800"),
        ("title", "two\nlines"),
        ("description", "x" * 20_001),
        ("description", "\x1b[31m"),
        ("category", ""),
        ("category", "x" * 61),
        ("grade", 0),
        ("grade", 5),
        ("grade", 2.0),
        ("grade", "high"),
        ("grade", True),
        ("grade", 10**400),
        ("tlp", "orange"),
        ("occurred_at", "0001-01-01T00:00:00Z"),
        ("occurred_at", "1999-12-31T23:59:59Z"),
        ("occurred_at", "2026-11-23T00:00:00Z"),
        ("occurred_at", "2026-11-21T08:30:00"),
        ("occurred_at", "9999-12-31T23:59:59-23:59"),
        ("occurred_at", "yesterday"),
        ("occurred_at", 1_700_000_000),
        ("departments", "CERT"),
        ("departments", [7]),
        ("departments", ["x"] * 101),
        ("departments", ["a\x00"]),
        ("reports", ["1"]),
        ("reports", [0]),
        ("reports", [2**31]),
        ("reports", [2**70]),
        ("indicators", ["not an indicator"]),
        ("indicators", [{"kind": "ipv4", "value": "300.1.1.1"}]),
        ("indicators", [{"kind": "colour", "value": "red"}]),
        ("indicators", {"kind": "ipv4"}),
        ("indicators", [["x"]]),
        ("playbook", 7),
        ("playbook", "\x00"),
        ("colour", "red"),
        ("a\x00b", 1),
        ("status", "closed"),
    ],
)
def test_a_field_that_is_wrong_is_named(boss: Api, field: str, value: object) -> None:
    answer = boss.ask("POST", "/incidents", data=json.dumps(INCIDENT | {field: value}), content_type="application/json")
    assert answer.status_code in (400, 422), answer.text
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert problem is not None
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    if answer.status_code == 422:
        assert problem["errors"][0]["pointer"].startswith(f"/{field}"[:2])
        assert problem["errors"][0]["field"]
        assert problem["errors"][0]["detail"] != problem["errors"][0]["code"]
    assert boss.seen("/incidents")["items"] == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"title": NaN}',
        '{"title": Infinity}',
        '{"title": "x",}',
        "not json",
        TOO_DEEP,
        '{"description": ' + TOO_DEEP + "}",
        "\ufeff\ufeff{}",
        '{"title": ' + "9" * 5_000 + "}",
        b"\xff\xfe",
        b'{"title": "\xff"}',
    ],
)
def test_what_is_no_json_is_refused(boss: Api, text: str | bytes) -> None:
    answer = boss.ask("POST", "/incidents", data=text, content_type="application/json")
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["detail"]


@pytest.mark.parametrize("text", ["[]", '"x"', "7", "null", "true"])
def test_json_that_is_no_object_is_refused(boss: Api, text: str) -> None:
    answer = boss.ask("POST", "/incidents", data=text, content_type="application/json")
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("path", ["/incidents", "/reports"])
def test_a_member_that_is_there_twice_is_refused_by_its_name_and_nothing_is_made(boss: Api, path: str) -> None:
    body = '{"title": "One", "title": "Two", "labels": {"a": "1", "a": "2"}}'
    answer = boss.ask("POST", path, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "payload.doubled_member")  # type: ignore[index]
    assert {one["pointer"] for one in answer.json["errors"]} == {"/title", "/labels/a"}  # type: ignore[index]
    assert "“title”" in answer.json["errors"][0]["detail"]  # type: ignore[index]
    assert boss.seen("/incidents")["items"] == []


def test_no_body_names_what_is_missing(boss: Api) -> None:
    answer = boss.post("/incidents")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/title"
    assert answer.json["errors"][0]["code"] == "document.missing"


def test_every_fault_is_named_at_once(boss: Api) -> None:
    answer = boss.post("/incidents", {"title": "", "grade": 9, "colour": "red", "departments": ["a b", "-"]})
    assert answer.json is not None
    assert sorted(error["pointer"] for error in answer.json["errors"]) == [
        "/colour",
        "/departments/0",
        "/departments/1",
        "/grade",
        "/title",
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/departments/CERT/members", {"members": None}),
        ("/departments/CERT/members", {"members": [7, None, {}, {"person": None}]}),
        ("/departments/CERT/members", {"members": [{"person": "x"}] * 501}),
        ("/departments/CERT/policy", {"levels": {}, "quiet": []}),
        ("/departments/CERT/policy", {"levels": [{"wait": "PT5M", "waits": [{"hours": None}], "in_turn": 7}]}),
        ("/departments/CERT/policy", {"levels": [None], "quiet": None, "until": None}),
    ],
)
def test_the_code_of_a_fault_is_a_code_however_deep_it_lies(boss: Api, path: str, body: dict[str, Any]) -> None:
    answer = boss.put(path, body)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    for fault in answer.json["errors"]:
        assert fault["code"] in FAULT_WORDS, fault
        assert "{" not in fault["detail"], fault
        assert fault["detail"] != fault["code"], fault


def test_another_kind_of_content_is_refused(boss: Api) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/xml", "multipart/form-data; boundary=x"):
        answer = boss.ask("POST", "/incidents", data="title=x", content_type=kind)
        assert answer.status_code == 415, kind
        assert answer.json is not None
        assert "application/json" in answer.json["detail"]


def test_a_body_that_is_too_large_is_refused(boss: Api) -> None:
    body = json.dumps({"title": "x", "description": "y" * 10_000_000})
    for path in ("/incidents", "/departments/CERT/policy", "/reports", "/receipts/open"):
        method = "PUT" if "policy" in path else "POST"
        answer = boss.ask(method, path, data=body, content_type="application/json")
        assert answer.status_code == 413, path
        assert answer.json is not None
        assert "1048576" in answer.json["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/incidents?limit=0",
        "/incidents?limit=201",
        "/incidents?limit=ten",
        "/incidents?limit=1e1",
        "/incidents?limit=99999999999999999999",
        "/incidents?cursor=nonsense",
        "/incidents?cursor=W1tdXQ",
        "/incidents?cursor=WzEsOTk5OTk5OTk5OTk5OTk5OTk5OTld",
        "/incidents?cursor=%00",
        "/incidents?status=gone",
        "/incidents?grade=5",
        "/incidents?grade=x",
        "/incidents?from=yesterday",
        "/incidents?from=2026-13-01",
        "/incidents?to=0001-01-01",
        "/incidents?department=a%20b",
        "/incidents?q=%00",
        "/incidents?colour=red",
        "/incidents?category=" + "x" * 61,
        "/tasks?state=gone",
        "/tasks?cursor=WyJhIl0",
        "/notices?state=gone",
        "/reports?state=gone",
        "/departments?cursor=WzFd",
        "/playbooks?cursor=WzFd",
    ],
)
def test_a_parameter_that_is_wrong_is_named(boss: Api, path: str) -> None:
    answer = boss.get(path)
    if "0001-01-01" in path:
        assert answer.status_code in (200, 422)
        return
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert answer.json["errors"][0]["parameter"] in path


@pytest.mark.parametrize(
    "path",
    [
        "/incidents/INC-2026-999999",
        "/incidents/%00",
        "/runs/0",
        "/runs/99999999999999999999",
        "/runs/-1",
        "/runs/one",
        "/tasks/2147483648",
        "/notices/2147483647",
        "/reports/1",
        "/departments/NOWHERE",
        "/departments/%00",
        "/playbooks/%00",
        "/playbooks/x",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_not_found(boss: Api, path: str) -> None:
    answer = boss.get(path)
    assert answer.status_code == 404, answer.text
    assert answer.content_type == "application/problem+json"


def test_a_method_that_is_not_taken_says_which_are(boss: Api) -> None:
    answer = boss.ask("DELETE", "/incidents")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.json is not None
    assert "POST" in answer.json["detail"]


def test_faults_are_told_in_the_language_that_is_asked_for(boss: Api) -> None:
    chinese = boss.post("/incidents", {}, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    english = boss.post("/incidents", {}, headers={"Accept-Language": "fr, en;q=0.5"})
    assert chinese.json is not None
    assert english.json is not None
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.json["errors"][0]["detail"])
    assert english.json["errors"][0]["detail"] == "Enter a value."


def test_odd_words_are_searched_for_without_a_fault(boss_sqlite: Api) -> None:
    boss_sqlite.made("/incidents", INCIDENT)
    for words in ("'", '"', "*", "a OR", "NEAR(", "-", "网", "%25_", "\U0001f600", "((((", "a:b", "\u200b", "x" * 500):
        assert boss_sqlite.get("/incidents", query_string={"q": words}).status_code == 200, words


def test_nobody_needs_to_sign_in_to_be_told_of_bad_input(speak_sqlite: Speaker) -> None:
    public = speak_sqlite()
    for body in ({"text": ""}, {"text": "x", "url": 7}, {"text": "x", "channel": "pigeon"}, {"text": "x\x00"}, {}):
        given: dict[str, Any] = body
        answer = public.post("/reports", given)
        assert answer.status_code == 422, body
