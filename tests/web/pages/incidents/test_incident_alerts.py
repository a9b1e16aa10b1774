"""The page *Alerts* of an incident, and the notice on its page that alerts were grouped."""

import datetime as dt
import html
import re
from typing import Any

import pytest

from incident.actions.directory import departments
from incident.actions.incidents.receive import Decided, receive_alert
from incident.core.incidents.alert import Alert
from incident.core.incidents.grouping import StormLimits
from incident.core.incidents.routing_document import read_rules
from incident.web.instance import KEY
from incident.web.pages.incidents import incidents as pages
from tests.web.office import BY, Office

STORM = StormLimits(2, dt.timedelta(seconds=60))


def send(office: Office, fingerprint: str, limits: StormLimits = STORM, **facts: Any) -> Decided:
    alert = Alert(**{"source": "generic", "fingerprint": fingerprint, "title": "CPU high"} | facts)
    zone = office.app.extensions[KEY].settings.zone
    return office.do(lambda: receive_alert(alert, "token:1:prometheus", office.hand.at, zone, limits))


def put_rule(office: Office, **rule: Any) -> None:
    book = {"rules": [{"when": {}, "set": {"departments": ["NOC"]}} | rule]}
    office.do(lambda: departments.put_rules(read_rules(book), None, BY, office.hand.at))


@pytest.fixture
def storm(office: Office) -> str:
    """The number of an incident into which a storm was grouped."""
    put_rule(office)
    for number in range(4):
        decided = send(office, f"f{number}", title=f"CPU high on web-{number}", labels={"alertname": "CpuHigh"})
    return str(decided.incident)


def listed(page: str) -> list[str]:
    panel = page.partition('id="alerts"')[2]
    return [html.unescape(one) for one in re.findall(r'<strong class="flex-fill text-break">(.*?)</strong>', panel)]


def test_the_incident_says_that_a_storm_was_grouped_and_leads_to_all_alerts(office: Office, storm: str) -> None:
    page = office.browser("responder").get(f"/incidents/{storm}")
    notice = page.partition('id="grouped"')[2].partition("</div></div>")[0]
    assert "Further alerts were grouped into this incident." in notice
    assert "had opened 2 incidents within 60 seconds" in notice
    assert "No one is notified again of a grouped alert" in notice
    assert f'href="/incidents/{storm}/alerts"' in notice


def test_the_page_lists_each_alert_once_with_its_count_and_says_which_were_grouped(office: Office, storm: str) -> None:
    send(office, "f3", title="CPU high on web-3", labels={"alertname": "CpuHigh"}, status="resolved")
    page = office.browser("responder").get(f"/incidents/{storm}/alerts")
    assert listed(page) == ["CPU high on web-1", "CPU high on web-2", "CPU high on web-3"]
    first, second, third = page.partition('id="alerts"')[2].split("<li>")[1:4]
    assert "grouped" not in first
    assert "grouped" in second
    assert "2 times" in third
    assert "resolved" in third
    assert "had opened 2 incidents" in page.partition('id="grouped"')[2]


def test_a_group_of_a_rule_names_the_values_that_its_alerts_share(office: Office) -> None:
    put_rule(office, group_by=["region", "labels.alertname"], window="PT10M")
    for number in range(2):
        decided = send(office, f"f{number}", region="330100", labels={"alertname": "CpuHigh"})
    page = office.browser("responder").get(f"/incidents/{decided.incident}")
    notice = page.partition('id="grouped"')[2].partition("</div></div>")[0]
    assert "The routing rule groups alerts with the same values." in notice
    assert "CpuHigh" in notice
    assert "labels." not in notice


def test_an_incident_of_one_alert_has_no_notice_and_one_of_people_has_no_alerts(office: Office) -> None:
    browser = office.browser("responder")
    alone = send(office, "alone").incident
    assert 'id="grouped"' not in browser.get(f"/incidents/{alone}")
    assert listed(browser.get(f"/incidents/{alone}/alerts")) == ["CPU high"]
    number = office.open("CERT")
    assert "This incident has no alerts." in browser.get(f"/incidents/{number}/alerts")


def test_many_alerts_are_read_page_by_page(office: Office, storm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ALERTS_LIMIT", 2)
    browser = office.browser("responder")
    first = browser.get(f"/incidents/{storm}/alerts")
    further = re.search(r'href="([^"]+)">More alerts', first)
    assert further
    second = browser.get(html.unescape(further[1]))
    assert listed(first) + listed(second) == [f"CPU high on web-{number}" for number in (1, 2, 3)]
    assert "More alerts" not in second


def test_what_one_may_not_see_has_no_page_of_alerts(office: Office, storm: str) -> None:
    office.browser("responder").get("/incidents/INC-2026-999999/alerts", status=404)
    hidden = send(office, "other", StormLimits(0), title="Other").incident
    assert hidden != storm
    put_rule(office, set={"departments": ["CERT"]})
    elsewhere = send(office, "elsewhere", StormLimits(0), title="Elsewhere").incident
    office.browser("department").get(f"/incidents/{elsewhere}/alerts", status=404)
    office.browser(None).get(f"/incidents/{storm}/alerts", status=303)


def test_the_pages_are_in_chinese(office: Office, storm: str) -> None:
    page = office.browser("responder", "zh_Hans_CN").get(f"/incidents/{storm}")
    assert "Further alerts" not in page.partition('id="grouped"')[2].partition("</div></div>")[0]
