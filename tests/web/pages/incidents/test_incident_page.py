"""The page of one incident: what stands first, and that it says one thing in one way."""

import datetime as dt
import gzip
import re
from typing import Any

import pytest
from markupsafe import escape

from incident.actions.incidents.incidents import add_note
from incident.actions.operations import timers
from incident.actions.playbooks import playbooks
from incident.core.journal.timeline_groups import GROUPS
from tests.core.cacao.build import action, document, manual
from tests.plugins.app import AT
from tests.test_query_counts import counted
from tests.web.office import BY, Office, playbook


def order(page: str, *ids: str) -> list[int]:
    """Where the parts with these ids begin."""
    return [page.index(f'id="{one}"') for one in ids]


def test_facts_stand_before_what_is_to_do_departments_playbook_and_timeline(office: Office) -> None:
    number = office.open("CERT", playbook=playbook()["id"], description="Three hosts are encrypted")
    page = office.browser("responder").get(f"/incidents/{number}")
    places = order(page, "facts", "now", "notices", "runs", "journal")
    assert places == sorted(places)
    assert page.index("Three hosts are encrypted") < page.index('id="now"')


def test_the_head_says_what_runs_out_first(office: Office) -> None:
    number = office.open("CERT", "NOC")
    page = office.browser("responder").get(f"/incidents/{number}")
    head = page.partition('class="war-head"')[2].partition("</header>")[0]
    due = re.search(r'id="clock".*?datetime="([^"]+)"', head)
    assert due is not None
    assert dt.datetime.fromisoformat(due[1]) == office.hand.at + dt.timedelta(minutes=5)


def test_a_member_finds_the_answers_of_the_own_department_first_and_once(office: Office) -> None:
    number = office.open("NOC", "CERT")
    page = office.browser("department").get(f"/incidents/{number}")
    now = page.partition('id="now"')[2].partition("</section>")[0]
    assert "Network operations must answer" in now
    assert "Acknowledge" in now
    assert page.count('action="/notices/') == now.count('action="/notices/')


def test_answers_of_other_departments_are_folded(office: Office) -> None:
    number = office.open("NOC", "CERT")
    page = office.browser("coordinator").get(f"/incidents/{number}")
    assert "Acknowledge" not in page.partition('id="now"')[2].partition("</section>")[0]
    rows = page.partition('id="notices"')[2].partition("</section>")[0]
    assert len(re.findall(r'<details class="fold small" id="more-\d+"><summary>Messages and answers', rows)) == 2


def test_a_department_without_contact_is_said_in_one_way_on_page_timeline_and_inbox(office: Office) -> None:
    number = office.open("PRESS")
    said = "Press office has no contact and cannot be notified."
    for minutes in (0, 16, 16):
        office.hand.forward(minutes=minutes)
        office.do(lambda: timers.fire_due(office.hand.at))
    assert office.state_of(number, "PRESS") == "exhausted"
    browser = office.browser("coordinator")
    page, inbox = browser.get(f"/incidents/{number}"), browser.get("/inbox")
    assert said in page.partition('id="facts"')[0]
    assert said in inbox
    assert len(re.findall(re.escape(said), page.partition('id="journal"')[2])) == 2
    for text in (page, inbox):
        assert "nobody answered" not in text
        assert "all levels were notified" not in text.lower()


def test_opening_says_that_departments_are_notified_only_when_they_are(office: Office) -> None:
    browser = office.browser("responder")
    alone = browser.post("/incidents", title="Files cannot be opened", tlp="amber").location
    assert "The incident is open. No department has been notified." in browser.get(alone)
    notified = browser.post("/incidents", title="Files cannot be opened", tlp="amber", departments="CERT").location
    assert "The incident is open. Its departments are being notified." in browser.get(notified)


def timeline_of(page: str) -> str:
    """The timeline of an incident's page."""
    return page.partition('id="journal"')[2].partition("</section>")[0]


def test_the_timeline_is_filtered_by_the_address_and_stays_so_when_it_is_live(office: Office) -> None:
    number = office.open("NOC", playbook=playbook()["id"])
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/notes", note="Called the owner")
    shown = {name: timeline_of(browser.get(f"/incidents/{number}?show={name}")) for name in GROUPS}
    assert "Called the owner" in shown["people"]
    assert "notified at level 1" in shown["notifications"]
    assert "Playbook “Contain and tell” started" in shown["tasks"]
    for name, its in shown.items():
        assert ("Called the owner" in its, "notified at level 1" in its) == (name == "people", name == "notifications")
    assert f'hx-get="/incidents/{number}/live?show=people"' in browser.get(f"/incidents/{number}?show=people")
    assert "Called the owner" in timeline_of(browser.get(f"/incidents/{number}?show=nonsense"))


def test_entries_that_repeat_others_in_detail_are_shown_on_request(office: Office) -> None:
    number = office.open("NOC", playbook=playbook()["id"])
    for _ in range(2):
        office.browser("responder").post(f"/tasks/{office.task(number)}/complete", result="succeeded")
    browser = office.browser("responder")
    detail = "“Isolate the hosts” succeeded; “Tell the owner” waiting for people"
    assert detail not in timeline_of(browser.get(f"/incidents/{number}"))
    assert detail in timeline_of(browser.get(f"/incidents/{number}?show=tasks"))
    assert detail in timeline_of(browser.get(f"/incidents/{number}?show=all"))


def test_a_note_is_markdown_without_html_and_names_the_people_it_mentions(office: Office) -> None:
    number = office.open("NOC")
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/notes", note="**Ask** @coordinator, not a@coordinator or @nobody <b>x</b>\nnow")
    page = timeline_of(browser.get(f"/incidents/{number}"))
    mentioned = '<strong class="mention" title="@coordinator">@Person coordinator</strong>'
    assert f"<strong>Ask</strong> {mentioned}, not a@coordinator" in page
    assert "@nobody &lt;b&gt;x&lt;/b&gt;<br />\nnow" in page


@pytest.mark.parametrize("piece", ["[", "a\n", "*_", "<b>["])
def test_a_note_of_thousands_of_marks_is_shown_as_it_was_typed(office: Office, piece: str) -> None:
    number, browser = office.open("NOC"), office.browser("responder")
    log = (piece * 20_000)[:19_000].strip()
    browser.post(f"/incidents/{number}/notes", note=log)
    page = timeline_of(browser.get(f"/incidents/{number}"))
    assert f"<p>{escape(log)}</p>".replace("\n", "<br />\n") in page


def long_playbook(steps: int) -> dict[str, Any]:
    """A playbook of many manual steps, one after the other."""
    names = [f"step{number}" for number in range(steps)]
    following = [*names[1:], "end"]
    made = {
        name: action(after, manual(f"Do **what** is to do at {name}."), name=f"Do what is to do at place {name}")
        for name, after in zip(names, following, strict=True)
    }
    return document(made | {"end": None}, "Long")


def test_a_page_with_500_entries_and_200_steps_is_light_and_takes_few_statements(office: Office) -> None:
    book = long_playbook(200)
    office.do(lambda: playbooks.add_playbook(book, BY, AT))
    number, small = office.open("CERT", "NOC", playbook=book["id"]), office.open("NOC", playbook=book["id"])
    found = office.incident(number).id

    def write_notes() -> None:
        for count in range(500):
            add_note(found, f"Note {count} of somebody who writes much about what was found and done", BY, AT)

    office.do(write_notes)
    browser = office.browser("coordinator")
    browser.get(f"/incidents/{number}")
    with office.app.app_context(), counted() as few:
        browser.get(f"/incidents/{small}")
    with office.app.app_context(), counted() as sent:
        page = browser.get(f"/incidents/{number}")
    assert "Do what is to do at place step0<" in page
    assert "Do what is to do at place step199" not in page
    assert "Do what is to do at place step199" in browser.get("/runs/1/steps")
    assert len(gzip.compress(page.encode())) < 26_000
    assert len(sent) <= 60
    assert len(sent) <= len(few) + 2


def test_all_steps_of_a_run_have_a_page_of_their_own_for_those_who_see_the_incident(office: Office) -> None:
    book = long_playbook(30)
    office.do(lambda: playbooks.add_playbook(book, BY, AT))
    number = office.open("CERT", playbook=book["id"])
    page = office.browser("reader").get("/runs/1/steps")
    assert page.count('<span class="name">Do what is to do at place step') == 30
    assert f'href="/incidents/{number}#run-1"' in page
    assert "All steps of the playbook “Long”" in page
    assert "预案“Long”的全部步骤" in office.browser("reader", "zh_Hans_CN").get("/runs/1/steps")
    office.browser("department").get("/runs/1/steps", status=404)
    office.browser("reader").get("/runs/2/steps", status=404)
    office.browser().get("/runs/1/steps", status=303)
