"""Links from an incident to tickets elsewhere: unique, recorded, and only to web addresses."""

import json

import pytest

from incident.actions.incidents import tickets
from incident.core.values.faults import RuleError
from incident.store.incidents.tickets import ExternalTicket
from incident.store.journal.journal import Entry
from tests.world import BY, World, only, rows

URL = "https://jira.example/browse/SEC-7"


def link(world: World, incident_id: int, key: str = "SEC-7", url: str = URL) -> ExternalTicket:
    return tickets.link_ticket(incident_id, "Jira", key, url, BY, world.now)


def test_a_ticket_is_linked_and_unlinked_and_the_journal_has_both(world: World) -> None:
    incident = world.open()
    row = link(world, incident.id)
    assert (only(ExternalTicket).url, only(ExternalTicket).linked_by) == (URL, BY)
    tickets.unlink_ticket(incident.id, row.id, BY, world.now)
    assert rows(ExternalTicket) == []
    kept = [one for one in rows(Entry) if ".ticket_" in one.event_type]
    assert [one.event_type for one in kept] == ["incident.ticket_linked", "incident.ticket_unlinked"]
    assert {one.incident for one in kept} == {incident.number}
    assert json.loads(kept[0].detail) == {"system": "Jira", "key": "SEC-7", "url": URL}


def test_the_same_ticket_is_linked_once_to_an_incident_and_may_belong_to_another(world: World) -> None:
    first, second = world.open(), world.open()
    link(world, first.id)
    with pytest.raises(RuleError, match=r"ticket\.exists"):
        link(world, first.id)
    link(world, first.id, key="SEC-8")
    link(world, second.id)
    assert len(rows(ExternalTicket)) == 3


def test_of_two_equal_links_at_once_one_is_made(world: World) -> None:
    incident_id = world.open().id
    done = world.at_once(*[lambda: link(world, incident_id)] * 3)
    assert len([one for one in done if isinstance(one, RuleError)]) == 2
    assert len(rows(ExternalTicket)) == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://x", "//x", "https://u:p@x", ""])
def test_only_web_addresses_are_taken(world: World, url: str) -> None:
    incident_id = world.open().id
    with pytest.raises(RuleError) as raised:
        link(world, incident_id, url=url)
    assert raised.value.pointer == "/url"
    assert rows(ExternalTicket) == []


def test_a_ticket_of_another_incident_is_not_found(world: World) -> None:
    first, second = world.open(), world.open()
    row = link(world, first.id)
    with pytest.raises(RuleError, match=r"ticket\.not_linked"):
        tickets.unlink_ticket(second.id, row.id, BY, world.now)


def test_an_incident_has_a_limited_number_of_tickets(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "MAX_TICKETS", 1)
    incident_id = world.open().id
    link(world, incident_id)
    with pytest.raises(RuleError, match=r"ticket\.too_many"):
        link(world, incident_id, key="SEC-8")
