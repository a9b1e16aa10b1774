"""The page of the switch that stops all machine commands, its banner, and the API."""

import pytest

from tests.plugins.app import Speaker
from tests.web.office import Office

PAGE = "/settings/machine-commands"
WHY = "The firewall answers wrongly"


def test_a_stop_is_said_on_every_page_of_those_who_may_lift_it_and_nowhere_else(office: Office) -> None:
    office.browser("coordinator").post(f"{PAGE}/stop", reason=WHY)
    for role in ("administrator", "coordinator"):
        for path in ("/", "/incidents", "/playbooks", "/account"):
            page = office.browser(role).get(path)
            assert "All machine commands are stopped." in page
            assert "Person coordinator" in page
            assert WHY in page
    for role in ("responder", "department", "reader"):
        assert WHY not in office.browser(role).get("/incidents")
        office.browser(role).get(PAGE, status=403)
        office.browser(role).post(f"{PAGE}/resume", status=403, version="1")
    office.browser("administrator").post(f"{PAGE}/resume", version="1")
    assert "All machine commands are stopped." not in office.browser("administrator").get("/incidents")


def test_a_stop_without_reason_is_refused_beside_its_field(office: Office) -> None:
    answer = office.browser("coordinator").post(f"{PAGE}/stop", status=422, reason=" ")
    assert "Enter a reason" in answer.text
    assert "are carried out" in office.browser("coordinator").get(PAGE)


def test_two_clicks_stop_once_and_an_old_page_lifts_no_newer_stop(office: Office) -> None:
    browser = office.browser("coordinator")
    for _ in range(2):
        browser.post(f"{PAGE}/stop", reason=WHY)
    assert 'name="version" value="1"' in browser.get(PAGE)
    browser.post(f"{PAGE}/resume", version="1")
    browser.post(f"{PAGE}/stop", reason="Something else")
    browser.post(f"{PAGE}/resume", status=412, version="1")
    browser.post(f"{PAGE}/resume", status=412, version="x")
    assert "Something else" in browser.get(PAGE)


def test_programs_stop_and_resume_as_well(speak_sqlite: Speaker) -> None:
    api = speak_sqlite("coordinator")
    assert api.seen("/machine-commands")["is_stopped"] is False
    stopped = api.done("/machine-commands/stop", {"reason": WHY})
    assert (stopped["is_stopped"], stopped["version"], stopped["reason"]) == (True, 1, WHY)
    assert (stopped["waiting"], stopped["running"]) == (0, 0)
    etag = api.get("/machine-commands").headers["ETag"]
    api.done("/machine-commands/resume")
    api.done("/machine-commands/stop", {"reason": "again"})
    refused = api.post("/machine-commands/resume", headers={"If-Match": etag})
    assert refused.status_code == 412
    assert api.post("/machine-commands/stop", {}).status_code == 422


@pytest.mark.parametrize("role", ["responder", "reader", "monitor"])
def test_programs_without_the_permission_stop_nothing(speak_sqlite: Speaker, role: str) -> None:
    assert speak_sqlite(role).post("/machine-commands/stop", {"reason": WHY}).status_code == 403
