"""Actions on the page of an incident."""

import re

import pytest

from incident.actions.directory import departments
from incident.actions.playbooks import playbooks
from incident.core.incidents.routing_document import read_rules
from incident.store.journal import journal
from tests.core.cacao.build import action, document, manual
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
    assert "Take ownership" in browser.get(f"/incidents/{number}")
    answer = browser.post(f"/incidents/{number}/acknowledge")
    assert "You are now responsible for this incident." in browser.get(answer.location)
    assert office.incident(number).status == "handling"


def test_who_takes_it_on_owns_it_until_it_is_assigned_to_somebody_else(office: Office, number: str) -> None:
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/acknowledge")
    assert owner_shown(browser.get(f"/incidents/{number}")) == "Person responder"
    answer = browser.post(f"/incidents/{number}/owner", owner="coordinator")
    page = browser.get(answer.location)
    assert "The people on the incident are changed." in page
    assert owner_shown(page) == "Person coordinator"
    assert "owner: Person coordinator" in page
    assert "Person reader" not in page.partition('id="assign-owner"')[2].partition("</select>")[0]
    assert "Undo the assignment" in page
    version = office.incident(number).version
    office.browser("coordinator").post(f"/incidents/{number}/owner/undo", 409, version=version)
    undone = browser.get(browser.post(f"/incidents/{number}/owner/undo", version=version).location)
    assert "The assignment is undone." in undone
    assert owner_shown(undone) == "Person responder"
    assert "Undo the assignment" not in undone
    browser.post(f"/incidents/{number}/owner", owner="")
    assert owner_shown(browser.get(f"/incidents/{number}")) == "no one"


def test_liaison_and_communication_stand_in_the_head_and_in_the_timeline_until_they_are_cleared(
    office: Office, number: str
) -> None:
    browser = office.browser("responder")
    seen = seen_on(browser.get(f"/incidents/{number}"))
    browser.post(f"/incidents/{number}/owner", seen=seen, owner="", liaison="reader", communication="coordinator")
    page = office.browser("reader").get(f"/incidents/{number}")
    head = re.sub(r"<[^>]+>", "", page.partition('class="war-sub"')[2].partition("<nav")[0])
    assert "Liaison: Person reader" in head
    assert "Communication: Person coordinator" in head
    assert "liaison: Person reader; communication: Person coordinator" in page
    browser.post(f"/incidents/{number}/owner", liaison="")
    assert "liaison: no one" in browser.get(f"/incidents/{number}")
    refused = browser.post(f"/incidents/{number}/owner", 422, communication="nobody")
    assert "nobody" in refused.text.partition('id="assign-communication-fault"')[2].partition("</span>")[0]


def test_who_is_assigned_meanwhile_by_somebody_else_is_not_replaced(office: Office, number: str) -> None:
    browser, other = office.browser("responder"), office.browser("coordinator")
    seen = seen_on(browser.get(f"/incidents/{number}"))
    other.post(f"/incidents/{number}/owner", seen=seen, owner="coordinator", liaison="")
    browser.post(f"/incidents/{number}/owner", seen=seen, owner="", liaison="reader")
    assert owner_shown(browser.get(f"/incidents/{number}")) == "Person coordinator"
    refused = browser.post(f"/incidents/{number}/owner", 412, seen=seen, owner="responder")
    assert "Someone else changed this while you were typing." in refused.text


def test_people_are_named_on_an_incident_and_named_no_longer(office: Office) -> None:
    number = office.open("NOC", tlp="red")
    browser, reader = office.browser("coordinator"), office.browser("reader")
    reader.get(f"/incidents/{number}", 404)
    browser.post(f"/incidents/{number}/people", name_person="reader")
    reader.get(f"/incidents/{number}")
    page = browser.get(f"/incidents/{number}")
    assert "people named on it: Person reader" in page
    browser.post(f"/incidents/{number}/people", unname_person="reader")
    reader.get(f"/incidents/{number}", 404)


def test_who_may_not_change_an_incident_sees_the_owner_and_assigns_nobody(office: Office, number: str) -> None:
    reader = office.browser("reader")
    page = reader.get(f"/incidents/{number}")
    assert owner_shown(page) == "no one"
    assert 'id="assign"' not in page
    reader.post(f"/incidents/{number}/owner", 403, owner="responder")
    refused = office.browser("responder").post(f"/incidents/{number}/owner", 422, owner="reader")
    assert "Person reader may not change incidents, so cannot own one." in refused.text


def owner_shown(page: str) -> str:
    """The owner in the head of an incident's page."""
    found = re.search(r'<span id="owner">.*?</span>(.*?)</span>', page)
    assert found is not None
    return found[1].strip()


def test_facts_are_changed_and_the_journal_says_what_was_before(office: Office, number: str) -> None:
    browser = office.browser("responder")
    form = {
        "title": "Ransomware",
        "grade": "1",
        "tlp": "amber",
        "category": "MPRANS",
        "description": "",
    }
    form["seen"] = seen_on(browser.get(f"/incidents/{number}"))
    browser.post(f"/incidents/{number}/change", **form)
    page = browser.get(f"/incidents/{number}")
    assert "grade: II → I" in page
    assert "category: – → Ransomware" in page
    assert "Ransomware</h1>" in page


def test_a_note_in_between_does_not_stop_a_change_of_the_facts(office: Office, number: str) -> None:
    browser = office.browser("responder")
    seen = seen_on(browser.get(f"/incidents/{number}"))
    browser.post(f"/incidents/{number}/notes", note="in between")
    browser.post(f"/incidents/{number}/change", seen=seen, title="Typed meanwhile", tlp="amber")
    assert office.incident(number).title == "Typed meanwhile"


def test_a_fact_that_somebody_else_changed_meanwhile_is_kept_where_nothing_was_typed(
    office: Office, number: str
) -> None:
    browser, other = office.browser("responder"), office.browser("coordinator")
    seen = seen_on(browser.get(f"/incidents/{number}"))
    shown = {"title": "Ransomware in accounting", "grade": "2", "tlp": "amber", "description": ""}
    other.post(f"/incidents/{number}/change", seen=seen, **(shown | {"grade": "1"}))
    browser.post(f"/incidents/{number}/change", seen=seen, **(shown | {"description": "Typed"}))
    changed = office.incident(number)
    assert (changed.grade, changed.description) == (1, "Typed")


def test_a_category_that_was_not_touched_is_neither_a_conflict_nor_put_back(office: Office) -> None:
    number = office.open("NOC", category="MPRANS", description="")
    browser, other = office.browser("responder"), office.browser("coordinator")
    seen = seen_on(browser.get(f"/incidents/{number}"))
    shown = {
        "title": office.incident(number).title,
        "grade": "",
        "tlp": "amber",
        "description": "",
        "category": "Ransomware",
    }
    other.post(f"/incidents/{number}/change", seen=seen, **(shown | {"category": "Computer virus"}))
    browser.post(f"/incidents/{number}/change", seen=seen, **(shown | {"description": "Typed"}))
    changed = office.incident(number)
    assert (changed.category, changed.description) == ("MPEVIR", "Typed")
    refused = browser.post(f"/incidents/{number}/change", 412, seen=seen, **(shown | {"category": "Worm"}))
    conflict = refused.text.partition('id="conflict"')[2].partition("</table>")[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", conflict) == ["Computer virus", "Worm"]
    assert 'value="Worm"' in refused.text


def test_a_fact_that_two_people_change_is_refused_and_both_texts_are_shown(office: Office, number: str) -> None:
    browser, other = office.browser("responder"), office.browser("coordinator")
    seen = seen_on(browser.get(f"/incidents/{number}"))
    shown = {"title": "Ransomware in accounting", "grade": "2", "tlp": "amber", "description": ""}
    other.post(f"/incidents/{number}/change", seen=seen, **(shown | {"title": "Theirs", "grade": "1"}))
    mine = shown | {"title": "Mine", "description": "Typed"}
    answer = browser.post(f"/incidents/{number}/change", status=412, seen=seen, **mine)
    assert "Someone else changed this while you were typing." in answer.text
    conflict = answer.text.partition('id="conflict"')[2].partition("</table>")[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", conflict) == ["Theirs", "Mine"]
    assert 'value="Mine"' in answer.text
    assert office.incident(number).title == "Theirs"
    again = mine | {"grade": "1"}
    assert '<option value="1" selected>' in answer.text
    browser.post(f"/incidents/{number}/change", seen=seen_on(answer.text), **again)
    changed = office.incident(number)
    assert (changed.title, changed.grade, changed.description) == ("Mine", 1, "Typed")


def test_departments_that_the_rules_name_after_a_change_are_told_by_a_button(office: Office, number: str) -> None:
    rule = {"when": {"grade": [1]}, "set": {"departments": ["CERT", "PRESS"]}}
    book = read_rules({"rules": [rule], "default": {"departments": []}})
    office.do(lambda: departments.put_rules(book, None, BY, AT))
    browser = office.browser("responder")
    page = browser.get(f"/incidents/{number}")
    assert 'id="proposed"' not in page
    form = {"seen": seen_on(page), "title": "Ransomware", "grade": "1", "tlp": "amber"}
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
    assert "Press office has no contact and cannot be notified." in page
    assert "departments added: Press office" in page


def test_a_note_stands_in_the_journal_in_the_writers_name(office: Office, number: str) -> None:
    browser = office.browser("responder")
    browser.post(f"/incidents/{number}/notes", note="Called the owner.\r\nNo answer.")
    page = browser.get(f"/incidents/{number}")
    assert '<blockquote class="note"><p>Called the owner.<br />\nNo answer.</p>\n</blockquote>' in page
    assert "Person responder" in page


def test_an_empty_note_is_refused(office: Office, number: str) -> None:
    assert "Enter a value." in office.browser("responder").post(f"/incidents/{number}/notes", status=422, note=" ").text


def test_closing_over_live_work_is_refused_and_names_it(office: Office, number: str) -> None:
    browser = office.browser("coordinator")
    answer = browser.post(
        f"/incidents/{number}/close", status=409, resolution="contained", closing_note="Typed already"
    )
    assert "Work is still in progress. Playbooks: Contain and tell; tasks: Isolate the hosts." in answer.text
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
    page = browser.get(f"/incidents/{number}?show=all")
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
    browser.post(f"/incidents/{number}/runs", playbook=playbook()["id"], seen="1")
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


def seen_on(page: str) -> str:
    """What the forms of roles and facts say about what their reader saw."""
    return " ".join(re.findall(r'name="seen" value="([^"]*)"', page))


def test_a_refusal_to_close_names_work_by_its_names_with_links_and_asks_why_at_once(office: Office) -> None:
    number = office.open("NOC", playbook=playbook()["id"])
    page = office.browser("coordinator").get(f"/incidents/{number}?open=close")
    form = page.partition('id="close" open')[2].partition("</form>")[0]
    assert re.search(r'<a href="#run-\d+">Contain and tell</a>', form)
    assert re.search(rf'<a href="#task-{office.task(number)}">Isolate the hosts</a>', form)
    assert re.search(r'id="field-reason" name="reason"[^>]* required[^>]* autofocus', form)
    refused = office.browser("coordinator", "zh_Hans_CN").post(f"/incidents/{number}/close", status=409).text
    fault = refused.partition('id="fault"')[2].partition("</ul>")[0].partition("</strong>")[0]
    assert "1:" not in fault


def test_a_run_is_paused_and_resumed_without_a_question_and_a_step_decided_with_a_reason(office: Office) -> None:
    number = office.open("NOC", playbook=playbook()["id"])
    browser = office.browser("coordinator")
    browser.post("/runs/1/pause")
    assert 'action="/runs/1/resume"' in browser.get(f"/incidents/{number}")
    browser.post("/runs/1/pause", status=409)
    browser.post("/runs/1/resume")
    page = browser.get(f"/incidents/{number}")
    assert 'action="/runs/1/pause"' in page
    step = re.search(r'name="step" value="([^"]+)"', page)
    assert step is not None
    refused = browser.post("/runs/1/step", status=422, step=step[1], action="succeeded", step_reason="")
    assert "Enter a value." in refused.text
    browser.post("/runs/1/step", step=step[1], action="succeeded", step_reason="It was off already")
    page = browser.get(f"/incidents/{number}")
    assert "set manually" in page
    assert "It was off already" in page


def test_who_may_not_steer_a_run_has_no_buttons_for_it(office: Office, number: str) -> None:
    browser = office.browser("responder")
    page = browser.get(f"/incidents/{number}")
    assert "/runs/1/pause" not in page
    assert 'id="steer-' not in page
    browser.post("/runs/1/pause", status=403)
    browser.post("/runs/1/step", status=403, step="x", action="retry", step_reason="x")


def test_a_task_asks_a_question_instead_of_naming_a_variable(office: Office) -> None:
    truth = {"type": "bool", "description": "Are the hosts off? / 主机是否已断电？", "value": "false"}
    steps = {"off": action("end", manual("Set is_off to true or false."), name="Cut", out_args=["__is_off__"])}
    book = document(steps | {"end": None}, "Cut", playbook_variables={"__is_off__": truth})
    office.do(lambda: playbooks.add_playbook(book, BY, AT))
    page = office.browser("responder").get(f"/incidents/{office.open('NOC', playbook=book['id'])}")
    task = page.partition('id="task-')[2].partition("</details>")[0]
    assert "Answer “Are the hosts off?” with yes or no." in task
    assert "is_off" not in re.sub(r'name="variable:[^"]*"', "", task)


def test_a_task_is_given_to_a_person_and_is_then_that_persons(office: Office, number: str) -> None:
    task = office.task(number)
    coordinator, responder = office.browser("coordinator"), office.browser("responder")
    assert '<a href="#now">Now</a>' in responder.get(f"/incidents/{number}")
    form = {"task_id": str(task), "task_version": "1", "assignee": "responder"}
    coordinator.post(f"/tasks/{task}/assign", **form)
    page = responder.get(f"/incidents/{number}")
    assert '<a href="#now">Now <span class="badge-count">1</span></a>' in page
    assert "Task “Isolate the hosts” assigned to Person responder" in page
    refused = coordinator.post(f"/tasks/{task}/assign", status=412, **form)
    assert re.search(rf'<details class="fold small mt-2" id="assign-{task}" open>', refused.text)
    office.browser("reader").post(f"/tasks/{task}/assign", 403, assignee="reader")
    assert 'id="assign-' not in office.browser("reader").get(f"/incidents/{number}")
