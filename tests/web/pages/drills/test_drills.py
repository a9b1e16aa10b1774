"""The pages of drills: choose, start, follow, read; and the band on everything of an exercise."""

import re

import pytest

from incident.actions.directory import departments
from incident.core.values.access import Viewer
from incident.store.queries.drills import Drill, list_drills
from tests.web.office import BY, Office, playbook

PLAYBOOK = playbook()["id"]
NUMBER = "DRL-2026-000001"
BAND = "band-exercise"


def drill_of(office: Office) -> Drill:
    return office.do(lambda: list_drills(Viewer("coordinator"), None, None, 1)[0])


def test_the_form_has_the_departments_chosen_that_the_playbooks_agents_name(office: Office) -> None:
    office.do(lambda: departments.add_department("Response", "Response team", None, BY, office.hand.at))
    page = office.browser("coordinator").get(f"/drills/new?playbook={PLAYBOOK}")
    assert re.findall(r'value="(\w+)" checked', page) == ["Response"]
    assert '<option value="10" selected>' in page
    assert "at least 30 seconds" in page
    assert "60 times faster: an hour takes 1 min" in page


def test_a_drill_is_started_from_the_form(office: Office) -> None:
    browser = office.browser("coordinator")
    answer = browser.post("/drills", playbook=PLAYBOOK, speed="240", departments=["CERT", "PRESS"])
    assert answer.location == f"/drills/{drill_of(office).id}?said=drill_started"
    assert office.incident(NUMBER).speed == 240
    assert office.incident(NUMBER).title == "Exercise: Contain and tell"
    page = browser.get(answer.location)
    assert "The drill is running" in page
    assert "Press office" in page


def test_a_wrong_speed_shows_the_form_again_as_it_was_typed(office: Office) -> None:
    answer = office.browser("coordinator").post("/drills", 422, playbook=PLAYBOOK, speed="5000", departments=["PRESS"])
    assert "The speed of a drill must be a whole number from 1 to 1000." in answer.text
    assert re.findall(r'value="(\w+)" checked', answer.text) == ["PRESS"]


def test_the_page_of_a_drill_that_has_ended_says_what_to_do_better(office: Office) -> None:
    office.drill("CERT", "PRESS")
    browser = office.browser("coordinator")
    browser.post(f"/drills/{drill_of(office).id}/end")
    page = browser.get(f"/drills/{drill_of(office).id}")
    assert "What to do better" in page
    assert "Press office could not be notified because it has no contact." in page
    assert "Emergency response never acknowledged." in page
    assert "hx-get" not in page, "what is over does not change any more"


def test_a_second_drill_is_shown_beside_the_first(office: Office) -> None:
    for seconds in (60, 2):
        office.drill("CERT")
        number = f"DRL-2026-{drill_of(office).id:06}"
        office.hand.forward(seconds=seconds)
        office.acknowledge(number, "CERT")
        office.browser("coordinator").post(f"/drills/{drill_of(office).id}/end")
    page = office.browser("coordinator").get(f"/drills/{drill_of(office).id}")
    assert "Earlier runs of this playbook" in page
    assert "earlier drills: 1 hr" in page
    assert "better" in page


def test_who_may_not_hold_drills_reads_them(office: Office) -> None:
    office.drill("CERT")
    page = office.browser("reader").get("/drills")
    assert "Contain and tell" in page
    assert "/drills/new" not in page
    office.browser("reader").post("/drills", 403, playbook=PLAYBOOK)
    office.browser("reader").post("/drills/1/end", 403)


def test_a_department_reads_its_own_score_and_sees_no_list_of_playbooks(office: Office) -> None:
    office.drill("NOC", "CERT")
    browser = office.browser("department")
    page = browser.get("/drills/1")
    assert "Network operations" in page
    assert "Emergency response" not in page
    assert "f-playbook" not in browser.get("/drills")
    office.browser("coordinator").post("/drills/1/end")
    office.drill("CERT")
    browser.get("/drills/2", 404)
    assert "DRL-2026-000002" not in browser.get("/drills")


def test_an_exercise_is_marked_wherever_it_is_shown_and_a_real_incident_nowhere(office: Office) -> None:
    office.drill("NOC", "CERT")
    coordinator, department = office.browser("coordinator"), office.browser("department")
    places = [
        (coordinator, f"/incidents/{NUMBER}"),
        (coordinator, f"/incidents/{NUMBER}/live"),
        (coordinator, f"/incidents/{NUMBER}/runs/new?playbook={PLAYBOOK}"),
        (coordinator, "/outbox"),
        (department, "/inbox"),
        (department, f"/incidents/{NUMBER}"),
        (office.browser(), office.link(NUMBER)),
    ]
    for browser, path in places:
        assert BAND in browser.get(path), path
    assert "Exercise / 演练" in coordinator.get("/incidents?exercise=true")
    assert "tag-exercise" in coordinator.get("/inbox")
    assert NUMBER not in coordinator.get("/incidents")
    number = office.open("NOC", title="Real")
    for path in (f"/incidents/{number}", office.link(number)):
        assert BAND not in coordinator.get(path), path


def test_what_would_have_been_sent_is_shown_for_one_drill(office: Office) -> None:
    real = office.open("CERT", title="Real")
    office.drill("CERT")
    browser = office.browser("coordinator")
    path = f"/outbox?incident={NUMBER}"
    assert path in browser.get("/drills/1")
    page = browser.get(path)
    assert f"What would have been sent · {NUMBER}" in page
    assert real not in page
    browser.get("/outbox?incident=DRL-2026-000009", 404)


def test_the_link_in_a_drills_message_acknowledges(office: Office) -> None:
    office.drill("CERT")
    office.browser().post(office.link(NUMBER), 200)
    assert office.state_of(NUMBER, "CERT") == "acknowledged"


def test_the_countdown_of_a_step_is_told_in_real_time(office: Office) -> None:
    office.drill("NOC", speed=60)
    page = office.browser("coordinator").get(f"/incidents/{NUMBER}")
    due = re.search(r'id="run-1".*?data-until', page, re.DOTALL)
    assert due is not None
    assert 'datetime="2026-11-21T08:30:30Z"' in due[0], "thirty minutes of the playbook"


def test_an_exercise_takes_no_report_and_is_not_opened_again(office: Office) -> None:
    office.drill("CERT")
    browser = office.browser("coordinator")
    assert "/reports/link" not in browser.get(f"/incidents/{NUMBER}")
    browser.post("/drills/1/end")
    assert 'id="reopen"' not in browser.get(f"/incidents/{NUMBER}")


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_the_words_of_a_drill_are_there_in_both_languages(office: Office, language: str) -> None:
    office.drill("CERT")
    office.hand.forward(seconds=65)
    office.acknowledge(NUMBER, "CERT")
    browser = office.browser("coordinator", language)
    browser.post("/drills/1/end")
    page = browser.get("/drills/1")
    assert ("1 hr 5 min" if language == "en" else "1小时5分钟") in page
    assert ("The drill was ended early" if language == "en" else "演练提前结束") in page
