"""The order of the next deadlines: incidents that owe a report first, then the others."""

import datetime as dt

import pytest

from incident.core.incidents.listing.tabs import Sort, Tab
from incident.core.values.access import Viewer
from incident.store.db.database import db
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.incident_list import incident_ids, list_incidents
from incident.store.queries.incident_order import Place, place_of
from tests.world import World

BOSS = Viewer("coordinator", person_id=1)
DUE: Sort = "due"
TABS: list[Tab | None] = [None, "open", "unanswered"]


@pytest.mark.parametrize("tab", TABS)
def test_those_due_next_come_first_on_every_page(world: World, tab: Tab | None) -> None:
    world.department("net")
    found = [world.open("net") for _ in range(6)]
    for place, minutes in ((1, 30), (4, 10), (5, 30)):
        found[place].next_due_at = world.now + dt.timedelta(minutes=minutes)
    db.session.commit()
    wanted = IncidentFilter(tab=tab)
    ids = [found[place].id for place in (4, 1, 5, 0, 2, 3)]
    assert list(incident_ids(BOSS, wanted, 10, DUE)) == ids
    seen: list[int] = []
    after: Place | None = None
    for _ in range(4):
        rows = list_incidents(BOSS, wanted, after, 2, DUE)
        seen += [row.id for row in rows]
        if not rows:
            break
        after = place_of(rows[-1], DUE)
    assert seen == ids
