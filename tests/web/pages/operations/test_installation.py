"""The manifest, the service worker and the offline page."""

import json
import re
import struct

import pytest

from incident.web.pages.operations import installation
from tests.house.source import ROOT
from tests.web.office import Office


def release(office: Office, path: str = "/worker.js?lang=en") -> dict[str, object]:
    """What the server writes before the service worker."""
    found = re.match(r"const RELEASE = (\{.*\});\n", office.browser().get(path))
    assert found is not None
    facts: dict[str, object] = json.loads(found[1])
    return facts


@pytest.mark.parametrize(("code", "name"), [("en", "Security incidents"), ("zh", "安全事件")])
def test_the_manifest_names_the_program_in_the_language_of_the_page(office: Office, code: str, name: str) -> None:
    answer = office.browser().client.get(f"/manifest.webmanifest?lang={code}")
    assert answer.mimetype == "application/manifest+json"
    document = json.loads(answer.text)
    assert (document["name"], document["start_url"], document["display"]) == (name, "/", "standalone")
    assert {one["purpose"] for one in document["icons"]} == {"any", "maskable"}


def test_the_icons_of_the_manifest_have_the_size_that_it_says(office: Office) -> None:
    for one in json.loads(office.browser().get("/manifest.webmanifest"))["icons"]:
        content = office.browser().client.get(one["src"]).data
        assert struct.unpack(">II", content[16:24]) == tuple(map(int, one["sizes"].split("x")))


def test_the_worker_keeps_the_offline_page_and_static_files_with_a_mark_only(office: Office) -> None:
    kept = release(office)["kept"]
    assert isinstance(kept, list)
    assert kept[0] == "/offline?lang=en"
    assert all(re.fullmatch(r"/static/[\w/.-]+\?v=[0-9a-f]{10}", one) for one in kept[1:])
    assert all(office.browser().client.get(one).status_code == 200 for one in kept)


def test_the_worker_keeps_every_file_that_the_offline_page_needs(office: Office) -> None:
    kept = release(office)["kept"]
    assert isinstance(kept, list)
    assert set(re.findall(r'"(/static/[^"]+)"', office.browser().get("/offline"))) == set(kept[1:])


def test_the_worker_leaves_the_pages_of_people_who_do_not_sign_in_alone(office: Office) -> None:
    found = release(office)["strangers"]
    assert isinstance(found, list)
    assert {"report", "receipt", "acknowledge", "reached", "password", "sign-in", "setup"} <= set(found)
    assert "" not in found
    assert "incidents" not in found


def test_another_release_is_another_worker(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = release(office)["cache"]
    monkeypatch.setattr(installation, "offline_page", lambda: "another page")
    assert release(office)["cache"] != before


def test_a_browser_asks_for_the_worker_each_time(office: Office) -> None:
    answer = office.browser().client.get("/worker.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")


@pytest.mark.parametrize("path", ["/sign-in", "/report", "/receipt"])
def test_pages_of_strangers_register_no_worker_and_offer_no_app(office: Office, path: str) -> None:
    page = office.browser().get(path)
    assert "data-worker" not in page
    assert "manifest" not in page
    assert "install.js" not in page


def test_pages_of_signed_in_people_do(office: Office) -> None:
    page = office.browser("reader", "zh_Hans_CN").get("/incidents")
    assert 'data-worker="/worker.js?lang=zh"' in page
    assert 'href="/manifest.webmanifest?lang=zh"' in page


def test_the_offline_page_says_so_in_both_languages_and_leaves_no_cookie(office: Office) -> None:
    answer = office.browser().client.get("/offline?lang=zh")
    assert "您已离线" in answer.text
    assert "Set-Cookie" not in answer.headers
    page = office.browser("administrator").get("/offline?lang=en")
    assert "You are offline" in page
    assert "data-who" not in page


def test_the_colours_are_those_of_the_styles() -> None:
    styles = (ROOT / "incident/web/static/css/incident.css").read_text("utf-8")
    assert f"--ground: light-dark({installation.GROUND}," in styles
    assert f"--head: light-dark({installation.HEAD}," in styles
