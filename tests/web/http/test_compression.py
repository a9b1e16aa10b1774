"""Compression of pages and static files, and what is never compressed."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from incident.actions.incidents.incidents import add_note
from incident.actions.playbooks.playbooks import add_playbook
from incident.store.incidents.incidents import incident_by_number
from incident.web.http import compression
from incident.web.http.static_marks import STATIC, content_mark
from tests.core.cacao.build import action, document
from tests.web.office import BY, Browser, Office
from tests.web.weights import ASKS, weigh
from tools import vendor


@pytest.fixture
def busy(office: Office) -> Office:
    """An office with more incidents than a list shows."""
    for place in range(70):
        office.open("NOC", title=f"Ransomware in the accounting of branch {place}, noticed by the night shift")
    return office


def ask(browser: Browser, path: str, **headers: str) -> Any:
    return browser.client.get(path, headers=ASKS | headers)


def test_a_page_is_compressed_for_a_browser_that_takes_it(busy: Office) -> None:
    browser = busy.browser("coordinator")
    answer, plain = ask(browser, "/incidents"), browser.client.get("/incidents")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    assert b"</html>" in gzip.decompress(answer.data)
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain.data) / 4


def test_a_browser_that_refuses_gzip_gets_the_page_as_it_is(office: Office) -> None:
    answer = ask(office.browser("coordinator"), "/incidents", **{"Accept-Encoding": "gzip;q=0, br"})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_that_another_site_asks_for_is_not_compressed(office: Office, site: str) -> None:
    answer = ask(office.browser("coordinator"), "/incidents?q=guess", **{"Sec-Fetch-Site": site})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_pages_with_secrets_are_not_compressed(office: Office) -> None:
    number = office.open("CERT", "NOC")
    administrator = office.browser("administrator")
    with_secrets = [
        (office.browser(), office.link(number)),
        (administrator, "/outbox"),
        (administrator, "/departments/CERT"),
    ]
    for browser, path in with_secrets:
        answer = ask(browser, path)
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers, path
    assert "https://hooks.example.org/head" in administrator.get("/departments/CERT")


def test_the_answer_to_a_form_is_not_compressed(office: Office) -> None:
    answer = office.browser().client.post("/report", data={"text": "x"}, headers=ASKS)
    assert answer.status_code == 201
    assert "Content-Encoding" not in answer.headers


def test_the_api_and_event_streams_are_sent_as_they_are(office: Office) -> None:
    browser = office.browser("coordinator")
    for path in ("/api/v1/incidents", "/live/incidents?after=0"):
        answer = ask(browser, path, **({"Accept": "text/event-stream"} if "live" in path else {}))
        assert "Content-Encoding" not in answer.headers, path
        answer.close()


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("", None)]
)
def test_a_static_file_is_sent_as_set_up_compressed_it(office: Office, accepted: str, encoding: str | None) -> None:
    name = "css/incident.css"
    answer = office.browser().client.get(
        f"/static/{name}?v={content_mark(name)}", headers={"Accept-Encoding": accepted}
    )
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.mimetype == "text/css"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    if encoding == "gzip":
        assert gzip.decompress(answer.data) == (STATIC / name).read_bytes()


def test_a_static_file_under_an_address_of_other_content_is_not_kept(office: Office) -> None:
    for query in ("", "?v=0123456789"):
        answer = office.browser().client.get(f"/static/css/incident.css{query}")
        assert "immutable" not in answer.headers["Cache-Control"]
    assert office.browser().client.get("/static/css/none.css").status_code == 404
    assert office.browser().client.get("/static/../app.py").status_code == 404


def test_a_file_that_was_changed_after_set_up_is_sent_as_it_is_now(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(compression, "COMPRESSED", tmp_path.name)
    answer = office.browser().client.get("/static/css/incident.css", headers=ASKS)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (STATIC / "css/incident.css").read_bytes()


def test_set_up_compresses_every_style_script_and_icon() -> None:
    assert vendor.uncompressed_files() == [], "run make setup"


def fetching(browser: Browser) -> Any:
    def fetch(path: str, headers: Any) -> bytes:
        answer = browser.client.get(path, headers=headers)
        assert answer.status_code == 200, path
        return bytes(answer.data)

    return fetch


KB = 1000


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_pages_keep_within_their_weights(busy: Office, language: str) -> None:
    number = busy.open("NOC", "CERT")
    coordinator, anybody = fetching(busy.browser("coordinator", language)), fetching(busy.browser(None, language))
    assert weigh(coordinator, "/incidents").total < 120 * KB
    for path in (
        "/incidents",
        f"/incidents/{number}",
        "/incidents/new",
        "/inbox",
        "/departments",
        "/playbooks",
        "/rules",
    ):
        assert weigh(coordinator, path).page < 25 * KB, path
    assert weigh(anybody, busy.link(number)).total < 30 * KB
    for path in ("/report", "/receipt"):
        assert weigh(anybody, path).total < 60 * KB, path


ENTRIES, STEPS = 500, 200


def test_the_page_of_an_incident_with_a_long_journal_and_a_long_run_is_light(office: Office) -> None:
    number = office.open("NOC", playbook=office.do(lambda: add_playbook(long_playbook(), BY, office.hand.at).cacao_id))

    def write_notes() -> None:
        incident = incident_by_number(number)
        assert incident is not None
        for place in range(ENTRIES):
            add_note(incident.id, f"Note {place}: looked again, nothing new.", BY, office.hand.at)

    office.do(write_notes)
    fetch = fetching(office.browser("coordinator"))
    page = fetch(f"/incidents/{number}", {}).decode()
    assert f"of {STEPS} steps" in page
    assert page.count('id="entry-') <= ROWS
    assert weigh(fetch, f"/incidents/{number}").page < 60 * KB


def long_playbook() -> dict[str, Any]:
    """A playbook of many steps, one after the other."""
    steps = {f"look {place}": action(f"look {place + 1}", name=f"Look at host {place}") for place in range(STEPS)}
    return document({**steps, f"look {STEPS}": None}, name="Long")


ROWS = 60
"""The most rows of a list."""


@pytest.mark.parametrize("path", ["/incidents", "/incidents?tab=all", "/inbox", "/inbox?view=all"])
def test_no_list_shows_more_rows_than_fit_a_light_page(busy: Office, path: str) -> None:
    shown = busy.browser("coordinator").get(path)
    assert 10 < shown.count("<tr") <= ROWS + 1  # and its head
