"""Error pages: in the reader's language, with a remedy, and without details for an attacker."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from incident.web.http import body_limits
from incident.web.security.auth import public
from tests.plugins.app import made_app
from tests.web.office import Office


def test_a_page_that_is_not_there_says_so_in_both_languages(office: Office) -> None:
    assert "There is nothing here" in office.browser("reader").get("/nothing", status=404)
    assert "没有找到内容" in office.browser("reader", "zh_Hans_CN").get("/nothing", status=404)
    assert "There is nothing here" in office.browser().get("/nothing", status=404)


def test_a_page_that_is_not_for_ones_role_says_whom_to_ask(office: Office) -> None:
    assert "Ask a coordinator or an administrator" in office.browser("reader").get("/people", status=403)


def test_a_form_that_is_too_large_is_refused(office: Office) -> None:
    answer = office.browser().post("/report", status=413, text="x" * (body_limits.USUAL + 1))
    assert "That is too large" in answer.text
    assert (
        "内容过大" in office.browser(None, "zh_Hans_CN").post("/report", 413, text="x" * (body_limits.USUAL + 1)).text
    )


def test_a_page_used_in_another_way_says_so(office: Office) -> None:
    answer = office.browser("reader").post("/journal", status=405)
    assert "This address is not used in this way" in answer.text


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
    ("path", "status", "words"), [("/crash", 500, "Something went wrong on our side"), ("/away", 503, "Busy or away")]
)
def test_a_fault_of_ours_tells_no_secret_and_asks_no_database(
    broken: Flask, path: str, status: int, words: str
) -> None:
    answer = broken.test_client().get(path)
    assert answer.status_code == status
    assert words in answer.text
    assert "secret" not in answer.text
    assert "Content-Security-Policy" in answer.headers
