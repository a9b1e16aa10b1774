"""Following an incident on its page, what is new in the inbox, and mentions in notes."""

import pytest

from tests.web.office import Office


def test_a_follower_finds_changes_in_the_inbox_until_the_incident_is_opened(office: Office) -> None:
    number = office.open("NOC", grade=3, title="Files encrypted")
    reader, boss = office.browser("reader"), office.browser("coordinator")
    answer = reader.post(f"/incidents/{number}/follow", follow="yes")
    page = reader.get(answer.location)
    assert "You follow this incident." in page
    assert ">Unfollow<" in page
    boss.post(f"/incidents/{number}/change", title="Files encrypted", grade="2", tlp="amber")
    boss.post(f"/incidents/{number}/owner", owner="responder")
    boss.post(f"/incidents/{number}/notes", note="@reader please look")
    inbox = reader.get("/inbox")
    news = inbox.partition('id="news"')[2].partition("</section>")[0]
    assert "The grade is now II." in news
    assert "Person responder is now the owner." in news
    assert "A note mentions you." in news
    assert "<q>@reader please look</q>" in news
    assert 'Inbox <span class="badge-count">3</span>' in inbox
    assert 'id="news"' not in boss.get("/inbox")
    assert "New for you" in office.browser("reader", "en").get("/inbox")
    reader.get(f"/incidents/{number}")
    assert 'id="news"' not in reader.get("/inbox")


def test_all_news_are_read_at_once_and_who_unfollows_gets_no_more(office: Office) -> None:
    reader, boss = office.browser("reader"), office.browser("coordinator")
    numbers = [office.open("NOC", grade=3) for _ in range(2)]
    for number in numbers:
        reader.post(f"/incidents/{number}/follow", follow="yes")
        boss.post(f"/incidents/{number}/acknowledge")
    assert reader.get("/inbox").count("The status is now: in progress.") == 2
    reader.post("/inbox/news/read")
    assert 'id="news"' not in reader.get("/inbox")
    reader.post(f"/incidents/{numbers[0]}/follow", follow="no")
    for number in numbers:
        boss.post(f"/incidents/{number}/close", resolution="A false alarm")
    news = reader.get("/inbox").partition('id="news"')[2].partition("</section>")[0]
    assert news.count("The incident is closed.") == 1
    assert "A false alarm" in news


def test_what_came_after_the_inbox_was_shown_stays_new(office: Office) -> None:
    reader, boss, number = office.browser("reader"), office.browser("coordinator"), office.open("NOC", grade=3)
    reader.post(f"/incidents/{number}/follow", follow="yes")
    boss.post(f"/incidents/{number}/acknowledge")
    shown = reader.get("/inbox").partition('name="until" value="')[2].partition('"')[0]
    office.hand.forward(seconds=1)
    boss.post(f"/incidents/{number}/notes", note="@reader come at once")
    reader.post("/inbox/news/read", until=shown)
    news = reader.get("/inbox").partition('id="news"')[2].partition("</section>")[0]
    assert "come at once" in news
    assert "The status is now" not in news
    reader.post("/inbox/news/read", 422, until="yesterday")


@pytest.mark.parametrize("role", ["reader", "responder"])
def test_nobody_follows_or_mentions_on_an_incident_that_they_may_not_see(office: Office, role: str) -> None:
    number = office.open("NOC", tlp="red")
    browser, boss = office.browser(role), office.browser("coordinator")
    browser.post(f"/incidents/{number}/follow", 404, follow="yes")
    browser.get(f"/incidents/{number}/people?q=co", 403 if role == "reader" else 404)
    found = boss.client.get(f"/incidents/{number}/people?q=person").json
    assert found is not None
    assert [one["login"] for one in found["items"]] == ["administrator", "coordinator"]
    boss.post(f"/incidents/{number}/notes", note=f"Ask @{role} or @administrator")
    page = boss.get(f"/incidents/{number}")
    assert f'Ask @{role} or <strong class="mention" title="@administrator">@Person administrator</strong>' in page
    assert 'id="news"' not in browser.get("/inbox")


def test_who_may_not_read_notes_is_told_of_a_mention_without_its_text(office: Office) -> None:
    number = office.open("NOC", grade=3)
    office.browser("coordinator").post(f"/incidents/{number}/notes", note="@department and @reader: keep it quiet")
    inbox = office.browser("department").get("/inbox")
    assert "A note mentions you." in inbox
    assert "keep it quiet" not in inbox
    assert "keep it quiet" not in office.browser("department").get(f"/incidents/{number}")
    assert "keep it quiet" in office.browser("reader").get("/inbox")
