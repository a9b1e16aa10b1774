"""Error pages: in the reader's language, with a remedy, and without details for an attacker."""

import re

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from incident.web.http import body_limits
from incident.web.security.auth import public
from tests.plugins.app import made_app
from tests.web.office import Office


def test_a_page_that_is_not_there_says_so_in_both_languages(office: Office) -> None:
    assert "Page not found" in office.browser("reader").get("/nothing", status=404)
    assert "找不到页面" in office.browser("reader", "zh_Hans_CN").get("/nothing", status=404)
    assert "Page not found" in office.browser().get("/nothing", status=404)


def test_a_page_that_is_not_for_ones_role_says_whom_to_ask(office: Office) -> None:
    assert "Ask a coordinator or an administrator" in office.browser("reader").get("/people", status=403)


def test_a_form_that_is_too_large_is_refused(office: Office) -> None:
    answer = office.browser().post("/report", status=413, text="x" * (body_limits.USUAL + 1))
    assert "The file or text is too large" in answer.text
    assert (
        "文件或文字过大"
        in office.browser(None, "zh_Hans_CN").post("/report", 413, text="x" * (body_limits.USUAL + 1)).text
    )


def test_a_page_used_in_another_way_says_so(office: Office) -> None:
    answer = office.browser("reader").post("/journal", status=405)
    assert "This page cannot be used in this way" in answer.text


@pytest.fixture
def broken(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application with pages that fail."""
    with made_app(tmp_path_factory.mktemp("broken")) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False

        @public
        def crash() -> str:
            raise RuntimeError("the secret of the house")

        @public
        def away() -> str:
            raise OperationalError("SELECT secret", {}, Exception("gone"))

        app.add_url_rule("/crash", view_func=crash)
        app.add_url_rule("/away", view_func=away)
    return app


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/crash", 500, "Sorry, there is a problem with the service"),
        ("/away", 503, "Sorry, the service is unavailable"),
    ],
)
def test_a_fault_of_ours_tells_no_secret_and_asks_no_database(
    broken: Flask, path: str, status: int, words: str
) -> None:
    answer = broken.test_client().get(path)
    assert answer.status_code == status
    assert words in answer.text
    assert "secret" not in answer.text
    assert "Content-Security-Policy" in answer.headers


def reference_of(page: str) -> str | None:
    found = re.search(r'id="reference">([0-9A-F]{8})<', page)
    return None if found is None else found[1]


@pytest.mark.parametrize(("path", "status"), [("/people", 403), ("/nothing", 404)])
def test_a_problem_has_a_reference_that_the_log_has_too(
    office: Office, path: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = office.browser("reader")
    reference = reference_of(browser.get(path, status=status))
    assert reference is not None
    [line] = [line for line in capsys.readouterr().err.splitlines() if reference in line]
    assert f"status={status}" in line
    assert "Person reader" in line
    assert path not in line, "an address may hold a token"


def test_a_fault_of_ours_has_a_reference_for_strangers_too(broken: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    reference = reference_of(broken.test_client().get("/crash").text)
    assert reference is not None
    assert reference in capsys.readouterr().err


def test_strangers_cannot_fill_the_log_with_references(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference_of(office.browser().get("/nothing", status=404)) is None
    assert "a problem was shown" not in capsys.readouterr().err
