"""How many statements a warning of a deadline takes, beside others in its batch."""

from incident.actions.deadlines import clock_events, filings, profiles
from incident.actions.operations import timers
from incident.core.deadlines.regimes import OrganizationProfile
from incident.store.deadlines.clock_rows import IncidentClock
from tests.test_query_counts import count_of
from tests.world import BY, World, rows


def test_each_further_warning_of_a_batch_costs_a_few_statements(world: World) -> None:
    world.department("net", [("first", 1), ("second", 2)], waits=[1, 1])
    profiles.put_profile(OrganizationProfile("cii"), BY, world.now)

    def fire(count: int) -> int:
        for _ in range(count):
            incident = world.open("net")
            clock_events.put_awareness(incident.id, world.now, "Li Wei", "alarm", None, BY, world.now)
        world.after(minutes=29)
        world.forward(minutes=1)
        needed = count_of(lambda: timers.fire_due(world.now))
        for one in rows(IncidentClock, state="undetermined"):
            filings.waive_clock(one.id, "measured", BY, world.now)
        return needed

    few, many = fire(2), fire(12)
    assert (many - few) / 10 <= 3
