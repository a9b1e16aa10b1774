"""Handing over a shift on pages."""

import pytest

from incident.actions.incidents.incidents import change_incident
from tests.web.office import BY, Browser, Office


@pytest.fixture
def giver(office: Office) -> Browser:
    """A person of NOC, to which a coordinator belongs as well."""
    office.join("NOC", "coordinator")
    return office.browser("department")


def test_the_form_shows_what_is_open_and_who_can_take_over(office: Office, giver: Browser) -> None:
    number = office.open("NOC")
    page = giver.get("/handovers/new")
    assert number in page
    assert '<option value="coordinator">Person coordinator</option>' in page
    assert "The duty rota does not say who is next." in page


def test_the_next_officer_confirms_in_the_inbox(office: Office, giver: Browser) -> None:
    kept = office.open("NOC")
    answer = giver.post("/handovers", department="NOC", to="coordinator", note="Call <the bank> back")
    path = answer.location.partition("?")[0]
    later = office.open("NOC", title="Later")
    assert "Not confirmed yet by Person coordinator" in giver.get("/inbox")
    assert "I have taken over" not in giver.get(path)
    boss = office.browser("coordinator")
    assert "hands over the shift of Network operations to you" in boss.get("/inbox")
    page = boss.get(path)
    assert (kept in page, later in page, "Call &lt;the bank&gt; back" in page) == (True, False, True)
    assert boss.post(f"{path}/confirm").location == "/inbox?said=taken_over"
    assert "Person coordinator took over" in giver.get(path)
    assert "Not confirmed yet" not in giver.get("/inbox")
    assert "Confirmed" in giver.get("/handovers")


def test_a_fault_stands_at_its_field_and_nothing_typed_is_lost(office: Office, giver: Browser) -> None:
    page = giver.post("/handovers", 422, department="NOC", to="", note="Call the bank").text
    assert "Call the bank" in page
    page = giver.post("/handovers", 422, department="NOC", to="responder", note="Call the bank").text
    assert "No active person of this name belongs to the department" in page


def test_others_see_no_handover_and_hidden_incidents_leave_its_lists(office: Office, giver: Browser) -> None:
    number = office.open("NOC")
    path = giver.post("/handovers", department="NOC", to="coordinator").location.partition("?")[0]
    office.browser("responder").get(path, 404)
    office.browser("reader").get(path, 403)
    office.browser("responder").post(f"{path}/confirm", 404)
    giver.post(f"{path}/confirm", 403)
    assert number in giver.get(path)
    incident_id = office.incident(number).id
    office.do(lambda: change_incident(incident_id, {"tlp": "red"}, None, BY, office.hand.at))
    assert number not in giver.get(path)


def test_one_does_not_hand_over_for_another_department(office: Office, giver: Browser) -> None:
    giver.get("/handovers/new?department=CERT", 404)
    giver.post("/handovers", 404, department="CERT", to="coordinator")
    office.browser("responder").get("/handovers/new", 403)
