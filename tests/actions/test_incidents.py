"""Opening, changing, closing and reopening incidents."""

from incident.store.incidents import Incident
from tests.world import World, only, rows


def test_an_incident_gets_the_number_of_the_year_on_its_own_calendar(world: World) -> None:
    world.department("net", [("duty", 1)])
    incident = world.open("net")
    assert incident.number == "INC-2026-000001"
    assert only(Incident).is_untold is False
    assert len(rows(Incident)) == 1
