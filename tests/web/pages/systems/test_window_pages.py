"""The pages of maintenance windows, and the band that reminds of one in force."""

from incident.actions.incidents.receive import receive_alert
from incident.core.incidents.alert import Alert
from incident.web.instance import KEY
from tests.web.office import Office

FACTS = {"reason": "Update of the cluster", "ends_at": "2026-11-22T10:00", "source": "generic", "labels": "env=test"}


def alert(office: Office) -> None:
    known = Alert(
        source="generic", fingerprint="a", title="Disk is full", labels={"env": "test"}, payload={"a": "böse"}
    )
    zone = office.app.extensions[KEY].settings.zone
    office.do(lambda: receive_alert(known, "token:1:x", office.hand.at, zone))


def test_a_window_is_planned_seen_everywhere_extended_and_ended(office: Office) -> None:
    browser = office.browser("coordinator")
    assert "No maintenance has been planned yet." in browser.get("/maintenance-windows")
    browser.post("/maintenance-windows", **FACTS)
    alert(office)
    for path in ("/incidents", "/sources", "/maintenance-windows"):
        assert "Update of the cluster" in browser.get(path), path
    assert "Maintenance in progress" in office.browser("reader").get("/incidents")
    assert "Maintenance in progress" not in office.browser("department").get("/incidents")
    page = browser.get("/maintenance-windows/1")
    assert "Disk is full" in page
    assert "böse" in page
    browser.post("/maintenance-windows/1/change", reason="Longer", ends_at="2026-11-23T10:00", version="1")
    browser.post("/maintenance-windows/1/change", status=412, reason="x", ends_at="2026-11-23T10:00", version="1")
    browser.post("/maintenance-windows/1/end")
    assert "ended early by" in browser.get("/maintenance-windows/1")
    assert "Maintenance in progress" not in browser.get("/incidents")


def test_faults_are_next_to_their_fields_and_nothing_typed_is_lost(office: Office) -> None:
    browser = office.browser("coordinator")
    page = browser.post("/maintenance-windows", status=422, **FACTS | {"ends_at": "2027-11-22T10:00"}).text
    assert 'id="field-ends_at-fault"' in page
    assert "env=test" in page
    page = browser.post("/maintenance-windows", status=422, **FACTS | {"source": "", "labels": ""}).text
    assert 'id="field-source-fault"' in page
    page = browser.post("/maintenance-windows", status=422, **FACTS | {"ends_at": "", "reason": ""}).text
    assert 'id="field-ends_at-fault"' in page
    assert 'id="field-reason-fault"' in page
    office.browser("reader").post("/maintenance-windows", status=403, **FACTS)
