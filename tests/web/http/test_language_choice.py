"""The choice of a language by the address of a page."""

import re

import pytest

from tests.web.office import Office
from tests.web.pages.test_every_page import PAGES, path_of

TAG = re.compile(r'<html lang="([\w-]+)"')


@pytest.mark.parametrize(("code", "tag"), [("zh", "zh-CN"), ("en", "en"), ("zh-CN", "zh-CN")])
def test_every_page_takes_a_language_in_its_address(office: Office, code: str, tag: str) -> None:
    number = office.open("NOC")
    other = "en" if code.startswith("zh") else "zh_Hans_CN"
    for path, roles in PAGES.items():
        if path.partition("?")[0].endswith(("/file", "/live", "/csv", "/results")):
            continue
        address = path_of(path).replace("INC-2026-000001", number)
        browser = office.browser(roles[0], other)
        browser.client.set_cookie("language", other)
        answer = browser.client.get(f"{address}{'&' if '?' in address else '?'}lang={code}")
        assert TAG.findall(answer.text) == [tag], path


def test_the_choice_is_kept_for_the_pages_that_follow(office: Office) -> None:
    browser = office.browser("reader")
    answer = browser.client.get("/incidents?lang=zh")
    assert "language=zh_Hans_CN" in answer.headers["Set-Cookie"]
    assert TAG.findall(browser.get("/inbox")) == ["zh-CN"]
    assert "Set-Cookie" not in browser.client.get("/incidents?lang=zh").headers


def test_the_switch_keeps_the_filters_of_a_list(office: Office) -> None:
    page = office.browser("reader").get("/incidents?q=mail&grade=2&said=closed")
    assert 'href="/incidents?q=mail&amp;grade=2&amp;lang=zh"' in page


def test_the_switch_of_a_refused_form_leads_to_the_page_of_the_form(office: Office) -> None:
    headers = {"Referer": "http://localhost/incidents/new", "Sec-Fetch-Site": "same-origin"}
    answer = office.browser("coordinator").client.post("/incidents", data={"title": ""}, headers=headers)
    assert answer.status_code == 422
    assert 'href="/incidents/new?lang=zh"' in answer.text


def test_a_program_does_not_choose_by_its_address(office: Office) -> None:
    answer = office.browser("reader").client.get("/api/v1/incidents?lang=zh")
    assert "Set-Cookie" not in answer.headers
