"""The notification centre: what needs or concerns a person, and the bell in the frame."""

import datetime as dt
import re

import pytest

from incident import custodian_key
from incident.actions.incidents.exports import NewExport, make_next_piece, request_export
from incident.core.values.access import Viewer, viewer_of
from incident.formats.messages import load_catalogues
from incident.store.db.database import db
from incident.store.directory.people import Person, person_by_login
from incident.store.queries.notification_centre import CentreItem, Cursor, list_centre
from incident.web.pages.navigation.waiting import count_all_waiting
from incident.web.security.auth import Caller
from tests.web.office import BY, Browser, Office, playbook
from tests.web.pages.reports.test_custodians import hold_ceremony, report_bribe
from tests.web.pages.reports.test_identity_requests import ask, leave_contact


def unread(page: str) -> int:
    """The number that the bell of a page shows."""
    found = re.search(r'id="bell".*?</a>', page, re.S)
    assert found is not None
    number = re.search(r'badge-count" aria-hidden="true">(\d+)', found[0])
    return 0 if number is None else int(number[1])


def lines(browser: Browser) -> list[str]:
    """The items of the centre, the newest first, each by its kind and whether it is unread."""
    found = re.findall(r'<li id="([a-z_]+)-\d+"( class="unread")?>', browser.get("/notifications"))
    return [f"{kind}{'*' if is_unread else ''}" for kind, is_unread in found]


def test_news_are_counted_by_the_bell_and_read_at_once(office: Office) -> None:
    number = office.open("NOC", grade=3, title="Files encrypted")
    reader, boss = office.browser("reader"), office.browser("coordinator")
    assert unread(reader.get("/")) == 0
    assert "You have no notifications." in reader.get("/notifications")
    reader.post(f"/incidents/{number}/follow", follow="yes")
    boss.post(f"/incidents/{number}/change", title="Files encrypted", grade="2", tlp="amber")
    office.hand.forward(seconds=1)
    boss.post(f"/incidents/{number}/notes", note="@reader please look")
    page = reader.get("/notifications")
    assert unread(page) == 2
    assert lines(reader) == ["news*", "news*"]
    assert page.index("A note mentions you.") < page.index("The grade is now II.")
    assert f'href="/incidents/{number}"' in page
    shown = page.partition('name="until" value="')[2].partition('"')[0]
    office.hand.forward(seconds=1)
    boss.post(f"/incidents/{number}/notes", note="@reader come at once")
    for _ in range(2):  # a double click changes nothing more
        reader.post("/notifications/read", until=shown)
    assert lines(reader) == ["news*", "news", "news"]
    reader.post("/notifications/read")
    assert (unread(reader.get("/")), lines(reader)) == (0, ["news", "news", "news"])
    reader.post("/notifications/read", 422, until="yesterday")


def test_what_waits_stays_until_it_is_done_and_the_place_to_act_is_one_link_away(office: Office) -> None:
    number = office.open("NOC", title="Files encrypted", playbook=playbook()["id"])
    office.hand.forward(seconds=1)
    officer, boss = office.browser("department"), office.browser("coordinator")
    assert lines(officer) == ["notice*"]
    page = officer.get("/notifications")
    notice = page.partition(f'href="/incidents/{number}#notice-')[2].partition('"')[0]
    assert "Network operations has been notified and has not answered yet." in page
    officer.post("/notifications/read")
    assert (lines(officer), unread(officer.get("/inbox"))) == (["notice"], 0)
    task = office.task(number)
    office.hand.forward(seconds=1)
    boss.post(f"/tasks/{task}/assign", assignee="department")
    assert lines(officer) == ["task*", "notice"]
    assert f'href="/incidents/{number}#task-{task}"' in officer.get("/notifications")
    officer.post(f"/notices/{notice}/acknowledge")
    officer.post(f"/tasks/{task}/complete", result="failed")
    assert lines(officer) == []
    assert lines(boss) == []


def test_an_export_says_that_it_is_ready(office: Office) -> None:
    office.open("NOC")

    def export() -> None:
        whose = person_by_login("reader")
        assert whose is not None
        new = NewExport(format="csv", filter={}, sort=None, columns=["number"], language="en", person_id=whose.id)
        request_export(new, BY, office.hand.at)
        while make_next_piece(office.hand.at, dt.UTC, load_catalogues()):  # type: ignore[arg-type]
            pass

    office.do(export)
    page = office.browser("reader").get("/notifications")
    assert re.search(r"Your export incidents-[0-9-]+\.csv is ready\.", page)
    assert lines(office.browser("reader")) == ["export*"]
    assert lines(office.browser("coordinator")) == []


def test_an_incident_that_became_red_is_gone_from_list_and_count(office: Office) -> None:
    number = office.open("NOC", grade=3)
    reader, boss = office.browser("reader"), office.browser("coordinator")
    reader.post(f"/incidents/{number}/follow", follow="yes")
    boss.post(f"/incidents/{number}/acknowledge")
    assert (unread(reader.get("/")), lines(reader)) == (2, ["news*", "news*"])
    boss.post(f"/incidents/{number}/change", title="Hidden", grade="3", tlp="red")
    assert (unread(reader.get("/")), lines(reader)) == (0, [])


def test_the_list_goes_on_where_a_page_ends(office: Office) -> None:
    reader, boss = office.browser("reader"), office.browser("coordinator")
    for _ in range(3):
        number = office.open("NOC", grade=3)
        boss.post(f"/incidents/{number}/notes", note="@reader one\n@reader")
        boss.post(f"/incidents/{number}/notes", note="@reader two")

    def paged() -> None:
        whose = person_by_login("reader")
        assert whose is not None
        viewer = Viewer("reader", frozenset(), whose.id)
        whole = list_centre(viewer, [], office.hand.at, None, 100)
        found: list[CentreItem] = []
        after: Cursor | None = None
        while part := list_centre(viewer, [], office.hand.at, after, 2):
            found += part
            after = (part[-1].at, part[-1].kind, part[-1].id)
        assert found == list(whole)
        assert len(whole) == 6

    office.do(paged)
    reader.get("/notifications?cursor=nothing", 422)


@pytest.mark.parametrize("role", ["administrator", "coordinator", "responder", "department", "reader"])
def test_the_bell_counts_what_the_list_shows_as_unread(office: Office, role: str) -> None:
    for _ in range(2):
        office.open("NOC", "CERT", grade=2, playbook=playbook()["id"])
    office.open("NOC", tlp="red")

    def agree() -> None:
        person = person_by_login(role)
        assert isinstance(person, Person)
        viewer = viewer_of(role, person.department_id, person.id)
        with office.app.test_request_context("/"):
            counted = count_all_waiting(Caller(viewer, BY, BY, "", person.department_id, person.id))
        assert counted.unread == len(list_centre(viewer, [], office.hand.at, None, 100))
        db.session.rollback()

    office.do(agree)


def test_live_parts_bring_the_bell_along(office: Office) -> None:
    number, officer = office.open("NOC"), office.browser("department")
    for path in ("/", "/inbox", "/incidents", f"/incidents/{number}/live"):
        part = officer.get(path, headers={"HX-Request": "true"})
        assert (part.count('id="bell"'), unread(part)) == (1, 1), path
        assert 'hx-swap-oob="outerMorph"' in part, path
    assert 'hx-swap-oob="outerMorph"' not in officer.get("/inbox")


def test_programs_read_the_same_page_by_page_and_have_none_of_their_own(office: Office) -> None:
    reader, boss, number = office.browser("reader"), office.browser("coordinator"), office.open("NOC", grade=3)
    for word in ("one", "two"):
        boss.post(f"/incidents/{number}/notes", note=f"@reader {word}")
        office.hand.forward(seconds=1)
    first = reader.client.get("/api/v1/notifications?limit=1").json
    assert first is not None
    [item] = first["items"]
    assert (item["kind"], item["incident"], item["is_unread"]) == ("news", number, True)
    rest = reader.client.get(f"/api/v1/notifications?limit=1&cursor={first['next']}").json
    assert rest is not None
    assert [one["id"] for one in rest["items"]] == [item["id"] - 1]
    assert rest["next"] is None
    assert reader.client.get("/api/v1/notifications?cursor=nothing").status_code == 422


def test_a_request_for_contact_details_waits_for_who_may_answer_and_its_answer_for_the_requester(
    office: Office,
) -> None:
    leave_contact(office)
    responder, boss = office.browser("responder"), office.browser("coordinator")
    place, _secret = ask(responder)
    assert lines(responder) == lines(office.browser("reader")) == []
    assert lines(boss) == ["identity_request*"]
    assert unread(boss.get("/")) == 1
    assert f'href="{place}"' in boss.get("/notifications")
    boss.post(f"{place}/approve")
    assert lines(boss) == []
    assert lines(responder) == ["identity_answer*"]
    assert "You can read the contact details that you requested." in responder.get("/notifications")
    office.hand.forward(seconds=1)
    second, _secret = ask(responder)
    boss.post(f"{second}/refuse", reason="Once is enough.")
    assert "Your request for contact details was refused." in responder.get("/notifications")


def test_who_works_on_a_report_is_not_asked_to_answer_a_request_about_it(office: Office) -> None:
    leave_contact(office)
    boss = office.browser("coordinator")
    ask(office.browser("responder"))
    boss.post("/reports/1/messages", text="We look at it.")
    assert lines(boss) == []
    assert lines(office.browser("administrator")) == ["identity_request*"]


def test_custodians_are_asked_to_answer_a_request_for_protected_details(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custodian_key, "MEMORY_KIB", 64)
    monkeypatch.setattr(custodian_key, "PASSES", 1)
    hold_ceremony(office)
    report_bribe(office)
    ask(office.browser("responder"))
    assert [lines(office.browser(role)) for role in ("reader", "administrator")] == [["identity_request*"]] * 2
