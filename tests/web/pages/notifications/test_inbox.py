"""The inbox of a department."""

import re

from incident.store.notifications.notice_events import notice_events_of
from tests.web.office import Office, playbook


def test_what_is_due_first_stands_first(office: Office) -> None:
    later, sooner = office.open("NOC", title="Later"), office.open("CERT", title="Sooner")
    page = office.browser("coordinator").get("/inbox")
    assert page.index(sooner) < page.index(later)


def test_a_department_acknowledges_with_one_button(office: Office) -> None:
    number = office.open("NOC")
    browser = office.browser("department")
    page = browser.get("/inbox")
    assert number in page
    path = re.search(r'action="(/notices/\d+/acknowledge)"', page)
    assert path is not None
    answer = browser.post(path[1], **{"from": "inbox"})
    assert answer.location == "/inbox?said=acknowledged"
    assert "No further level will be told" in browser.get(answer.location)
    assert office.state_of(number, "NOC") == "acknowledged"
    assert browser.post(path[1], **{"from": "inbox"}).location == "/inbox?said=already"


def test_a_department_does_not_see_or_answer_for_another(office: Office) -> None:
    number = office.open("CERT")
    browser = office.browser("department")
    assert number not in browser.get("/inbox")
    browser.post(f"/notices/{office.notice(number, 'CERT')}/acknowledge", status=404)
    assert office.state_of(number, "CERT") == "open"


def test_a_reader_sees_and_does_not_answer(office: Office) -> None:
    number = office.open("CERT")
    browser = office.browser("reader")
    assert "btn-big" not in browser.get("/inbox")
    browser.post(f"/notices/{office.notice(number, 'CERT')}/acknowledge", status=403)


def test_a_department_answers_for_an_incident_of_tlp_red_without_reading_it(office: Office) -> None:
    number = office.open("NOC", tlp="red", title="The secret matter")
    browser = office.browser("department")
    page = browser.get("/inbox")
    assert "The secret matter" not in page
    assert "TLP:RED, for the people named on it only" in page
    browser.post(f"/notices/{office.notice(number, 'NOC')}/acknowledge", **{"from": "inbox"})
    assert office.state_of(number, "NOC") == "acknowledged"


def test_a_refused_answer_does_not_show_an_incident_of_tlp_red(office: Office) -> None:
    number = office.open("NOC", tlp="red", title="The secret matter")
    path, browser = f"/notices/{office.notice(number, 'NOC')}/decline", office.browser("department")
    assert "The secret matter" not in browser.post(path, status=422).text
    assert "The secret matter" not in browser.post(path, status=422, **{"from": "inbox"}).text
    assert office.state_of(number, "NOC") == "open"
    assert browser.post(path, reason="Not ours").location == "/inbox?said=declined"


def test_a_department_does_its_task_from_the_inbox(office: Office) -> None:
    number = office.open("NOC", playbook=playbook()["id"])
    task = office.task(number)
    browser = office.browser("department")
    assert "Isolate the hosts" in browser.get("/inbox")
    answer = browser.post(f"/tasks/{task}/complete", result="succeeded", **{"from": "inbox", "variable:__hosts__": "1"})
    assert answer.location == "/inbox?said=completed"
    assert "Tell the owner" in browser.get("/inbox")


def test_the_inbox_is_narrowed_to_one_department(office: Office) -> None:
    noc, cert = office.open("NOC"), office.open("CERT")
    page = office.browser("responder").get("/inbox?department=NOC")
    assert (noc in page, cert in page) == (True, False)


def test_the_menu_says_how_much_waits(office: Office) -> None:
    office.open("NOC")
    office.open("NOC")
    page = office.browser("department").get("/inbox")
    assert re.search(r'href="/inbox"[^>]*>Inbox <span class="badge-count">2</span>', page)


def test_what_changed_is_fetched_alone(office: Office) -> None:
    office.open("NOC")
    part = office.browser("department").get("/inbox", headers={"HX-Request": "true"})
    assert part.lstrip().startswith('<div id="inbox"')


def answers_in(page: str) -> list[str]:
    return re.findall(r'action="/notices/\d+/(\w+)"', page)


def test_a_department_accepts_and_says_that_it_is_done(office: Office) -> None:
    number = office.open("NOC")
    browser = office.browser("department")
    assert answers_in(browser.get("/inbox")) == ["acknowledge", "accept", "decline"]
    path = f"/notices/{office.notice(number, 'NOC')}"
    assert browser.post(f"{path}/accept", **{"from": "inbox"}).location == "/inbox?said=accepted"
    page = browser.get("/inbox")
    assert "In hand" in page
    assert answers_in(page) == ["done", "decline"]
    browser.post(f"{path}/done", **{"from": "inbox"})
    assert office.state_of(number, "NOC") == "done"
    assert answers_in(browser.get("/inbox")) == []


def test_a_department_declines_with_a_reason_and_a_colleague_can_still_accept(office: Office) -> None:
    number = office.open("NOC")
    browser = office.browser("department")
    path = f"/notices/{office.notice(number, 'NOC')}"
    browser.post(f"{path}/decline", 422, **{"from": "inbox", "notice": path.rpartition("/")[2], "reason": " "})
    assert office.state_of(number, "NOC") == "open"
    browser.post(f"{path}/decline", **{"from": "inbox", "reason": "Not our network"})
    page = browser.get("/inbox")
    assert "Not our network" in page
    assert answers_in(page) == ["accept"]


def test_what_somebody_of_the_department_sees_is_noted_once_and_what_others_see_is_not(office: Office) -> None:
    number = office.open("NOC")
    office.browser("coordinator").get("/inbox")
    assert office.do(lambda: list(notice_events_of([office.notice(number, "NOC")]))) == []
    browser = office.browser("department")
    browser.get("/inbox")
    browser.get("/inbox")
    [fact] = office.do(lambda: list(notice_events_of([office.notice(number, "NOC")])))
    assert (fact.kind, fact.via, fact.by.startswith("person:")) == ("opened", "inbox", True)
    assert office.state_of(number, "NOC") == "open"


def test_a_coordinator_withdraws_on_the_page_of_the_incident(office: Office) -> None:
    number = office.open("NOC")
    browser = office.browser("coordinator")
    path = f"/notices/{office.notice(number, 'NOC')}/withdraw"
    assert path in browser.get(f"/incidents/{number}")
    browser.post(path, reason="Named by mistake")
    assert office.state_of(number, "NOC") == "withdrawn"
    assert "Named by mistake" in browser.get(f"/incidents/{number}")


def test_the_ledger_and_the_certificate_are_pages_to_be_read(office: Office) -> None:
    number = office.open("NOC")
    browser = office.browser("department")
    browser.post(
        f"/notices/{office.notice(number, 'NOC')}/decline", **{"from": "inbox", "reason": "Not <ours>, ask the NOC"}
    )
    for path in ("ledger", "certificate"):
        page = browser.get(f"/incidents/{number}/{path}")
        assert "Not &lt;ours&gt;, ask the NOC" in page
        assert "declined" in page
    assert "SHA256:" in page
    file = browser.client.get(f"/incidents/{number}/certificate.json")
    assert file.headers["Content-Disposition"] == f'attachment; filename="{number}-certificate.json"'
    assert file.get_json()["certificate"]["incident"]["number"] == number


def test_what_was_declined_stands_first_until_another_department_is_named(office: Office) -> None:
    number = office.open("NOC")
    office.browser("department").post(f"/notices/{office.notice(number, 'NOC')}/decline", reason="Not our network")
    boss = office.browser("coordinator")
    page = boss.get("/incidents")
    assert 'id="declined"' in page
    assert "Not our network" in page
    office.hand.forward(minutes=1)
    boss.post(f"/incidents/{number}/change", departments="CERT")
    assert 'id="declined"' not in boss.get("/incidents")
