"""Playbook pages: add, check with every fault at its place, show steps, export."""

import io
import json

from tests.core.cacao.build import action, choice, document, manual
from tests.web.office import Office, playbook


def another() -> str:
    steps = {
        "look": action("ask", manual("Look"), name="Look at the log", out_args=["__n__"]),
        "ask": choice("__n__:value > 1", "many", on_false="few", on_completion="after", name="More than one?"),
        "many": action("end_many", manual("Call"), name="Call everybody", timeout=600_000),
        "few": action("end_few", manual("Call"), name="Call the owner"),
        "after": action("end", manual("Write"), name="Write it down"),
        "end_many": None,
        "end_few": None,
        "end": None,
    }
    variables = {"__n__": {"type": "integer", "value": "0"}}
    return json.dumps(document(steps, "Look and call", playbook_variables=variables))


def test_a_pasted_playbook_is_added_and_shown_as_steps_in_their_order(office: Office) -> None:
    browser = office.browser("coordinator")
    answer = browser.post("/playbooks", document=another())
    page = browser.get(answer.location)
    order = [
        "Look at the log",
        "More than one?",
        "if true:",
        "Call everybody",
        "if false:",
        "Call the owner",
        "Write it down",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "10 minutes" in page


def test_an_uploaded_file_wins_over_the_empty_text(office: Office) -> None:
    browser = office.browser("coordinator")
    file = (io.BytesIO(another().encode()), "playbook.json")
    browser.post("/playbooks", file=file, document="")
    assert "Look and call" in browser.get("/playbooks")


def test_faults_are_told_with_their_places_and_nothing_is_added(office: Office) -> None:
    wrong = json.loads(another())
    wrong["workflow_start"] = "start--00000000-0000-4000-8000-000000000000"
    browser = office.browser("coordinator")
    answer = browser.post("/playbooks", status=422, document=json.dumps(wrong))
    assert "<code>/workflow_start</code>" in answer.text
    assert "Look and call" in answer.text
    assert "Look and call" not in browser.get("/playbooks")


def test_only_checking_adds_nothing(office: Office) -> None:
    browser = office.browser("coordinator")
    assert "This playbook has no faults" in browser.post("/playbooks", status=200, document=another(), check="1").text
    answer = browser.post("/playbooks", status=422, document="type: playbook", check="1")
    assert 'class="tag tag-bad"' in answer.text
    assert "Look and call" not in browser.get("/playbooks")


def test_what_is_no_document_is_told(office: Office) -> None:
    for text in ("", "{", "[" * 3000, "a: &x 1\nb: *x"):
        office.browser("coordinator").post("/playbooks", status=422, document=text)


def test_a_playbook_is_handed_out_as_a_file(office: Office) -> None:
    answer = office.browser("reader").client.get(f"/playbooks/{playbook()['id']}/file")
    assert answer.json is not None
    assert answer.json["name"] == "Contain and tell"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_playbook_that_is_not_there_is_not_found(office: Office) -> None:
    for path in ("/playbooks/playbook--x", "/playbooks/%00", "/playbooks/x/file"):
        office.browser("reader").get(path, status=404)


def test_a_long_chain_of_steps_is_shown(office: Office) -> None:
    count = 1500
    steps = {f"s{one}": action(f"s{one + 1}", manual(), name=f"Step {one}.") for one in range(count)}
    browser = office.browser("coordinator")
    answer = browser.post("/playbooks", document=json.dumps(document({**steps, f"s{count}": None}, "Long")))
    assert f"Step {count - 1}." in browser.get(answer.location)
