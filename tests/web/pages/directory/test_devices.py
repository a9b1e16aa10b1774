"""Notifications on devices, as their owner turns them on, tries them and turns them off on the account page."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.directory.devices import PushDevice
from incident.store.incidents.incidents import incident_by_number
from incident.store.notifications.messages import messages_of
from incident.web.instance import KEY
from tests.device import Device
from tests.receivers import Receiver, receiver
from tests.web.office import Browser, Office, reach_loopback
from tests.world import only, rows

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.fixture
def service(office: Office) -> Iterator[Receiver]:
    """A push service on loopback that this instance allows."""
    reach_loopback(office.app)
    with receiver(status=201, body=b"") as made:
        instance = office.app.extensions[KEY]
        settings = replace(instance.settings, push_hosts=(made.url,))
        office.app.extensions[KEY] = replace(instance, settings=settings)
        yield made


@pytest.fixture
def person(office: Office) -> Browser:
    return office.browser("department")


def subscription(device: Device, url: str) -> dict[str, str]:
    return {"endpoint": f"{url}/push/of-this-browser", "point": device.point, "auth": device.auth}


def turn_on(person: Browser, given: dict[str, str], status: int = 303) -> str:
    """Send what a browser sends after its owner has turned notifications on."""
    key = person.client.post("/account/devices/key").json
    assert key is not None
    assert len(key["key"]) == 87
    answer = person.client.post("/account/devices", data=given, headers={"User-Agent": CHROME})
    assert answer.status_code == status, answer.text
    return answer.text


def device_id(page: str) -> str:
    found = re.search(r"/account/devices/(\d+)/off", page)
    assert found is not None
    return found[1]


def test_a_device_is_turned_on_tried_and_turned_off(office: Office, person: Browser, service: Receiver) -> None:
    device = Device()
    turn_on(person, subscription(device, service.url))
    page = person.get("/account?said=device_on")
    assert "Notifications are on for this device." in page
    assert "Chrome" in page
    assert "of-this-browser" not in page
    one = device_id(page)
    assert person.client.post(f"/account/devices/{one}/test").status_code == 303
    shown = json.loads(device.read(service.requests[0].body))
    assert shown["title"] == "Test notification"
    assert person.client.post(f"/account/devices/{one}/off").status_code == 303
    assert "/off" not in person.get("/account")
    assert person.client.post(f"/account/devices/{one}/off").status_code == 303
    assert person.client.post(f"/account/devices/{one}/test").status_code == 404


def test_the_name_of_the_device_and_its_words_are_in_the_language_of_the_page(
    office: Office, service: Receiver
) -> None:
    device, person = Device(), office.browser("department", "zh_Hans_CN")
    turn_on(person, subscription(device, service.url))
    person.client.post(f"/account/devices/{device_id(person.get('/account'))}/test")
    assert json.loads(device.read(service.requests[0].body))["title"] == "测试通知"


def test_a_device_of_another_person_is_not_there(office: Office, person: Browser, service: Receiver) -> None:
    turn_on(person, subscription(Device(), service.url))
    one = device_id(person.get("/account"))
    other = office.browser("responder")
    assert "/off" not in other.get("/account")
    assert other.client.post(f"/account/devices/{one}/test").status_code == 404
    other.client.post(f"/account/devices/{one}/off")
    assert office.do(lambda: len(rows(PushDevice))) == 1


@pytest.mark.parametrize("url", ["https://push.evil.example", "https://127.0.0.1", "http://169.254.169.254"])
def test_another_service_is_refused_with_what_to_do(person: Browser, service: Receiver, url: str) -> None:
    page = turn_on(person, subscription(Device(), url), 422)
    assert "which is not allowed here" in page
    assert "ask an administrator to allow this push service" in page


def test_a_person_of_no_department_reads_what_to_do(office: Office, service: Receiver) -> None:
    page = turn_on(office.browser("reader"), subscription(Device(), service.url), 409)
    assert "Ask an administrator to add you to a department." in page


def test_a_service_that_refuses_the_test_is_quoted_and_one_that_knows_the_device_no_more_ends_it(
    office: Office, person: Browser, service: Receiver
) -> None:
    turn_on(person, subscription(Device(), service.url))
    one = device_id(person.get("/account"))
    service.status, service.body = 403, b"wrong key"
    answer = person.client.post(f"/account/devices/{one}/test")
    assert (answer.status_code, "The test notification was not accepted: 403" in answer.text) == (409, True)
    service.status = 410
    assert person.client.post(f"/account/devices/{one}/test").status_code == 409
    assert office.do(lambda: rows(PushDevice)) == []


def test_departments_offer_no_devices_as_contacts_and_show_none(
    office: Office, person: Browser, service: Receiver
) -> None:
    turn_on(person, subscription(Device(), service.url))
    administrator = office.browser("administrator")
    page = administrator.get("/departments/NOC")
    assert "Chrome" not in page
    assert 'value="push"' not in page
    given = {"contact_name": "x", "channel": "push", "level": "1", "address": service.url}
    answer = administrator.client.post("/departments/NOC/contacts", data=given)
    assert (answer.status_code, "Devices are added by their owners" in answer.text) == (422, True)


def test_the_outbox_shows_what_the_device_shows(office: Office, person: Browser, service: Receiver) -> None:
    turn_on(person, subscription(Device(), service.url))

    number = office.open("NOC", title="Payroll encrypted")
    with office.app.app_context():
        incident = incident_by_number(number)
        assert incident is not None
        messages_of(incident.id)[0].contact_id = only(Contact, channel="push").id
        db.session.commit()
    page = office.browser("administrator").get("/outbox")
    assert re.search(rf'<pre[^>]*>New notice\s+Open <a href="http://[^"]+/incidents/{number}"', page) is not None
