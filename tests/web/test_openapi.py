"""The description of the API: whole, true, and no request drawn from it makes a fault of ours."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from incident.actions.housekeeping import set_demonstration
from tests.core.cacao.build import action, document, manual
from tests.plugins.app import Api, made_app, speaking
from tests.web.conftest import furnish
from tests.world import START

DESCRIPTION = "/api/v1/openapi.json"


def furnished_app() -> Iterator[Flask]:
    """An app with some of everything, so that what is drawn finds something."""
    with tempfile.TemporaryDirectory() as home, made_app(Path(home)) as made:
        speak = speaking(made)
        furnish(speak)
        boss = speak("administrator")
        steps = {"look": action("tell", manual("Look")), "tell": action("end", manual("Tell")), "end": None}
        playbook = document(steps, "Look and tell")
        boss.made("/playbooks", playbook)
        for title in ("A worm", "A leak"):
            boss.made("/incidents", {"title": title, "departments": ["CERT"], "playbook": playbook["id"]})
        boss.made("/reports", {"text": "I saw something"})
        with made.app_context():
            set_demonstration(START)  # a contact that is drawn may be tested as well: nothing is sent to it
        yield made


whole = furnished_app()
app = next(whole)
schema = schemathesis.openapi.from_wsgi(DESCRIPTION, app)
boss = speaking(app)("administrator")


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    next(whole, None)


@schema.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_drawn_from_the_description_is_a_fault_of_ours(case: schemathesis.Case) -> None:
    response = case.call(headers=boss.headers)
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
    case.validate_response(response, checks=checks)


def test_the_description_is_read_without_a_token(speak_sqlite: Any) -> None:
    answer = speak_sqlite().get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json["openapi"].startswith("3.1")
    assert answer.json["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_every_operation_is_described_in_a_sentence(speak_sqlite: Any) -> None:
    for path, item in speak_sqlite().seen("/openapi.json")["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                assert operation["summary"].endswith("."), (method, path)
                assert any(status.startswith("2") for status in operation["responses"]), (method, path)


def test_faults_are_described_as_problem_details(speak_sqlite: Any) -> None:
    described = speak_sqlite().seen("/openapi.json")["components"]["responses"]["DEFAULT_ERROR"]
    assert list(described["content"]) == ["application/problem+json"]


def test_the_conditions_that_callers_may_set_are_described(speak_sqlite: Any) -> None:
    paths = speak_sqlite().seen("/openapi.json")["paths"]
    change = paths["/api/v1/incidents/{number}"]["patch"]["parameters"]
    assert [one["required"] for one in change if one["name"] == "If-Match"] == [True]
    for path in ("/incidents", "/departments", "/playbooks", "/reports", "/incidents/{number}/runs"):
        named = [one["name"] for one in paths[f"/api/v1{path}"]["post"]["parameters"]]
        assert "Idempotency-Key" in named, path


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_that_tries_it_loads_nothing_from_elsewhere(speak_sqlite: Any, language: str) -> None:
    public: Api = speak_sqlite()
    answer = public.get("/docs", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert "//" not in answer.text.replace("://www.w3.org", "")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text
