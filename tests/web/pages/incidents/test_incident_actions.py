"""Actions on the page of an incident."""

import re

import pytest

from incident.actions.directory import departments
from incident.core.incidents.routing_document import read_rules
from incident.store.journal import journal
from tests.plugins.app import AT
from tests.web.office import Office, playbook
from tests.world import BY


@pytest.fixture
def number(office: Office) -> str:
    """The number of an incident of CERT and NOC on which a playbook runs."""
    return office.open("NOC", "CERT", playbook=playbook()["id"], grade=2)


def event_types(office: Office, number: str) -> list[str]:
    return office.do(lambda: [entry.event_type for entry in journal.latest_entries_of(number, 100)])


def test_a_responder_takes_an_incident_on(office: Office, number: str) -> None:
    browser = office.browser("responder")
    assert "Take it on" in browser.get(f"/incidents/{number}")
    answer = browser.post(f"/incidents/{number}/acknowledge")
    assert "You have taken the incident on." in browser.get(answer.location)
    assert office.incident(number).status == "handling"


def test_facts_are_changed_and_the_journal_says_what_was_before(office: Office, number: str) -> None:
    browser = office.browser("responder")
    form = {
        "version": "1",
        "title": "Ransomware",
        "grade": "1",
        "tlp": "amber",
        "category": "MPRANS",
        "description": "",
    }
    form["version"] = version_of(browser.get(f"/incidents/{number}"))
    browser.post(f"/incidents/{number}/change", **form)
    page = browser.get(f"/incidents/{number}")
    assert "grade: II → I" in page
    assert "category: – → Ransomware" in page
    assert "Ransomware</h1>" in page


def test_a_change_of_what_somebody_changed_meanwhile_is_refused_and_not_lost(office: Office, number: str) -> None:
    browser = office.browser("responder")
    version = version_of(browser.get(f"/incidents/{number}"))
    browser.post(f"/incidents/{number}/notes", note="in between")
    answer = browser.post(
        f"/incidents/{number}/change", status=412, version=version, title="Typed meanwhile", tlp="amber"
    )
    assert "Somebody changed this in the meantime" in answer.text
    assert 'value="Typed meanwhile"' in answer.text


def test_departments_that_the_rules_name_after_a_change_are_told_by_a_button(office: Office, number: str) -> None:
    rule = {"when": {"grade": [1]}, "set": {"departments": ["CERT", "PRESS"]}}
    book = read_rules({"rules": [rule], "default": {"departments": []}})
    office.do(lambda: departments.put_rules(book, None, BY, AT))
    browser = office.browser("responder")
    page = browser.get(f"/incidents/{number}")
    assert 'id="proposed"' not in page
    form = {"version": version_of(page), "title": "Ransomware", "grade": "1", "tlp": "amber"}
    browser.post(f"/incidents/{number}/change", **form)
    page = browser.get(f"/incidents/{number}")
    assert re.findall(r'id="proposed".*value="(\w+)"', page) == ["PRESS"]
    assert "the rules name as well: " in page
    assert 'id="proposed"' not in office.browser("reader").get(f"/incidents/{number}")
    browser.post(f"/incidents/{number}/change", departments="PRESS")
    assert 'id="proposed"' not in browser.get(f"/incidents/{number}")


def test_another_department_is_told(office: Office, number: str) -> None:
    office.browser("responder").post(f"/incidents/{number}/change", departments="PRESS")
    page = office.browser("responder").get(f"/incidents/{number}")
    assert "Press office cannot be told: it has no contact at level 1." in page
    assert "departments added: Press office" in page


def test_a_note_stands_in_the_journal_in_the_writers_name(office: Office, number: str) -> None:
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/notes", note="Called the owner.\r\nNo answer.")
    page = browser.get(f"/incidents/{number}")
    assert "<blockquote>Called the owner.\nNo answer.</blockquote>" in page
    assert "Person responder" in page


def test_an_empty_note_is_refused(office: Office, number: str) -> None:
    assert (
        "This field is needed."
        in office.browser("responder").post(f"/incidents/{number}/notes", status=422, note=" ").text
    )


def test_closing_over_live_work_is_refused_and_names_it(office: Office, number: str) -> None:
    browser = office.browser("coordinator")
    answer = browser.post(
        f"/incidents/{number}/close", status=409, resolution="contained", closing_note="Typed already"
    )
    assert "Work is still going on" in answer.text
    assert "Contain and tell" in answer.text
    assert "Isolate the hosts" in answer.text
    assert "Typed already</textarea>" in answer.text
    assert re.search(r'<details class="panel" id="close" open>', answer.text)


def test_an_override_needs_a_reason_and_then_cancels_the_work(office: Office, number: str) -> None:
    browser = office.browser("coordinator")
    browser.post(f"/incidents/{number}/close", status=422, override="1", reason="")
    browser.post(f"/incidents/{number}/close", override="1", reason="False alarm", resolution="false alarm")
    page = browser.get(f"/incidents/{number}")
    assert office.incident(number).status == "closed"
    assert office.state_of(number, "CERT") == "withdrawn"
    assert "<blockquote>False alarm</blockquote>" in page
    assert "Reopen the incident" in page


def test_a_responder_is_not_offered_to_close(office: Office, number: str) -> None:
    browser = office.browser("responder")
    assert "Close the incident" not in browser.get(f"/incidents/{number}")
    browser.post(f"/incidents/{number}/close", status=403)


def test_a_closed_incident_is_reopened_and_its_departments_told_anew(office: Office) -> None:
    number = office.open("NOC")
    browser = office.browser("coordinator")
    browser.post(f"/incidents/{number}/close")
    browser.post(f"/incidents/{number}/reopen", reopen_reason="It came back")
    assert office.incident(number).status == "handling"
    assert office.state_of(number, "NOC") == "open"
    assert "incident.reopened" in event_types(office, number)


def test_reports_are_linked_and_unlinked(office: Office, number: str) -> None:
    report = office.report("The screen is red")
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/reports", report=str(report))
    assert "The screen is red" in browser.get(f"/incidents/{number}")
    browser.post(f"/incidents/{number}/reports/{report}/unlink")
    assert "The screen is red" not in browser.get(f"/incidents/{number}")
    browser.post(f"/incidents/{number}/reports", status=422, report="999")
    browser.post(f"/incidents/{number}/reports/{report}/unlink", status=404)


def test_a_task_is_done_with_its_value_and_the_run_goes_on(office: Office, number: str) -> None:
    task = office.task(number)
    browser = office.browser("responder")
    page = browser.get(f"/incidents/{number}")
    assert "<strong>every</strong>" in page
    assert 'rel="noopener noreferrer" target="_blank"' in page
    form = {"result": "succeeded", "note": "Both are off", "variable:__hosts__": "2", "task": str(task)}
    browser.post(f"/tasks/{task}/complete", **form)
    page = browser.get(f"/incidents/{number}")
    assert "“Isolate the hosts” succeeded; “Tell the owner” waiting for people" in page
    assert "Both are off" in page
    assert office.task(number) != task


def test_a_value_that_does_not_fit_is_refused_and_not_lost(office: Office, number: str) -> None:
    task = office.task(number)
    form = {"result": "succeeded", "note": "typed", "variable:__other__": "2", "task": str(task)}
    answer = office.browser("responder").post(f"/tasks/{task}/complete", status=422, **form)
    assert "__hosts__" in answer.text
    assert "typed</textarea>" in answer.text


def test_a_task_that_has_ended_says_so(office: Office, number: str) -> None:
    task = office.task(number)
    browser = office.browser("responder")
    browser.post(f"/tasks/{task}/complete", result="succeeded")
    assert "has ended" in browser.post(f"/tasks/{task}/complete", status=409, result="failed").text


def test_a_task_needs_a_result(office: Office, number: str) -> None:
    office.browser("responder").post(f"/tasks/{office.task(number)}/complete", status=422, result="perhaps")


def test_a_reader_completes_nothing(office: Office, number: str) -> None:
    browser = office.browser("reader")
    assert "task-form" not in browser.get(f"/incidents/{number}")
    browser.post(f"/tasks/{office.task(number)}/complete", status=403, result="succeeded")


def test_a_run_is_cancelled_and_another_started(office: Office, number: str) -> None:
    browser = office.browser("coordinator")
    browser.post("/runs/1/cancel", run_reason="Wrong playbook")
    assert "cancelled" in browser.get(f"/incidents/{number}")
    browser.post("/runs/1/cancel", status=409)
    browser.post(f"/incidents/{number}/runs", playbook=playbook()["id"])
    browser.post(f"/incidents/{number}/runs", status=422, playbook="playbook--unknown")
    assert browser.get(f"/incidents/{number}").count('class="panel" id="run-') == 2


def test_the_whole_journal_is_shown_on_demand(office: Office) -> None:
    number = office.open("NOC")
    browser = office.browser("responder")
    for count in range(70):
        browser.post(f"/incidents/{number}/notes", note=f"note {count}.")
    assert "note 0." not in browser.get(f"/incidents/{number}")
    whole = browser.get(f"/incidents/{number}?journal=all")
    assert "note 0." in whole
    assert f'hx-get="/incidents/{number}/live?journal=all"' in whole


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]
