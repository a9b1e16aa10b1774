"""The inbox of a department."""

import re

from incident.actions.directory import people
from incident.actions.directory.rotas import put_rota
from incident.core.duty.rota import Rota
from incident.store.directory.departments import department_by_code
from incident.store.notifications.notice_events import notice_events_of
from tests.web.office import BY, Office, playbook


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
    assert "No further level will be notified" in browser.get(answer.location)
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
    assert "TLP:RED, only for the people named on it" in page
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


def sections_of(page: str) -> list[str]:
    """The groups of tasks in an inbox and the tasks in them, in order."""
    return re.findall(
        r'<(?:h2 class="mb-2"|details class="fold"|article class="panel") id="(my-tasks|to-do|with-others|task-\d+)"',
        page,
    )


def test_a_task_is_taken_and_given_back_in_the_inbox(office: Office) -> None:
    number = office.open("NOC", playbook=playbook()["id"])
    task, browser = office.task(number), office.browser("department")
    assert sections_of(browser.get("/inbox")) == ["to-do", f"task-{task}"]
    assert browser.post(f"/tasks/{task}/take", **{"from": "inbox"}).location == "/inbox?said=task_taken"
    page = browser.get("/inbox")
    assert sections_of(page) == ["my-tasks", f"task-{task}"]
    assert "You do this" in page
    office.do(
        lambda: people.add_person("colleague", "A colleague", "department", "NOC", None, "en", BY, office.hand.at)
    )
    colleague = office.browser("colleague")
    assert sections_of(colleague.get("/inbox")) == ["with-others", f"task-{task}"]
    colleague.post(f"/tasks/{task}/take", 409, **{"from": "inbox"})
    colleague.post(f"/tasks/{task}/return", 409, **{"from": "inbox"})
    office.browser("reader").post(f"/tasks/{task}/take", 403)
    assert browser.post(f"/tasks/{task}/return", **{"from": "inbox"}).location == "/inbox?said=task_returned"
    assert sections_of(browser.get("/inbox")) == ["to-do", f"task-{task}"]


def test_a_task_that_was_given_to_a_coordinator_comes_before_those_of_departments(office: Office) -> None:
    first, second = (office.task(office.open("NOC", playbook=playbook()["id"])) for _ in range(2))
    boss = office.browser("coordinator")
    form = {"from": "inbox", "assignee": "coordinator", "task_id": str(second)}
    assert boss.post(f"/tasks/{second}/assign", **form).location == "/inbox?said=task_assigned"
    page = boss.get("/inbox")
    assert sections_of(page) == ["my-tasks", f"task-{second}"]
    assert rows_of(page, "task") == [str(first), str(second)]
    assert page.count("Person coordinator") >= 1


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


def rows_of(page: str, table: str) -> list[str]:
    """The ids of the rows of a table, in order."""
    return re.findall(rf'<tr id="{table}-(\d+)"', page)


def test_a_coordinator_sees_all_departments_in_a_table_by_name(office: Office) -> None:
    number = office.open("CERT", "PRESS")
    page = office.browser("coordinator").get("/inbox")
    assert rows_of(page, "notice") == [str(office.notice(number, code)) for code in ("CERT", "PRESS")]
    assert "Emergency response" in page
    assert page.count("has no contact and cannot be notified.") == 1
    assert "CERT</td>" not in page


def test_the_table_shows_twenty_rows_and_the_rest_behind_a_link(office: Office) -> None:
    for _ in range(21):
        office.open("CERT")
    browser = office.browser("coordinator")
    page = browser.get("/inbox")
    more = re.search(r'href="(/inbox\?skip=20#to-answer)"', page)
    assert (len(rows_of(page, "notice")), more is not None) == (20, True)
    rest = browser.get("/inbox?skip=20")
    assert len(rows_of(rest, "notice")) == 1
    assert not set(rows_of(rest, "notice")) & set(rows_of(page, "notice"))
    browser.get("/inbox?skip=-1&skip_tasks=99999999999&why=other&view=x")


def test_the_table_is_narrowed_to_why_a_department_waits(office: Office) -> None:
    running, lost = office.open("CERT"), office.open("PRESS")
    browser = office.browser("coordinator")
    page = browser.get("/inbox?why=unreached")
    assert rows_of(page, "notice") == [str(office.notice(lost, "PRESS"))]
    assert re.search(r'href="/inbox\?why=running"[^>]*>Counting down <span[^>]*>1<', page)
    assert rows_of(browser.get("/inbox?why=running"), "notice") == [str(office.notice(running, "CERT"))]


def test_tasks_of_all_departments_link_to_their_incident(office: Office) -> None:
    number = office.open("NOC", playbook=playbook()["id"])
    page = office.browser("coordinator").get("/inbox")
    assert rows_of(page, "task") == [str(office.task(number))]
    assert f'href="/incidents/{number}#task-{office.task(number)}"' in page


def test_an_answer_that_is_refused_in_the_table_keeps_what_was_typed(office: Office) -> None:
    notice = office.notice(office.open("CERT"), "CERT")
    fields = {"from": "inbox", "notice": notice, "reason": "x" * 2001}
    page = office.browser("coordinator").post(f"/notices/{notice}/decline", 422, **fields).text
    assert "x" * 2001 in page
    assert f'id="act-{notice}" open' in page


def test_people_of_departments_switch_between_their_work_and_all(office: Office) -> None:
    office.open("CERT")
    browser = office.browser("coordinator")
    assert rows_of(browser.get("/inbox?view=mine"), "notice") == []
    assert len(rows_of(browser.get("/inbox?view=all"), "notice")) == 1
    department = office.browser("department")
    assert rows_of(department.get("/inbox?view=all"), "notice") == []
    assert "view=all" not in department.get("/inbox")


def test_ones_own_work_comes_by_what_runs_out_first(office: Office) -> None:
    sooner = office.open("NOC")
    office.hand.forward(minutes=1)
    later = office.open("NOC")
    page = office.browser("department").get("/inbox")
    assert page.index(sooner) < page.index(later)


def test_the_inbox_says_when_one_is_on_duty_and_next(office: Office) -> None:
    browser = office.browser("department")
    assert "Network operations has no duty rota" in browser.get("/inbox")
    weeks = {
        "name": "W",
        "people": ["department", "reader"],
        "starts_on": "2026-01-05",
        "every": 1,
        "handover": "08:30",
    }

    def put(**more: object) -> None:
        noc = department_by_code("NOC")
        assert noc is not None
        put_rota(noc.id, Rota.from_json({"rotations": [weeks | more]}), None, BY, office.hand.at)

    office.do(lambda: put(people=["department"]))
    assert "You are on duty" in browser.get("/inbox")
    office.do(lambda: put(people=["reader"]))
    page = browser.get("/inbox")
    assert "You are not on duty now." in page
    assert "Person reader" in page
    office.do(lambda: put(every=7))
    assert "Next shift:" in browser.get("/inbox")


def test_an_empty_inbox_says_what_will_come(office: Office) -> None:
    page = office.browser("department").get("/inbox")
    assert "When your department is notified of an incident, it appears here." in page
    assert "When a playbook asks your department to do something, it appears here." in page
