"""One change to several incidents: each succeeds or fails by itself, and nothing is hidden."""

import re

import pytest

from incident.actions.incidents import incidents
from tests.web.office import BY, Office, playbook


def part(page: str, name: str) -> list[str]:
    """The numbers in the section of what was changed, or of what was not."""
    section = page.partition(f'id="{name}"')[2].partition("</section>")[0]
    return re.findall(r'class="number">([^<]+)<', section)


def test_incidents_are_closed_together_and_the_refused_ones_say_why(office: Office) -> None:
    free, busy = office.open("NOC"), office.open("NOC", playbook=playbook()["id"])
    closed = office.open("NOC")
    found = office.incident(closed)
    office.do(lambda: incidents.close_incident(found.id, "done", None, None, BY, office.hand.at))
    page = (
        office.browser("coordinator")
        .post("/incidents/bulk", 200, do="close", resolution="solved", numbers=[free, busy, closed, "INC-2026-999999"])
        .text
    )
    assert part(page, "done") == [free]
    assert part(page, "failed") == [busy, closed, "INC-2026-999999"]
    assert page.count('<div class="bad small">') == 3
    assert office.incident(free).resolution == "solved"
    assert office.incident(busy).status != "closed"


@pytest.mark.parametrize(
    ("action", "fields", "column", "value"),
    [("assign", {"owner": "responder"}, "owner", "responder"), ("grade", {"grade": "1"}, "grade", 1)],
)
def test_incidents_are_assigned_and_graded_together(
    office: Office, action: str, fields: dict[str, str], column: str, value: object
) -> None:
    numbers = [office.open("NOC"), office.open("CERT")]
    page = office.browser("responder").post("/incidents/bulk", 200, do=action, numbers=numbers, **fields).text
    assert part(page, "done") == numbers
    shown = office.browser("responder").get("/incidents?columns=owner")
    assert shown.count("Person responder</td>" if column == "owner" else 'class="grade grade-1"') == 2, value


def test_an_owner_that_cannot_be_read_changes_no_owner(office: Office) -> None:
    numbers = [office.open("NOC"), office.open("CERT")]
    browser = office.browser("responder")
    browser.post("/incidents/bulk", 200, do="assign", owner="responder", numbers=numbers)
    page = browser.post("/incidents/bulk", 422, do="assign", owner="x" * 201, numbers=numbers).text
    assert "Nothing was changed." in page
    assert browser.get("/incidents?columns=owner").count("Person responder</td>") == len(numbers)


def test_a_note_is_added_to_each(office: Office) -> None:
    numbers = [office.open("NOC"), office.open("CERT")]
    office.browser("responder").post("/incidents/bulk", 200, do="note", note="Shift change at six", numbers=numbers)
    for number in numbers:
        assert "Shift change at six" in office.browser("reader").get(f"/incidents/{number}")


def test_what_one_may_not_see_or_do_is_not_changed(office: Office) -> None:
    secret = office.open("NOC", tlp="red", title="The secret matter")
    page = office.browser("responder").post("/incidents/bulk", 200, do="grade", grade="1", numbers=[secret]).text
    assert part(page, "failed") == [secret]
    assert "The secret matter" not in page
    office.browser("responder").post("/incidents/bulk", 403, do="close", resolution="x", numbers=[secret])
    office.browser("reader").post("/incidents/bulk", 403, do="grade", grade="1", numbers=[secret])
    assert 'name="numbers"' not in office.browser("reader").get("/incidents")
    assert office.incident(secret).grade is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"do": "grade", "grade": "1"}, "No incident is selected."),
        ({"do": "note", "note": " ", "numbers": "INC-2026-000001"}, ""),
        ({"do": "close", "numbers": "INC-2026-000001"}, ""),
        ({"do": "nonsense", "numbers": "INC-2026-000001"}, "Choose what to do"),
        ({"do": "grade", "grade": "1", "numbers": [f"INC-2026-{one:06d}" for one in range(61)]}, "at most 60"),
    ],
    ids=["none selected", "no note", "no reason", "no action", "too many"],
)
def test_a_request_that_cannot_be_done_changes_nothing_and_says_why(
    office: Office, fields: dict[str, object], words: str
) -> None:
    number = office.open("NOC")
    page = office.browser("coordinator").post("/incidents/bulk", 422, **fields).text
    assert "Nothing was changed." in page
    assert words in page
    assert office.incident(number).version == 1


def test_assignments_are_undone_together_unless_something_changed_since(office: Office) -> None:
    numbers = [office.open("NOC"), office.open("CERT"), office.open("NOC")]
    browser = office.browser("responder")
    page = browser.post("/incidents/bulk", 200, do="assign", numbers=numbers, owner="responder", query="tab=open").text
    offered = re.findall(r'name="undo" value="([^"]+)"', page)
    assert [one.partition(":")[0] for one in offered] == numbers
    again = browser.post("/incidents/bulk", 200, do="assign", numbers=numbers[:1], owner="responder").text
    assert 'name="undo"' not in again, "nothing was changed"
    browser.post("/incidents/bulk", 200, do="grade", numbers=numbers[2:], grade="1")
    page = browser.post("/incidents/bulk/undo", 200, undo=offered, query="tab=open").text
    assert part(page, "done") == numbers[:2]
    assert part(page, "failed") == numbers[2:]
    assert [office.incident(one).owner_id is None for one in numbers] == [True, True, False]
    office.browser("reader").post("/incidents/bulk/undo", 403, undo=offered)
