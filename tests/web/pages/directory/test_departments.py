"""Departments, their contacts and policies."""

import re

from incident.actions.directory import members
from incident.store.directory.departments import contacts_of, department_by_code
from tests.receivers import receiver
from tests.web.office import BY, Office, reach_loopback


def test_departments_stand_under_the_one_above_them(office: Office) -> None:
    page = office.browser("reader").get("/departments")
    assert re.search(r'class="flex-fill depth-1" href="/departments/NOC"', page)
    assert page.index("/departments/CERT") < page.index("/departments/NOC") < page.index("/departments/PRESS")
    assert page.count("cannot be notified") == 1


def test_an_administrator_adds_a_department(office: Office) -> None:
    browser = office.browser("administrator")
    answer = browser.post("/departments", name="Legal affairs", code="法务", parent="CERT")
    assert "Legal affairs" in browser.get(answer.location)


def test_a_code_that_is_taken_or_malformed_is_told_at_its_field(office: Office) -> None:
    browser = office.browser("administrator")
    assert "Choose a different code." in browser.post("/departments", status=409, name="x", code="NOC").text
    answer = browser.post("/departments", status=422, name="Kept", code="no good")
    assert 'id="field-code-fault"' in answer.text
    assert 'value="Kept"' in answer.text


def test_a_name_that_two_departments_share_asks_for_the_code(office: Office) -> None:
    browser = office.browser("administrator")
    for code in ("LAW1", "LAW2"):
        browser.post("/departments", name="Legal affairs", code=code)
    forms = (
        ("/departments", {"name": "Contracts", "code": "CON", "parent": "legal Affairs"}),
        ("/tokens", {"name": "x", "role": "department", "department": "legal Affairs"}),
        ("/incidents", {"title": "x", "departments": "legal Affairs"}),
    )
    for path, fields in forms:
        page = browser.post(path, status=422, **fields).text
        assert "More than one department is called legal Affairs. Enter the code of the one you mean." in page
        assert "no department with the code" not in page
    nobody = browser.post("/departments", status=422, name="Contracts", code="CON", parent="Nobody").text
    assert "There is no department with the code Nobody." in nobody
    browser.post("/departments", name="Contracts", code="CON", parent="LAW2")


def test_the_secret_of_a_webhook_is_shown_once(office: Office) -> None:
    browser = office.browser("administrator")
    form = {"contact_name": "Bridge", "channel": "webhook", "address": "https://hooks.example.org/x", "level": "1"}
    answer = browser.post("/departments/PRESS/contacts", status=201, **form)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    assert secret is not None
    assert secret[0] not in browser.get("/departments/PRESS")


def test_a_new_contact_is_told_what_could_not_be_told(office: Office) -> None:
    number = office.open("PRESS")
    form = {"contact_name": "Desk", "channel": "inbox", "level": "1"}
    office.browser("administrator").post("/departments/PRESS/contacts", **form)
    assert "can be notified now: Desk" in office.browser("reader").get(f"/incidents/{number}")


def test_an_address_that_does_not_fit_its_channel_is_told(office: Office) -> None:
    browser = office.browser("administrator")
    form = {"contact_name": "x", "channel": "email", "address": "nowhere", "level": "99"}
    answer = browser.post("/departments/PRESS/contacts", status=422, **form)
    assert 'id="field-address-fault"' in answer.text
    assert 'id="field-level-fault"' in answer.text
    browser.post("/departments/PRESS/contacts", status=422, **form | {"channel": "pigeon"})


def test_a_contact_is_switched_off(office: Office) -> None:
    browser = office.browser("administrator")
    contact = office.do(lambda: contacts_of(identity("NOC"))[0].id)
    browser.post(f"/departments/NOC/contacts/{contact}/remove")
    assert "switched off" in browser.get("/departments/NOC")
    browser.post(f"/departments/CERT/contacts/{contact}/remove", status=404)


def test_a_department_sees_only_itself(office: Office) -> None:
    browser = office.browser("department")
    assert "/departments/CERT" not in browser.get("/departments")
    browser.get("/departments/CERT", status=404)


def test_a_coordinator_adds_no_contacts(office: Office) -> None:
    browser = office.browser("coordinator")
    assert "Add a contact" not in browser.get("/departments/NOC")
    browser.post("/departments/NOC/contacts", status=403)


def identity(code: str) -> int:
    found = department_by_code(code)
    assert found is not None
    return found.id


def test_a_robot_is_added_with_its_secret_and_shown_without_its_key(office: Office) -> None:
    browser = office.browser("administrator")
    form = {"contact_name": "Group", "channel": "dingtalk", "level": "1"}
    form["address"] = "https://oapi.dingtalk.example/robot/send?access_token=0123456789abcdef"
    answer = browser.post("/departments/PRESS/contacts", status=422, **form)
    assert 'id="field-secret-fault"' in answer.text
    browser.post("/departments/PRESS/contacts", **form, secret="SECsealed")
    page = browser.get("/departments/PRESS")
    assert "https://oapi.dingtalk.example/…cdef" in page
    assert "SECsealed" not in page
    assert "0123456789ab" not in page
    wrong = browser.post("/departments/PRESS/contacts", status=422, **form | {"channel": "wecom"})
    assert "Enter the address of a WeCom robot" in wrong.text


def test_a_coordinator_tests_a_contact_and_reads_the_answer(office: Office) -> None:
    reach_loopback(office.app)
    with receiver(status=404, body=b"<b>nobody here</b>") as server:
        form = {"contact_name": "Bridge", "channel": "webhook", "address": server.url, "level": "1"}
        office.browser("administrator").post("/departments/PRESS/contacts", status=201, **form)
        contact = office.do(lambda: contacts_of(identity("PRESS"))[0].id)
        path = f"/departments/PRESS/contacts/{contact}/test"
        assert path in office.browser("coordinator").get("/departments/PRESS")
        page = office.browser("coordinator").post(path, status=200).text
        assert "404 &lt;b&gt;nobody here&lt;/b&gt;" in page
        assert "was refused" in page
        server.status = 200
        assert "was accepted" in office.browser("coordinator").post(path, status=200).text
        assert path not in office.browser("responder").get("/departments/PRESS")
        office.browser("responder").post(path, status=403)
        office.browser("coordinator").post(f"/departments/NOC/contacts/{contact}/test", status=404)
    assert len(server.requests) == 2


def test_a_webhook_gets_a_new_secret_that_is_shown_once(office: Office) -> None:
    browser = office.browser("administrator")
    contact, mail = office.do(lambda: [one.id for one in reversed(contacts_of(identity("CERT")))])
    answer = browser.post(f"/departments/CERT/contacts/{contact}/secret", status=201)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    assert secret is not None
    page = browser.get("/departments/CERT")
    assert secret[0] not in page
    assert "The old secret is still valid" in page
    browser.post(f"/departments/CERT/contacts/{mail}/secret", status=409)


def test_that_somebody_confirms_a_test_is_asked_in_a_form_for_what_people_read(office: Office) -> None:
    browser = office.browser("administrator")
    hook, mail = office.do(lambda: [one.id for one in reversed(contacts_of(identity("CERT")))])
    page = browser.get("/departments/CERT")
    assert f'id="confirm-{mail}"' in page
    assert f'id="confirm-{hook}"' not in page
    path = f"/departments/CERT/contacts/{mail}/change"
    browser.post(path, status=303, contact=str(mail), check_every="P1D", confirm_within="PT12H")
    assert '<option value="PT12H" selected>within 12 hr</option>' in browser.get("/departments/CERT")
    answer = browser.post(path, status=422, contact=str(mail), confirm_within="PT1S")
    assert f'id="confirm-{mail}-fault"' in answer.text


def test_how_much_a_contact_gets_and_how_often_it_is_checked_is_set_in_a_form(office: Office) -> None:
    browser = office.browser("administrator")
    contact = office.do(lambda: contacts_of(identity("CERT"))[0].id)
    path = f"/departments/CERT/contacts/{contact}/change"
    browser.post(path, status=303, contact=str(contact), limit_per_minute="30", check_every="P7D")
    page = browser.get("/departments/CERT")
    assert "at most 30 messages a minute" in page
    assert "checked every 7 days" in page
    answer = browser.post(path, status=422, contact=str(contact), limit_per_minute="0", check_every="PT1S")
    assert f'id="limit-{contact}-fault"' in answer.text
    browser.post(path, status=303, contact=str(contact), limit_per_minute="", check_every="")
    page = browser.get("/departments/CERT")
    assert "messages a minute<" not in page
    assert "checked every 7 days" not in page
    office.browser("coordinator").post(path, status=403)
    browser.post(f"/departments/NOC/contacts/{contact}/change", status=404)


def test_a_name_of_a_contact_with_an_invisible_character_is_refused_next_to_its_field(office: Office) -> None:
    form = {"contact_name": "De\u200bsk", "channel": "inbox", "level": "1"}
    answer = office.browser("administrator").post("/departments/PRESS/contacts", status=422, **form)
    assert 'id="field-contact_name-fault"' in answer.text
    assert "contains invisible characters" in answer.text


def test_the_list_counts_members_contacts_and_waiting_notices(office: Office) -> None:
    office.open("CERT")
    office.open("CERT")

    def join() -> None:
        cert = department_by_code("CERT")
        assert cert is not None
        named = [members.NamedMember(login, "member") for login in ("responder", "reader")]
        members.put_members(cert.id, named, None, BY, office.hand.at)

    office.do(join)
    page = office.browser("coordinator").get("/departments")
    row = page.partition('href="/departments/CERT"')[2].partition("</li>")[0]
    assert "members: 2" in row
    assert "contacts: 2" in row
    assert "waiting: 2" in row
    assert 'type="search"' in page
    other = page.partition('href="/departments/PRESS"')[2].partition("</li>")[0]
    assert "No contact: cannot be notified." in other
    assert "waiting" not in other
