"""The report on an incident, to be printed."""

import re

from tests.web.office import Office, playbook


def section(page: str, name: str) -> str:
    """A section of the report, without marks."""
    found = page.partition(f'aria-labelledby="report-{name}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_a_report_has_facts_decisions_notices_tasks_and_timeline_and_nothing_to_press(office: Office) -> None:
    number = office.open("CERT", "NOC", playbook=playbook()["id"], grade=2, description="Three hosts are encrypted")
    boss = office.browser("coordinator")
    office.acknowledge(number, "CERT")
    boss.post(f"/incidents/{number}/owner", owner="responder", liaison="reader")
    boss.post(f"/incidents/{number}/notes", note="**Called** the owner")
    boss.post(f"/tasks/{office.task(number)}/complete", result="succeeded", note="Cables pulled", hosts="3")
    boss.post(f"/incidents/{number}/close", override="1", reason="All is clean", resolution="Restored")
    page = boss.get(f"/incidents/{number}/report")
    body = page.partition("<article")[2].partition("</article>")[0]
    assert not re.search(r"<(form|button|input|select|textarea|details)\b", body)
    facts = section(page, "facts")
    for words in ("Three hosts are encrypted", "Owner Person responder", "Liaison Person reader", "Restored"):
        assert words in facts
    decisions = section(page, "decisions")
    assert "owner: Person responder; liaison: Person reader" in decisions
    assert "All is clean" in decisions
    assert "Called" not in decisions
    assert decisions.index("owner:") < decisions.index("All is clean")
    assert "acknowledged" in section(page, "notices")
    assert "Cables pulled" in section(page, "tasks")
    timeline = section(page, "timeline")
    assert "Called the owner" in timeline
    assert timeline.index("Incident opened") < timeline.index("Called the owner")
    assert f'href="/incidents/{number}/report"' in boss.get(f"/incidents/{number}")


def test_a_report_shows_a_department_only_what_its_people_may_see(office: Office) -> None:
    number = office.open("NOC", "CERT", playbook=playbook()["id"])
    page = office.browser("department").get(f"/incidents/{number}/report")
    assert "Network operations" in section(page, "notices")
    assert "Decisions" not in page
    assert "Timeline" not in page
    hidden = office.open("NOC", tlp="red")
    office.browser("department").get(f"/incidents/{hidden}/report", 404)
