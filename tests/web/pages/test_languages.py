"""Texts of playbooks and departments in the reader's language, and questions with answers."""

import re
from typing import Any

import pytest

from incident.actions.directory import departments, people
from incident.actions.playbooks import playbooks
from incident.store.incidents.incidents import incident_by_number
from incident.store.playbooks.runs import Run, runs_of
from tests.core.cacao.build import PEOPLE_AGENT, action, document, manual
from tests.web.office import BY, Office

HAN = re.compile("[\u4e00-\u9fff]")
WORDS = {"en": ("Isolate the hosts", "Pull the cable."), "zh_Hans_CN": ("隔离主机", "拔掉网线。")}


def in_two_languages() -> dict[str, Any]:
    """A playbook of one task that asks for a truth and a word."""
    steps = {
        "isolate": action(
            "end",
            manual("Pull the cable.\n\n拔掉网线。"),
            name="Isolate the hosts / 隔离主机",
            out_args=["__is_real__", "__backups__"],
        ),
        "end": None,
    }
    variables = {
        "__is_real__": {"type": "bool", "description": "Is it real? / 是否属实？"},
        "__backups__": {"type": "string", "description": "Backups: clean or none / 备份：clean（完好）或 none（没有）"},
    }
    made = document(steps, "Contain / 止损", playbook_variables=variables)
    made["agent_definitions"][PEOPLE_AGENT]["name"] = "DUTY"
    return made


@pytest.fixture
def number(office: Office) -> str:
    """An incident on which that playbook runs, for a department with two names."""
    at = office.hand.at
    office.do(lambda: departments.add_department("DUTY", "Duty Office / 值班室", None, BY, at))
    office.do(lambda: people.add_person("clerk", "A clerk", "department", "DUTY", None, "en", BY, at))
    office.do(lambda: playbooks.add_playbook(in_two_languages(), BY, at))
    return office.open("DUTY", "NOC", playbook=in_two_languages()["id"])


def main_of(page: str) -> str:
    """The part of a page that is its own, without frame, addresses and the form that tells another department."""
    return re.sub(r"<[^>]*>", " ", page[page.index("<main") : page.index("</main>")])


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_a_task_is_read_in_one_language(office: Office, number: str, language: str) -> None:
    page = main_of(office.browser("coordinator", language).get(f"/incidents/{number}"))
    other = "zh_Hans_CN" if language == "en" else "en"
    assert all(words in page for words in WORDS[language])
    assert not any(words in page for words in WORDS[other])


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_the_inbox_of_a_department_is_read_in_one_language(office: Office, number: str, language: str) -> None:
    page = main_of(office.browser("clerk", language).get("/inbox"))
    other = "zh_Hans_CN" if language == "en" else "en"
    assert all(words in page for words in WORDS[language])
    assert not any(words in page for words in WORDS[other])


@pytest.mark.parametrize("path", ["/incidents/{}", "/inbox", "/departments", "/playbooks", "/journal", "/drills/new"])
def test_a_reader_of_english_meets_no_chinese(office: Office, number: str, path: str) -> None:
    shown = main_of(office.browser("coordinator").get(path.format(number)))
    assert HAN.findall(shown) == []


def test_a_playbook_is_read_in_one_language_and_its_file_keeps_both(office: Office, number: str) -> None:
    path = f"/playbooks/{in_two_languages()['id']}"
    browser = office.browser("coordinator", "zh_Hans_CN")
    page = main_of(browser.get(path))
    assert "隔离主机" in page
    assert "值班室" in page
    assert "Isolate" not in page
    assert "Isolate the hosts / 隔离主机" in browser.get(f"{path}/file")


def test_the_ways_of_a_decision_are_called_what_they_mean(office: Office) -> None:
    ways = {"clean": "end_clean", "none": "end_none"}
    made = in_two_languages()
    look = {"type": "switch-condition", "switch": "__backups__:value", "cases": ways, "on_completion": "end"}
    steps = {
        "look": look,
        "end_clean": action("ended_clean", manual(), name="Restore / 恢复"),
        "end_none": action("ended_none", manual(), name="Rebuild / 重建"),
        "ended_clean": None,
        "ended_none": None,
        "end": None,
    }
    switch = document(steps, "Restore / 恢复", playbook_variables=made["playbook_variables"])
    office.do(lambda: playbooks.add_playbook(switch, BY, office.hand.at))
    page = main_of(office.browser("coordinator", "zh_Hans_CN").get(f"/playbooks/{switch['id']}"))
    assert "完好：" in page
    assert "没有：" in page


def test_a_simulation_calls_departments_by_their_names(office: Office, number: str) -> None:
    page = main_of(office.browser("coordinator").get(f"/playbooks/{in_two_languages()['id']}/simulate"))
    assert "Duty Office: Isolate the hosts" in page
    assert HAN.findall(page) == []


def test_a_title_that_somebody_wrote_stays_whole(office: Office) -> None:
    number = office.open("NOC", title="Call Bob / 张三")
    assert "Call Bob / 张三" in office.browser("coordinator").get(f"/incidents/{number}")


def test_the_questions_of_a_task_are_answered_by_choosing(office: Office, number: str) -> None:
    page = office.browser("coordinator", "zh_Hans_CN").get(f"/incidents/{number}")
    assert "是否属实？" in page
    for name, values in (("__is_real__", ["true", "false", ""]), ("__backups__", ["clean", "none", ""])):
        assert re.findall(rf'type="radio" name="variable:{name}" value="(\w*)" required', page) == values
    assert "<span>完好</span>" in page, "people see what an answer means, not its code"


def test_what_was_chosen_reaches_the_run(office: Office, number: str) -> None:
    form = {"result": "succeeded", "variable:__is_real__": "true", "variable:__backups__": ""}
    office.browser("responder").post(f"/tasks/{office.task(number)}/complete", **form)
    values = office.do(lambda: _run_of(number).document["values"][""])
    assert values == {"__is_real__": "true", "__backups__": None}


@pytest.mark.parametrize("where", ["page", "inbox"])
def test_a_value_that_does_not_fit_is_told_beside_its_question_and_the_rest_is_kept(
    office: Office, number: str, where: str
) -> None:
    form = {"result": "succeeded", "variable:__is_real__": "perhaps", "variable:__backups__": "none"}
    task = office.task(number)
    sent = form | {"from": "inbox"} if where == "inbox" else form
    page = office.browser("clerk").post(f"/tasks/{task}/complete", status=422, task=str(task), **sent).text
    assert ('id="inbox"' in page) is (where == "inbox")
    question = page[page.index("Is it real?") : page.index("Backups")]
    assert 'class="fault"' in question
    assert re.search(r'name="variable:__backups__" value="none" required checked', page)


def test_a_list_is_written_with_the_mark_of_its_language(office: Office) -> None:
    number = office.open("CERT", "NOC")
    for language, shown in (
        ("en", "Emergency response, Network operations"),
        ("zh_Hans_CN", "Emergency response、Network operations"),
    ):
        assert shown in office.browser("reader", language).get("/incidents").partition(f'id="row-{number}"')[2]


def test_the_incident_of_a_drill_is_called_in_both_languages(office: Office, number: str) -> None:
    browser = office.browser("coordinator", "zh_Hans_CN")
    browser.post("/drills", playbook=in_two_languages()["id"], speed="60", departments="NOC")
    drill = "DRL-2026-000001"
    assert office.incident(drill).title == "Exercise: Contain / 演练：止损"
    assert "<h1>演练：止损</h1>" in browser.get(f"/incidents/{drill}")
    assert "<h1>Exercise: Contain</h1>" in office.browser("reader").get(f"/incidents/{drill}")


def _run_of(number: str) -> Run:
    found = incident_by_number(number)
    assert found is not None
    return runs_of(found.id)[0]


def test_the_page_of_an_incident_lists_what_people_answered_in_words(office: Office, number: str) -> None:
    form = {"result": "succeeded", "variable:__is_real__": "true", "variable:__backups__": "clean"}
    office.browser("responder").post(f"/tasks/{office.task(number)}/complete", **form)
    for language, said in (
        ("en", ("Is it real? Yes", "Backups clean")),
        ("zh_Hans_CN", ("是否属实？ 是", "备份 完好")),
    ):
        page = main_of(office.browser("coordinator", language).get(f"/incidents/{number}"))
        words = " ".join(page.split())
        assert all(one in words for one in said), words
    assert "answers-so-far" not in office.browser("clerk").get(f"/incidents/{number}"), (
        "values are for those who read the journal"
    )
