"""Recipients of reports: what departments declare, and what the stages of a regime resolve to."""

import json

from incident.actions.deadlines import clock_events, profiles
from incident.actions.directory.departments import change_department
from incident.actions.report_recipients import recipient_directory
from incident.core.deadlines.regimes import OrganizationProfile
from incident.data.reporting_regimes import shipped_regimes
from incident.store.directory.departments import department_by_code
from incident.store.journal import journal
from tests.world import World

LI = "person:1:Li Wei"
POLICE = {"roles": ["police"], "regions": ["33"]}


def declare(world: World, code: str, authority: object) -> None:
    department = department_by_code(code) or world.department(code)
    change_department(department.id, {"authority": authority}, None, LI, world.now)


def test_a_declared_department_is_the_recipient_until_it_is_none_any_more(world: World) -> None:
    profiles.put_profile(OrganizationProfile("cii", ["energy"], ["330100"]), LI, world.now)
    first = shipped_regimes()["cn-cac-cii"].stage("first")
    assert [one.is_gap for one in recipient_directory().resolutions(first)] == [True, True]
    declare(world, "POLICE", POLICE)
    assert [one.departments for one in recipient_directory().resolutions(first)] == [(), ("POLICE",)]
    assert [one.code for one in recipient_directory().departments_of(first)] == ["POLICE"]
    [entry] = [one for one in journal.entries_before(None, 20) if one.event_type == "department.changed"]
    assert json.loads(entry.detail)["after"] == {"authority": POLICE}
    declare(world, "POLICE", None)
    assert recipient_directory().departments_of(first) == []


def test_a_warning_names_the_departments_that_have_the_role_and_the_role_where_none_has(world: World) -> None:
    profiles.put_profile(OrganizationProfile("cii", [], ["330100"]), LI, world.now)
    declare(world, "POLICE", POLICE)
    world.department("net", [("duty", 1)], [15])
    incident = world.open("net")
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "alarm", None, LI, world.now)
    world.send()
    [warning] = world.after(minutes=30)
    text = warning.message.text
    assert "POLICE" in text
    assert "police" not in text
    assert "Department for the protection of critical infrastructure" in text
