"""The order of a ledger, and its entries."""

from incident.store.notifications.notices import notices_of
from incident.store.queries.ledger import ledger_of
from tests.world import World


def test_a_message_is_queued_before_it_is_sent_within_one_moment_and_each_line_has_its_entry(world: World) -> None:
    world.department("net", [("first", 1)])
    incident = world.open("net")
    world.send()
    lines = ledger_of(incident.number, notices_of(incident.id))
    assert [line.kind for line in lines] == ["notified", "queued", "sent", "provider_accepted"]
    assert len({line.at for line in lines}) == 1
    assert all(line.seq for line in lines)
