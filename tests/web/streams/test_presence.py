"""Who else is looking at an incident: written by each process, shown by name, gone after a while."""

import re
import threading
from collections.abc import Callable, Collection

import pytest

from incident.actions.incidents.presence import note_pages
from incident.core.values.access import Viewer
from incident.store.directory.people import person_by_login
from incident.store.incidents.presence import IncidentViewer
from incident.web.streams import presence, sse, stream_messages
from tests.web.office import Office
from tests.world import rows


def person_id(office: Office, login: str) -> int:
    """The id of a person."""
    found = office.do(lambda: person_by_login(login))
    assert found is not None
    return found.id


def others(page: str) -> str:
    """What a page says about others who look at it."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition('id="others"')[2].partition(">")[2]).split("\n")[0].split())


def look(office: Office, number: str, *logins: str) -> None:
    """Let people have the page of an incident open now."""
    pages = {(office.incident(number).id, person_id(office, login)) for login in logins}
    office.do(lambda: note_pages(pages, (), office.hand.at))


def test_a_page_names_the_others_who_have_it_open_and_forgets_them_after_a_while(office: Office) -> None:
    number, other = office.open("NOC"), office.open("NOC")
    look(office, number, "responder", "coordinator")
    look(office, other, "administrator")
    browser = office.browser("responder")
    assert others(browser.get(f"/incidents/{number}")) == "Also here: Person coordinator"
    assert others(browser.get(f"/incidents/{number}/others")) == "Also here: Person coordinator"
    office.hand.forward(seconds=30)
    look(office, number, "responder")
    office.hand.forward(seconds=11)
    assert others(browser.get(f"/incidents/{number}/others")) == ""


def test_who_may_not_read_the_journal_sees_only_people_of_the_own_department(office: Office) -> None:
    number = office.open("NOC")
    look(office, number, "coordinator", "responder")
    assert others(office.browser("department").get(f"/incidents/{number}/others")) == ""
    assert "Person coordinator" in others(office.browser("reader").get(f"/incidents/{number}/others"))
    office.browser("department").get(f"/incidents/{office.open('PRESS')}/others", 404)


class Table:
    """The table of open pages, in memory; another process writes to `elsewhere`."""

    def __init__(self) -> None:
        self.open: frozenset[presence.OpenPage] = frozenset()
        self.rows: set[presence.OpenPage] = set()
        self.writes: list[tuple[set[presence.OpenPage], set[presence.OpenPage]]] = []
        self.told: list[set[int]] = []

    def write(self, opened: Collection[presence.OpenPage], closed: Collection[presence.OpenPage]) -> None:
        self.writes.append((set(opened), set(closed)))
        self.rows = (self.rows - set(closed)) | set(opened)

    def read(self, incident_ids: Collection[int]) -> dict[int, frozenset[int]]:
        return {one: frozenset(person for incident, person in self.rows if incident == one) for one in incident_ids}

    def tell(self, incident_ids: Collection[int]) -> None:
        self.told.append(set(incident_ids))

    def look(self, process: presence.Presence, *pages: presence.OpenPage) -> None:
        """Let a process look once while pages are open in it."""
        process._look(frozenset(pages))

    def process(self) -> presence.Presence:
        """A process with this table."""
        return presence.Presence(self.write, self.read, self.tell, lambda: self.open)


def test_a_process_writes_its_pages_once_and_is_told_of_those_of_others() -> None:
    table = Table()
    process = table.process()
    for _ in range(3):
        table.look(process, (1, 7), (2, 7))
    assert table.writes == [({(1, 7), (2, 7)}, set())]
    assert table.told == []
    table.rows.add((1, 8))
    table.look(process, (1, 7), (2, 7))
    table.look(process, (1, 7), (2, 7))
    assert table.told == [{1}]
    table.rows.remove((1, 8))
    table.look(process, (1, 7), (2, 7))
    assert table.told == [{1}, {1}]
    assert len(table.writes) == 1


def test_a_page_is_written_again_after_a_while_and_when_another_process_removed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = Table()
    process = table.process()
    table.look(process, (1, 7))
    table.rows.clear()
    table.look(process, (1, 7))
    assert [opened for opened, _closed in table.writes] == [{(1, 7)}] * 2
    monkeypatch.setattr(presence, "REFRESHED_EVERY", 0.0)
    table.look(process, (1, 7))
    assert [opened for opened, _closed in table.writes] == [{(1, 7)}] * 3


def test_a_closed_page_is_removed_and_one_whose_stream_is_opened_again_is_not() -> None:
    table = Table()
    process = table.process()
    table.look(process, (1, 7), (1, 8))
    table.look(process, (1, 8))
    table.look(process, (1, 7), (1, 8))
    table.look(process, (1, 8))
    assert table.rows == {(1, 7), (1, 8)}
    table.look(process, (1, 8))
    assert table.rows == {(1, 8)}
    assert table.writes[-1] == (set(), {(1, 7)})


def test_the_thread_ends_when_the_last_page_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "LOOK_EVERY", 0.005)
    monkeypatch.setattr(presence, "SETTLE", 0.0)
    table = Table()
    process = table.process()
    table.open = frozenset({(1, 7)})
    process.arrived()
    until(lambda: table.rows == {(1, 7)})
    table.open = frozenset()
    until(lambda: process._thread is None)
    assert table.rows == set()


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; a test that waits in vain fails."""
    for _ in range(2_000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError


def test_pages_of_people_are_open_and_those_of_programs_are_not() -> None:
    hub = sse.Broker(lambda: 0, lambda _seq: ())
    shared = hub.follow(10, "", Viewer("reader", frozenset(), 7), {1: "INC-1", 2: "INC-2"})
    program = hub.follow(10, "", Viewer("reader", frozenset(), None), {1: "INC-1"})
    assert shared is not None
    assert program is not None
    assert hub.open_pages() == {(1, 7), (2, 7)}
    hub.publish_people({2, 3})
    assert shared.next_event(5) == (stream_messages.PEOPLE, frozenset({"INC-2"}))
    assert program.news.empty()
    news = stream_messages.PagesNews({"INC-1", "INC-2"}, 5, {}, 0)
    assert news.news(stream_messages.PEOPLE, frozenset({"INC-2"}), 1) == b"event: people\ndata: people INC-2\n\n"
    hub.is_alive = lambda: False


def test_who_opens_a_page_is_noted_and_the_pages_of_others_hear_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(presence, "SETTLE", 0.0)
    hub = office.app.extensions[sse.EXTENSION]
    hub.fit(4, lambda: True)
    own, hidden = office.open("NOC"), office.open("PRESS")
    clients = [office.browser(login).client for login in ("department", "coordinator")]
    path = f"/live/pages?after=99999&of={own}&of={hidden}"
    with clients[0].get(path, buffered=False) as first, clients[1].get(path, buffered=False) as second:
        heard = next(chunk for chunk in first.iter_encoded() if b"people" in chunk)
        assert heard == f"event: people\ndata: people {own}\n\n".encode()
        assert second.status_code == 200
    pages = {(row.incident_id, row.person_id) for row in office.do(lambda: rows(IncidentViewer))}
    department, coordinator = person_id(office, "department"), person_id(office, "coordinator")
    ids = office.incident(own).id, office.incident(hidden).id
    assert pages == {(ids[0], department), (ids[0], coordinator), (ids[1], coordinator)}
    until(lambda: not office.do(lambda: rows(IncidentViewer)))
