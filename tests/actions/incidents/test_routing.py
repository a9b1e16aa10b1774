"""Routing by the current rules, and by the competence of departments."""

import json
from typing import Any

import pytest

from incident.actions.directory import departments
from incident.actions.incidents import incidents
from incident.core.incidents.routing_document import read_rules
from incident.core.values.access import Viewer
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.incident_list import codes_of, list_incidents
from tests.world import BY, World, only, rows

ADMINISTRATOR = Viewer(role="administrator")


def put(world: World, *rules: dict[str, Any], **default: Any) -> None:
    book = read_rules({"rules": list(rules), "default": {"departments": []} | default})
    departments.put_rules(book, None, BY, world.now)


def answering(world: World, code: str, **competence: Any) -> None:
    department = world.department(code, [("duty", 1)])
    departments.change_department(department.id, {"competence": competence}, None, BY, world.now)


def notified(incident: Incident) -> list[str]:
    row = next(row for row in list_incidents(ADMINISTRATOR, IncidentFilter(), None, 50) if row.id == incident.id)
    return codes_of(row.codes)


def test_departments_that_answer_for_an_incident_are_told(world: World) -> None:
    answering(world, "GRID", regions=["33"], sectors=["energy"])
    answering(world, "WATER", regions=["33"], sectors=["water"])
    answering(world, "GRAVE", grades=[1])
    world.department("SILENT", [("duty", 1)])
    put(world, {"when": {"region": "33"}, "set": {"competent": True, "grade": 1}})
    incident = world.open(region="330106", sector="energy/electricity")
    assert notified(incident) == ["GRAVE", "GRID"]
    assert incident.matched is not None
    assert incident.matched["competent"] == ["GRAVE", "GRID"]


def test_what_the_rules_looked_at_is_kept_with_the_incident(world: World) -> None:
    world.department("net", [("duty", 1)])
    put(world, {"when": {"labels": {"site": "north"}}, "set": {"departments": ["net"]}})
    world.alert(labels={"site": "north", "host": "mail-1"}, region="330000", campaign="HW-2026")
    matched = only(Incident).matched
    assert matched is not None
    assert matched["looked_at"] == {
        "source": "generic",
        "region": "330000",
        "campaign": "HW-2026",
        "labels": {"site": "north"},
    }


def changed(world: World, incident: Incident, **changes: Any) -> list[str]:
    """Change facts; return the departments that the rules now name and that have no notice."""
    found = incidents.change_incident(incident.id, changes, None, BY, world.now)
    return (found.matched or {}).get("also", [])


def test_departments_that_the_rules_name_after_a_change_are_proposed_and_not_told(world: World) -> None:
    for code in ("net", "lead", "water"):
        world.department(code, [("duty", 1)])
    grave = {"when": {"grade": [1]}, "set": {"departments": ["net", "lead"]}}
    put(world, grave, {"when": {"sector": "water"}, "set": {"departments": ["water"]}}, departments=["net"])
    incident = world.open(grade=3)
    assert notified(incident) == ["net"]
    assert changed(world, incident, title="Another") == []
    assert changed(world, incident, grade=1) == ["lead"]
    assert notified(incident) == ["net"]
    entry = rows(Entry, event_type="incident.changed")[-1]
    assert json.loads(entry.detail)["after"] == {"grade": 1, "departments_proposed": ["lead"]}
    assert changed(world, incident, title="Still another") == ["lead"]
    assert changed(world, incident, grade=3, sector="water") == ["water"]
    assert changed(world, incident, departments=["water"]) == []
    assert notified(incident) == ["net", "water"]
    assert changed(world, incident, sector=None) == []


def test_the_default_is_not_proposed_to_an_incident_that_others_look_after(world: World) -> None:
    for code in ("net", "lead"):
        world.department(code, [("duty", 1)])
    put(world, departments=["lead"])
    incident = world.open("net", grade=3)
    assert changed(world, incident, grade=1) == []


def test_what_is_competent_after_a_change_is_proposed_by_the_labels_that_were_kept(world: World) -> None:
    world.department("net", [("duty", 1)])
    answering(world, "GRAVE", grades=[1])
    put(world, {"when": {"labels": {"site": "north"}}, "set": {"departments": ["net"], "competent": True}})
    world.alert(labels={"site": "north"})
    assert changed(world, only(Incident), grade=1) == ["GRAVE"]


def test_labels_of_an_alert_say_sector_region_and_campaign(world: World) -> None:
    world.department("net", [("duty", 1)])
    put(world, {"when": {"sector": "finance", "region": "31"}, "set": {"departments": ["net"]}})
    world.alert(labels={"sector": "finance", "region": "310000", "campaign": "HW-2026"})
    incident = only(Incident)
    assert (incident.sector, incident.region, incident.campaign) == ("finance", "310000", "HW-2026")
    assert notified(incident) == ["net"]


def test_a_competence_that_is_taken_back_is_not_found_any_more(world: World) -> None:
    answering(world, "GRID", sectors=["energy"])
    put(world, competent=True)
    assert notified(world.open(sector="energy")) == ["GRID"]
    departments.change_department(1, {"competence": None}, None, BY, world.now)
    assert notified(world.open(sector="energy")) == []
    changes = [one for one in rows(Entry) if one.event_type == "department.changed"]
    assert [one.subject for one in changes] == ["department:GRID"] * 2


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"sector": "energy"}, ["plant", "part"]),
        ({"sector": "energy/electricity"}, ["part"]),
        ({"region": "33"}, ["plant", "part"]),
        ({"region": "330000"}, ["plant", "part"]),
        ({"region": "3301"}, ["part"]),
        ({"region": "East"}, ["words"]),
        ({"campaign": "HW-2026"}, ["part", "words"]),
        ({"campaign": "HW-2026", "sector": "energy"}, ["part"]),
    ],
)
def test_incidents_are_found_by_sector_region_and_campaign(
    world: World, wanted: dict[str, Any], found: list[str]
) -> None:
    world.open(title="silent")
    world.open(title="plant", sector="energy", region="330000")
    world.open(title="part", sector="energy/electricity", region="330106", campaign="HW-2026")
    world.open(title="words", sector="energy-saving", region="East", campaign="HW-2026")
    seen = list_incidents(ADMINISTRATOR, IncidentFilter(**wanted), None, 50)
    assert [row.title for row in reversed(seen)] == found
