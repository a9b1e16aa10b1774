"""The API description: valid, complete, correct, and usable for client generators."""

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from incident.web.api.deadlines.rule_set_documents import EXAMPLE
from tests.plugins.app import AT, Api, Speaker
from tests.web.api.playbooks.test_secrets import deposit

PREFIX = "/api/v1"
STALE = {"If-Match": '"nonsense"'}
UNKNOWN_MEDIA = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/pdf",
    "application/x-ndjson",
    "application/zip",
    "application/yaml",
    "text/calendar",
    "text/csv",
    "text/html",
}
"""Content types that the client generator does not support."""

SUBSCRIPTION = {"name": "SOC", "url": "https://soc.example", "events": ["*"]}
INCIDENT, RUN, NOTICE = "/incidents/{number}", "/runs/{run_id}", "/notices/{notice_id}"
RULE_SET = "/grading-rule-sets/{rule_set_id}"
DOCUMENT = "/documents/{document_id}"
STEPS = ("submit", "review", "legal-review", "countersign", "sign", "seal", "archive")
VERSIONED: dict[tuple[str, str], Any] = {
    ("PATCH", INCIDENT): {"title": "x"},
    ("POST", f"{INCIDENT}/acknowledge"): {"department": "CERT"},
    ("POST", f"{INCIDENT}/close"): {"override": True, "reason": "x"},
    ("POST", f"{INCIDENT}/reopen"): {},
    ("POST", f"{INCIDENT}/notes"): {"text": "x"},
    ("POST", f"{INCIDENT}/merge"): {"into": "{number}", "reason": "x"},
    ("POST", f"{INCIDENT}/runs"): {"playbook": "{playbook}"},
    ("POST", f"{INCIDENT}/start-requests"): {"playbook": "{playbook}"},
    ("POST", f"{INCIDENT}/reports"): {"report": 1},
    ("DELETE", f"{INCIDENT}/reports/{{report_id}}"): None,
    ("PATCH", "/reports/{report_id}"): {"kind": "help"},
    ("POST", f"{INCIDENT}/tickets"): {"system": "Jira", "key": "SEC-7", "url": "https://jira.example"},
    ("DELETE", f"{INCIDENT}/tickets/{{ticket_id}}"): None,
    ("POST", f"{RUN}/cancel"): {},
    ("POST", f"{RUN}/pause"): {},
    ("POST", f"{RUN}/resume"): {},
    ("POST", f"{RUN}/steps/{{step}}/retry"): {"reason": "x"},
    ("POST", f"{RUN}/steps/{{step}}/override"): {"reason": "x"},
    ("POST", "/machine-commands/resume"): {},
    ("PATCH", "/tasks/{task_id}"): {"assignee": None},
    ("POST", "/tasks/{task_id}/complete"): {"result": "succeeded"},
    ("POST", f"{NOTICE}/acknowledge"): {},
    ("POST", f"{NOTICE}/accept"): {},
    ("POST", f"{NOTICE}/decline"): {"reason": "x"},
    ("POST", f"{NOTICE}/done"): {},
    ("POST", f"{NOTICE}/withdraw"): {"reason": "x"},
    ("PUT", "/rules"): {"rules": []},
    ("PUT", RULE_SET): EXAMPLE,
    ("POST", f"{RULE_SET}/retire"): {"reason": "x"},
    ("PATCH", "/subscriptions/{subscription_id}"): {"name": "x"},
    ("PUT", "/organization/profile"): {"operator_class": "other"},
    ("PUT", "/sources/{name}"): {
        "mapping": {"version": 1, "variants": [{"name": "a", "title": "a", "fingerprint": "/a"}]}
    },
    ("DELETE", "/sources/{name}"): None,
    ("PUT", f"{INCIDENT}/systems"): {"systems": []},
    ("PATCH", "/systems/{code}"): {"name": "x"},
    ("DELETE", "/systems/{code}"): None,
    ("PATCH", "/maintenance-windows/{window_id}"): {"reason": "x"},
    ("POST", "/maintenance-windows/{window_id}/end"): None,
    ("PUT", "/departments/{code}/rota"): {"rotations": []},
    ("PUT", "/departments/{code}/members"): {"members": []},
    ("PUT", "/departments/{code}/policy"): {"levels": [{"wait": "PT5M"}]},
    ("PUT", "/secrets/{name}/places"): {"places": ["ssh"]},
    ("PUT", "/custodians/threshold"): {"threshold": 2, "custodians": [1, 2]},
    ("PATCH", "/departments/{code}"): {"name": "x"},
    ("PUT", "/document-series"): {"series": [{"series": "report", "word": "X"}]},
    ("PUT", "/text-blocks"): {"blocks": [{"title": "x", "text": "y"}]},
    ("PATCH", DOCUMENT): {"title": "x"},
    **{("POST", f"{DOCUMENT}/{step}"): {} for step in STEPS},
    **{("POST", f"{DOCUMENT}/{step}"): {"reason": "x"} for step in ("return", "void")},
    **{("POST", f"/incoming-papers/{{paper_id}}/{step}"): {"text": "x"} for step in ("propose", "instruct", "finish")},
    ("PATCH", "/incoming-papers/{paper_id}"): {"title": "x", "reason": "x"},
    ("POST", "/incoming-papers/{paper_id}/circulate"): {"people": []},
    ("POST", "/incoming-papers/{paper_id}/answer"): {"document": 1},
    ("POST", f"{DOCUMENT}/service"): {"way": "in_person", "to": "x", "at": AT.isoformat()},
}
"""Each operation that honours If-Match, with a valid body."""


def described(public: Api) -> dict[str, Any]:
    document: dict[str, Any] = public.seen("/openapi.json")
    return document


def test_the_description_is_read_without_a_token(speak_sqlite: Speaker) -> None:
    document = described(speak_sqlite())
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_the_description_is_valid(speak_sqlite: Speaker) -> None:
    validate(described(speak_sqlite()))


def test_every_shape_that_may_be_null_has_null_among_its_words(speak_sqlite: Speaker) -> None:
    for place, schema in _schemas(described(speak_sqlite()), ""):
        if "enum" in schema:
            assert ("null" in schema.get("type", ())) is (None in schema["enum"]), place
            assert schema.get("default", schema["enum"][0]) in schema["enum"], place


def _schemas(document: Any, place: str) -> Any:
    if isinstance(document, dict):
        yield place, document
        for name, below in document.items():
            yield from _schemas(below, f"{place}/{name}")
    elif isinstance(document, list):
        for index, below in enumerate(document):
            yield from _schemas(below, f"{place}/{index}")


@pytest.mark.slow
def test_a_client_is_generated_without_dropping_a_shape(speak_sqlite: Speaker, tmp_path: Path) -> None:
    document = described(speak_sqlite())
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    (tmp_path / "config.yaml").write_text("post_hooks: []\n")
    command = [
        "generate",
        "--path",
        "openapi.json",
        "--config",
        "config.yaml",
        "--output-path",
        "made",
        "--meta",
        "none",
    ]
    made = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *command], cwd=tmp_path, capture_output=True, text=True
    )
    said = made.stdout + made.stderr
    assert made.returncode == 0, said
    assert "Unable to" not in said, said
    warned = [line for line in said.splitlines() if line.startswith(("Unsupported", "Cannot", "Could not"))]
    media = [re.search(r"[Uu]nsupported content[ _]type ([^\s)]+)", line) for line in warned]
    assert {found and found[1] for found in media} <= UNKNOWN_MEDIA, said
    models = {file.stem.replace("_", "") for file in (tmp_path / "made" / "models").glob("*.py")}
    assert {name.lower() for name in document["components"]["schemas"]} <= models
    imported = subprocess.run(
        [sys.executable, "-c", "import made.models"], cwd=tmp_path, capture_output=True, text=True
    )
    assert imported.returncode == 0, imported.stderr


def test_every_operation_is_described_in_a_sentence_and_has_a_name(speak_sqlite: Speaker) -> None:
    names = []
    for path, item in described(speak_sqlite())["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                assert operation["summary"].endswith("."), (method, path)
                assert any(status.startswith("2") for status in operation["responses"]), (method, path)
                names.append(operation["operationId"])
    assert len(names) == len(set(names))


def test_only_what_everybody_may_do_is_described_as_open(speak_sqlite: Speaker) -> None:
    public, found = speak_sqlite(), set()
    for path, item in described(public)["paths"].items():
        found |= {
            (method, path) for method, one in item.items() if method != "parameters" and one.get("security") == []
        }
    assert found == {
        ("post", f"{PREFIX}/reports"),
        ("post", f"{PREFIX}/receipts/open"),
        ("post", f"{PREFIX}/receipts/messages"),
        ("post", f"{PREFIX}/receipts/withdraw"),
        ("post", f"{PREFIX}/receipts/verify"),
        ("get", f"{PREFIX}/certificate-key"),
    }


def test_faults_are_described_as_problem_details(speak_sqlite: Speaker) -> None:
    answer = described(speak_sqlite())["components"]["responses"]["DEFAULT_ERROR"]
    assert list(answer["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(
    ("method", "path", "shape"),
    [
        ("put", "/rules", "RulesIn"),
        ("put", "/sources/{name}", "SourceIn"),
        ("post", "/sources/try", "SourceTrialIn"),
        ("put", "/departments/{code}/rota", "RotaIn"),
        ("post", "/departments/{code}/rota/overrides", "DutyOverride"),
        ("post", "/playbooks", "PlaybookDocument"),
    ],
)
def test_bodies_that_rules_of_core_read_are_described(
    speak_sqlite: Speaker, method: str, path: str, shape: str
) -> None:
    document = described(speak_sqlite())
    body = document["paths"][f"{PREFIX}{path}"][method]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": f"#/components/schemas/{shape}"}
    assert document["components"]["schemas"][shape]["required"]


def test_the_examples_of_bodies_are_taken(speak_sqlite: Speaker) -> None:
    administrator = speak_sqlite("administrator")
    administrator.made("/departments", {"code": "CERT", "name": "Response"})
    for login in ("li.wei", "wang.fang", "zhao.min"):
        administrator.made("/people", {"login": login, "name": login, "role": "responder"})
    paths = described(speak_sqlite())["paths"]
    for method, path in (
        ("put", "/rules"),
        ("put", "/sources/{name}"),
        ("post", "/sources/try"),
        ("put", "/departments/{code}/rota"),
        ("post", "/departments/{code}/rota/overrides"),
        ("post", "/playbooks/lint"),
        ("post", "/playbooks"),
    ):
        body = paths[f"{PREFIX}{path}"][method]["requestBody"]["content"]["application/json"]["example"]
        answer = administrator.ask(method.upper(), path.replace("{code}", "CERT").replace("{name}", "door"), body)
        assert answer.status_code in (200, 201), (path, answer.text)
        assert not (answer.json or {}).get("errors"), answer.text


def test_conditions_are_described_where_they_are_looked_at_and_nowhere_else(
    furnished_sqlite: Speaker, playbook: dict[str, Any]
) -> None:
    administrator = furnished_sqlite("administrator")
    furnished_sqlite().made("/reports", {"text": "x"})
    administrator.made("/playbooks", playbook)
    deposit(administrator, "wall", "ssh")
    assert administrator.put("/sources/wall", VERSIONED["PUT", "/sources/{name}"]).status_code == 201
    opened = {"title": "x", "departments": ["CERT"], "playbook": playbook["id"]}
    number = administrator.made("/incidents", opened)["number"]
    administrator.made("/subscriptions", SUBSCRIPTION)
    administrator.made("/systems", {"code": "CERT", "name": "The system of that code"})
    ends_at = (AT + dt.timedelta(days=1)).isoformat()
    administrator.made("/maintenance-windows", {"reason": "x", "labels": {"room": "7"}, "ends_at": ends_at})
    assert administrator.put("/grading-rule-sets/grid", EXAMPLE).status_code == 201
    administrator.made("/documents", {"kind": "circular", "incident": number})
    came = {"kind": "letter", "incident": number, "title": "x", "sender": "y", "received_at": AT.isoformat()}
    administrator.made("/incoming-papers", came)
    notified = {}
    for path, item in described(furnished_sqlite())["paths"].items():
        for method, operation in item.items():
            if method not in ("parameters", "get"):
                [*named] = [one for one in operation["parameters"] if one.get("name") == "If-Match"]
                notified[method.upper(), path.removeprefix(PREFIX)] = named
    assert {operation for operation, named in notified.items() if named} == VERSIONED.keys()
    for operation, body in VERSIONED.items():
        method, path = operation
        real = (
            path.replace("{number}", number).replace("{code}", "CERT").replace("{step}", "x").replace("{name}", "wall")
        ).replace("{rule_set_id}", "grid")
        for name in (
            "{run_id}",
            "{task_id}",
            "{notice_id}",
            "{report_id}",
            "{subscription_id}",
            "{ticket_id}",
            "{window_id}",
            "{document_id}",
            "{paper_id}",
        ):
            real = real.replace(name, "1")
        sent = {"playbook": playbook["id"]} if body and "playbook" in body else body
        sent = sent | {"into": number} if sent and "into" in sent else sent
        answer = administrator.ask(method, real, sent, headers=STALE)
        assert answer.status_code == 412, (operation, answer.text)
        [condition] = notified[operation]
        if method == "PATCH":
            assert condition["required"] is True
            assert administrator.ask(method, real, sent).status_code == 428
        else:
            assert not condition.get("required")
    for path, body in (("/incidents", {"title": "x"}), ("/rules/try", {}), ("/contacts/1/test", {})):
        assert administrator.post(path, body, headers=STALE).status_code in (200, 201), path
    assert administrator.patch("/contacts/1", {"check_every": "P1D"}, headers=STALE).status_code == 200


def test_a_key_that_makes_it_once_is_described_where_something_is_made(speak_sqlite: Speaker) -> None:
    paths = described(speak_sqlite())["paths"]
    for path in ("/incidents", "/departments", "/playbooks", "/reports", "/incidents/{number}/runs"):
        named = [one["name"] for one in paths[f"{PREFIX}{path}"]["post"]["parameters"]]
        assert "Idempotency-Key" in named, path


def test_every_parameter_that_is_left_empty_is_refused_by_its_name(furnished_sqlite: Speaker) -> None:
    administrator, count = furnished_sqlite("administrator"), 0
    administrator.made("/subscriptions", SUBSCRIPTION)
    ends_at = (AT + dt.timedelta(days=1)).isoformat()
    administrator.made("/maintenance-windows", {"reason": "x", "labels": {"room": "7"}, "ends_at": ends_at})
    for path, item in described(furnished_sqlite())["paths"].items():
        for one in item.get("get", {}).get("parameters", []):
            if one.get("in") == "query":
                real = (
                    path.removeprefix(PREFIX)
                    .replace("{code}", "CERT")
                    .replace("{subscription_id}", "1")
                    .replace("{window_id}", "1")
                )
                real = real.replace("{number}", administrator.made("/incidents", {"title": "x"})["number"])
                for value in ("", "%20"):
                    answer = administrator.get(f"{real}?{one['name']}={value}")
                    assert answer.status_code == 422, (path, one["name"], answer.text)
                    assert answer.json is not None
                    assert answer.json["errors"][0]["parameter"] == one["name"]
                    count += 1
    assert count > 60


def test_options_tells_what_each_address_takes(furnished_sqlite: Speaker) -> None:
    administrator = furnished_sqlite("administrator")
    for path, item in described(furnished_sqlite())["paths"].items():
        real = path.removeprefix(PREFIX).replace("{playbook_id}", "playbook--x").replace("{source}", "generic")
        real = real.replace("{code}", "CERT").replace("{number}", "INC-2026-000001").replace("{step}", "x")
        real = re.sub(r"\{\w+\}", "1", real)
        takes = {method.upper() for method in item.keys() - {"parameters"}}
        answer = administrator.ask("OPTIONS", real)
        assert answer.status_code == 200, (path, answer.text)
        notified = {method.strip() for method in answer.headers["Allow"].split(",")}
        assert notified == takes | {"OPTIONS"} | ({"HEAD"} if "GET" in takes else set()), path
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - takes:
            refused = administrator.ask(method, real)
            assert refused.status_code == 405, (method, path)
            assert {one.strip() for one in refused.headers["Allow"].split(",")} == notified


def test_options_is_answered_to_whoever_may_use_one_of_the_methods(furnished_sqlite: Speaker) -> None:
    reader, source, public = furnished_sqlite("reader"), furnished_sqlite("source"), furnished_sqlite()
    for path in ("/rules", "/incidents", "/departments/CERT/rota", "/reports"):
        assert reader.ask("OPTIONS", path).status_code == 200, path
    assert source.ask("OPTIONS", "/alerts/generic").status_code == 200
    assert source.ask("OPTIONS", "/rules").status_code == 403
    assert reader.ask("OPTIONS", "/contacts/1").status_code == 403
    assert public.ask("OPTIONS", "/rules").status_code == 401
    assert public.ask("OPTIONS", "/reports").status_code == 200


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_that_tries_it_loads_nothing_from_elsewhere(speak_sqlite: Any, language: str) -> None:
    public: Api = speak_sqlite()
    answer = public.get("/docs", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert "//" not in answer.text.replace("://www.w3.org", "")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text
