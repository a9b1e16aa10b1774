"""A task that a filing ends: what its page shows, where it leads, and who may file."""

import re
from typing import Any

import pytest

from incident.actions.playbooks import playbooks
from incident.core.cacao.vocabulary import CLOCK_EXTENSION
from tests.core.cacao.build import PEOPLE_AGENT, action, document, manual
from tests.web.office import BY, Office

AT = "2026-11-21 00:00"


@pytest.fixture
def made(office: Office) -> dict[str, Any]:
    """A playbook whose first step ends by the first report of critical infrastructure, of the department NOC."""
    extension = {CLOCK_EXTENSION: {"clock": {"regime": "cn-cac-cii", "stage": "first"}}}
    steps = {
        "file": action("then", manual("Call 12387"), step_extensions=extension),
        "then": action("end", name="Tell the head"),
        "end": None,
    }
    made = document(steps, "Report it")
    made["agent_definitions"][PEOPLE_AGENT] = {"type": "organization", "name": "NOC"}
    office.do(lambda: playbooks.add_playbook(made, BY, office.hand.at))
    return made


@pytest.fixture
def number(office: Office, made: dict[str, Any]) -> str:
    office.browser("administrator").post("/organization", operator_class="cii", regions="330000")
    return office.open("NOC", playbook=made["id"])


def aware(office: Office, number: str) -> None:
    form = {"form": "aware", "who": "Li Wei", "how": "an alarm", "at": AT}
    office.browser("responder").post(f"/incidents/{number}/awareness", **form)


def form_of(page: str) -> str:
    """Return the address of the form of the filing that a task leads to."""
    [address] = re.findall(r'href="(/incidents/[^"]+/clocks\?file=\d+#clock-\d+)"', page)
    return str(address).replace("&amp;", "&")


def test_before_the_awareness_the_task_leads_to_where_it_is_recorded(office: Office, number: str) -> None:
    page = office.browser("responder").get(f"/incidents/{number}")
    assert "File: First report, Report of incidents of critical infrastructure" in page
    assert "nobody has recorded yet when the incident became known" in page
    assert f'href="/incidents/{number}/clocks#awareness"' in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("This task ends when the report is filed.", "to be judged", "File the report", "Call 12387")),
        (
            "zh_Hans_CN",
            ("完成报送后，此任务自动结束。", "登记报送", "报送首次报告：网络安全事件报告（关键信息基础设施）"),
        ),
    ],
)
def test_the_task_shows_the_clock_and_the_way_to_the_form_and_no_button_to_tick_it(
    office: Office, number: str, language: str, words: tuple[str, ...]
) -> None:
    aware(office, number)
    page = office.browser("responder", language).get(f"/incidents/{number}")
    task = page.partition('id="now"')[2].partition("</section>")[0]
    for one in words:
        assert one in task
    assert 'value="succeeded"' not in task
    assert "/complete" not in task
    form = office.browser("responder", language).get(form_of(page).partition("#")[0])
    around = form.partition('/file"')[0].rpartition("<details")[2]
    assert " open" in around.partition(">")[0]


def test_the_inbox_of_the_department_leads_to_the_form_and_its_people_file(office: Office, number: str) -> None:
    aware(office, number)
    clerk = office.browser("department")
    address = form_of(clerk.get("/inbox"))
    page = clerk.get(address.partition("#")[0])
    [clock] = re.findall(r'action="(/clocks/\d+/file)"', page)
    assert "/set-aside" not in page
    office.hand.forward(minutes=1)
    clerk.post(
        clock, form="file", channel="phone", at=AT, to="12387", receipt_number="R-7", late_code="other", late="x"
    )
    page = office.browser("responder").get(f"/incidents/{number}")
    assert "has ended: the report was filed" in page
    assert "Tell the head" in page
    assert not re.findall(r'action="/clocks/\d+/file"', clerk.get(f"/incidents/{number}/clocks"))
    clerk.post(clock, status=403, form="file", channel="phone", at=AT, to="12387")


def test_people_of_another_department_read_the_clocks_and_file_nothing(office: Office, made: dict[str, Any]) -> None:
    office.browser("administrator").post("/organization", operator_class="cii", regions="330000")
    number = office.open("NOC", "CERT")
    aware(office, number)
    clerk = office.browser("department")
    page = clerk.get(f"/incidents/{number}/clocks")
    assert "First report" in page
    assert "/file" not in page
    [clock] = re.findall(
        r'action="(/clocks/\d+/file)"', office.browser("responder").get(f"/incidents/{number}/clocks")
    )[:1]
    clerk.post(clock, status=403, form="file", channel="phone", at=AT, to="12387")


def test_a_form_that_ticks_it_is_refused_and_says_what_to_do(office: Office, number: str) -> None:
    aware(office, number)
    task = office.task(number)
    refused = office.browser("responder").post(f"/tasks/{task}/complete", status=409, result="succeeded").text
    assert "This task ends when the report is filed. Record the filing under Deadlines of authorities." in refused


def test_a_step_that_does_not_apply_says_so_on_the_page_of_the_incident(office: Office, made: dict[str, Any]) -> None:
    number = office.open("NOC", playbook=made["id"])
    page = office.browser("responder").get(f"/incidents/{number}")
    assert "Tell the head" in page
    assert "does not apply" in page
    assert "No such deadline runs on this incident; an exercise has none." in page
