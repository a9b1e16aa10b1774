"""Merging, indicators and the review on the pages of incidents and in the inbox."""

import pytest

from tests.web.office import Browser, Office


@pytest.fixture
def pair(office: Office) -> tuple[str, str]:
    return office.open("CERT", title="Strange newsletter"), office.open("CERT", title="Phishing wave")


def section(page: str, name: str) -> str:
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def merge(browser: Browser, duplicate: str, into: str, status: int = 303) -> str:
    return browser.post(f"/incidents/{duplicate}/merge", status, into=into, merge_reason="the same <b>mail</b>").text


def test_a_duplicate_is_merged_and_the_merge_undone_on_the_page(office: Office, pair: tuple[str, str]) -> None:
    duplicate, survivor = pair
    boss = office.browser("coordinator")
    merge(boss, duplicate, survivor.lower())
    merge(boss, duplicate, survivor)
    page = boss.get(f"/incidents/{duplicate}")
    assert f'href="/incidents/{survivor}">{survivor}</a>' in page
    assert "the same &lt;b&gt;mail&lt;/b&gt;" in page
    assert "Undo the merge" in page
    assert 'id="reopen"' not in page
    assert duplicate in section(boss.get(f"/incidents/{survivor}"), "related")
    assert "Undo the merge" not in office.browser("responder").get(f"/incidents/{duplicate}")
    boss.post(f"/incidents/{duplicate}/merge/undo")
    assert "Undo the merge" not in boss.get(f"/incidents/{duplicate}")
    assert duplicate not in section(boss.get(f"/incidents/{survivor}"), "related")


def test_a_refused_merge_keeps_what_was_typed(office: Office, pair: tuple[str, str]) -> None:
    page = merge(office.browser("coordinator"), pair[0], "INC-1999-000001", 422)
    assert "There is no incident INC-1999-000001." in page
    assert "the same &lt;b&gt;mail&lt;/b&gt;" in page
    office.browser("responder").post(f"/incidents/{pair[0]}/merge", 403, into=pair[1], merge_reason="x")


def test_who_may_not_see_the_survivor_does_not_learn_its_number(office: Office, pair: tuple[str, str]) -> None:
    duplicate, survivor = pair
    boss = office.browser("coordinator")
    boss.post(f"/incidents/{survivor}/change", title="Phishing wave", tlp="red", description="")
    merge(boss, duplicate, survivor)
    for role in ("responder", "reader"):
        page = office.browser(role).get(f"/incidents/{duplicate}?show=all")
        assert "It is merged into another incident." in page
        assert survivor not in page


def test_indicators_are_pasted_copied_and_related(office: Office, pair: tuple[str, str]) -> None:
    first, second = pair
    browser = office.browser("responder")
    text = "hxxps://evil[.]example/a\nnonsense here\n198.51[.]100.7\n"
    refused = browser.post(f"/incidents/{first}/indicators", 422, pasted=text).text
    assert "Line 2: this is no address" in refused
    assert "198.51[.]100.7" in refused  # nothing typed is lost
    answer = browser.post(f"/incidents/{first}/indicators", pasted=text, skip_faulty="1")
    page = browser.get(answer.headers["Location"])
    assert "Added: 2. On the incident already: 0. Lines left out: 1." in page
    assert "https://evil.example/a" in page  # plain, to be copied without a script
    browser.post(f"/incidents/{second}/indicators", pasted="198.51.100.7")
    own = section(browser.get(f"/incidents/{first}"), "indicators")
    assert "hxxps://evil[.]example/a" in own
    assert 'data-copy="ioc-2-plain"' in own
    assert "Also in 1 incident" in own
    assert second in section(browser.get(f"/incidents/{first}/indicators?seen=2"), "elsewhere")
    assert second in section(browser.get(f"/incidents/{first}"), "related")
    assert browser.get(f"/incidents/{first}/indicators.txt?form=plain") == "https://evil.example/a\n198.51.100.7\n"
    assert browser.get(f"/incidents/{first}/indicators.txt").startswith("hxxps://evil[.]example/a\n")
    browser.post(f"/incidents/{first}/indicators/2/remove")
    assert "198.51" not in section(browser.get(f"/incidents/{first}"), "indicators")
    assert 'id="paste"' not in office.browser("reader").get(f"/incidents/{first}/indicators")


def test_a_review_is_written_and_its_action_done_in_the_inbox_of_its_owner(office: Office) -> None:
    number = office.open("CERT", "NOC")
    boss = office.browser("coordinator")
    assert 'id="review"' not in boss.get(f"/incidents/{number}")
    boss.post(f"/incidents/{number}/close", resolution="done", override="1", reason="test")
    boss.post(f"/incidents/{number}/review", went_well="The rota answered", went_wrong="")
    due = "2027-03-01 09:00"
    place = f"/incidents/{number}/review/actions"
    wrong = boss.post(place, 422, action_title="Patch it", action_owner="nobody", due_at="soon").text
    assert "Patch it" in wrong
    boss.post(place, action_title="Patch it", action_owner="department", due_at=due)
    page = section(boss.get(f"/incidents/{number}"), "review")
    assert "The rota answered" in page
    assert "Patch it" in page
    printed = boss.get(f"/incidents/{number}/report").partition('id="report-review"')[2]
    assert "The rota answered" in printed
    assert "Patch it" in printed
    owner = office.browser("department")
    inbox = owner.get("/inbox")
    assert "Patch it" in section(inbox, "review-actions")
    assert "An action of the review after closing is yours." in inbox
    assert "The rota answered" not in owner.get(f"/incidents/{number}")  # it sees its own action only
    assert "Patch it" in section(owner.get(f"/incidents/{number}"), "review")
    owner.post(f"{place}/1/done", **{"from": "inbox"})
    assert 'id="review-actions"' not in owner.get("/inbox")
    office.browser("reader").post(f"{place}/1/done", 403)
    boss.post(f"{place}/1/remove")
    assert "Patch it" not in section(boss.get(f"/incidents/{number}"), "review")
