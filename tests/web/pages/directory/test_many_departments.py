"""Ten thousand departments: pages stay small and fast, and departments are searched for."""

import re
from html import unescape

import pytest
from sqlalchemy import insert

from incident.store.db.database import WRITE, db
from incident.store.directory.departments import Department, department_by_code
from incident.store.incidents.incidents import incident_by_number
from incident.store.notifications.notice_departments import is_notified
from incident.store.notifications.notices import Notice
from incident.web.pages.department_picker import FEW
from tests.plugins.app import AT
from tests.web.office import Office

COUNT = 10_000
MAX_SIZE = 120_000
"""Maximum size of a page (bytes); a tenth of the earlier size."""


def add(office: Office, count: int) -> None:
    """Add departments by rows."""
    made = [
        {"code": f"D{number:05d}", "name": f"Bureau {number} / 第{number}局", "timezone": "UTC", "created_at": AT}
        for number in range(count)
    ]

    def insert_all() -> None:
        db.session.connection(execution_options={WRITE: True})
        db.session.execute(insert(Department), made)
        db.session.commit()

    office.do(insert_all)


@pytest.fixture
def large(office: Office) -> Office:
    """An office with ten thousand departments in addition to the usual ones."""
    add(office, COUNT)
    return office


def test_no_page_grows_with_the_departments(large: Office) -> None:
    number = large.open("NOC")
    pages = ("/incidents", "/incidents/new", f"/incidents/{number}", "/departments", "/departments/NOC", "/people",
             "/tokens", "/rules", "/inbox", "/dead-letters", "/journal", "/outbox", "/health")  # fmt: skip
    browser = large.browser("administrator")
    sizes = {path: len(browser.get(path).encode()) for path in pages}
    assert {path: size for path, size in sizes.items() if size > MAX_SIZE} == {}
    for path in ("/incidents/new", "/rules", "/people", "/departments"):
        assert "D04711" not in browser.get(path)


def found(office: Office, words: str, role: str = "coordinator") -> list[str]:
    """The codes that a search for departments finds."""
    browser = office.browser(role)
    answer = browser.client.get("/pick/departments", query_string={"q": words})
    assert answer.status_code == 200
    assert answer.json is not None
    return [one["code"] for one in answer.json["items"]]


def test_departments_are_found_by_a_part_of_their_code_or_name_in_any_script(large: Office) -> None:
    assert found(large, "d04711") == ["D04711"]
    assert found(large, "第4711局") == ["D04711"]
    assert found(large, "bureau 4711 ") == ["D04711"]
    assert found(large, "D00001")[0] == "D00001"
    assert found(large, "noc")[0] == "NOC"
    assert len(found(large, "")) == len(found(large, "bureau")) == 20
    assert found(large, "%") == found(large, "_____") == found(large, "nowhere") == found(large, "\x00") == []


def test_people_of_a_department_find_their_own(large: Office) -> None:
    assert found(large, "", "department") == ["NOC"]
    assert found(large, "bureau", "department") == []
    large.browser(None).get("/pick/departments", 303)


def test_what_is_typed_by_code_or_name_is_what_is_told(large: Office) -> None:
    browser = large.browser("coordinator")
    form = {"title": "By name", "departments": ["NOC", "D00007, bureau 9 / 第9局", ""], "tlp": "amber"}
    browser.post("/incidents", **form)
    page = browser.get("/incidents?department=bureau 9 / 第9局")
    assert "By name" in page
    assert "By name" in browser.get("/incidents?department=D00007")
    assert "By name" not in browser.get("/incidents?department=D00008")
    assert "By name" not in browser.get("/incidents?department=Bureau")


def test_what_was_chosen_is_named_and_kept_when_the_form_was_wrong(large: Office) -> None:
    browser = large.browser("coordinator")
    answer = browser.post("/incidents", status=422, title="", departments=["D00007", "nowhere"], tlp="amber")
    page = unescape(answer.text)
    assert re.search(r'value="D00007" checked><span>Bureau 7 ', page)
    assert re.search(r'value="nowhere" checked', page)


def test_a_department_of_the_same_name_twice_is_not_guessed(large: Office) -> None:
    browser = large.browser("administrator")
    browser.post("/departments", name="Bureau 7 / 第7局", code="TWIN", parent="")
    answer = browser.post("/departments", status=422, name="Below", code="BELOW", parent="Bureau 7 / 第7局")
    assert "More than one department is called" in unescape(answer.text)
    browser.post("/departments", name="Below", code="BELOW", parent="bureau 8 / 第8局")
    parent = large.do(lambda: db.session.get_one(Department, department_by_code("BELOW").parent_id).code)  # type: ignore[union-attr]
    assert parent == "D00008"


def test_the_list_is_searched_and_leafed_through(large: Office) -> None:
    browser = large.browser("reader")
    first = browser.get("/departments")
    [further] = re.findall(r'href="(/departments\?cursor=[^"]+)"', first)
    second = browser.get(unescape(further))
    assert "D00046" in second or "D00050" in second
    assert "D00001" not in second
    page = browser.get("/departments?q=第4711局")
    assert "D04711" in page
    assert "D04712" not in page
    assert "No results found." in browser.get("/departments?q=nowhere")


def test_while_they_are_few_all_are_offered(office: Office) -> None:
    add(office, FEW - 10)
    page = office.browser("coordinator").get("/incidents/new")
    assert 'value="D00001"' in page
    assert "data-departments" not in page


def test_an_incident_is_told_to_one_more_that_was_searched_for(large: Office) -> None:
    number = large.open("NOC")
    large.browser("coordinator").post(f"/incidents/{number}/change", departments="D00042")

    def notified() -> bool:
        incident, department = incident_by_number(number), department_by_code("D00042")
        assert incident is not None
        assert department is not None
        wanted = db.select(Notice).where(Notice.incident_id == incident.id, is_notified([department.id]))
        return db.session.scalar(wanted) is not None

    assert large.do(notified)
