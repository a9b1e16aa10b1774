"""Live streams: each change is sent once to permitted viewers; streams are limited; nothing is missed."""

import itertools
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import cast

import pytest
from flask import Flask
from werkzeug.wrappers import Response

from incident.actions.directory import people
from incident.actions.incidents import incidents
from incident.core.values.access import Viewer
from incident.shared_counts import SharedCounts
from incident.store.directory.people import person_by_login
from incident.web.streams import sse, stream_messages
from incident.web.streams.subscriber import Change
from tests.web.office import BY, Office


class Book:
    """A journal to which a test adds."""

    def __init__(self) -> None:
        self.rows: list[Change] = []

    def add(self, number: str | None, audience: frozenset[int] | None = None) -> None:
        self.rows.append(Change(len(self.rows) + 1, number, audience))

    def head(self) -> int:
        return len(self.rows)

    def read(self, seq: int) -> list[Change]:
        return [row for row in self.rows if row.seq > seq]


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """A journal, looked at very often."""
    monkeypatch.setattr(sse, "POLL_PAUSE", 0.005)
    monkeypatch.setattr(sse, "WAIT", 0.05)
    return Book()


@pytest.fixture
def hub(book: Book) -> Iterator[sse.Broker]:
    """A hub on that journal."""
    made = sse.Broker(book.head, book.read)
    yield made
    made.is_alive = lambda: False


def events(app: Flask, hub: sse.Broker, number: str | None, after: int, known: int) -> Iterator[bytes]:
    app.extensions[sse.EXTENSION] = hub
    with app.test_request_context(multithread=True):
        answer = sse.stream_response(number, after, lambda _after: known)
    return chunks(answer)


def chunks(answer: Response) -> Iterator[bytes]:
    return cast(Iterator[bytes], iter(answer.response))


def notified(stream: Iterator[bytes]) -> bytes:
    return next(chunk for chunk in stream if chunk.startswith(b"id:"))


def test_a_stream_is_told_of_its_incident_and_of_no_other(hub: sse.Broker, book: Book) -> None:
    stream = events(Flask("t"), hub, "INC-2", 0, 0)
    assert next(stream).startswith(b"retry: ")
    book.add("INC-1")
    book.add("INC-2")
    assert notified(stream) == b"id: 2\nevent: news\ndata: 2\n\n"


def test_a_stream_of_all_is_told_of_each_but_not_of_what_concerns_none(hub: sse.Broker, book: Book) -> None:
    stream = events(Flask("t"), hub, None, 0, 0)
    next(stream)
    book.add(None)
    time.sleep(0.05)
    book.add("INC-1")
    assert notified(stream) == b"id: 2\nevent: news\ndata: 2\n\n"


def test_what_happened_between_the_page_and_the_stream_is_told_at_once_and_only_once(
    hub: sse.Broker, book: Book
) -> None:
    book.add("INC-1")
    stream = events(Flask("t"), hub, "INC-1", 0, 1)
    next(stream)
    assert next(stream) == b"id: 1\nevent: news\ndata: 1\n\n"
    book.add("INC-1")
    assert notified(stream) == b"id: 2\nevent: news\ndata: 2\n\n"


def test_what_is_not_for_who_listens_is_not_told(book: Book, hub: sse.Broker) -> None:
    viewers = (Viewer("coordinator"), Viewer("reader"), Viewer("department", frozenset({7})), None)
    followers = [hub.follow(9, viewer=viewer) for viewer in viewers]
    book.add("INC-1", frozenset())
    book.add("INC-2", frozenset({7}))
    book.add("INC-3")
    heard: list[set[str]] = []
    for one in followers:
        assert one is not None
        numbers: set[str] = set()
        while "INC-3" not in numbers:
            numbers |= one.next_event(10)[1]
        heard.append(numbers)
    assert heard == [{"INC-1", "INC-2", "INC-3"}, {"INC-3"}, {"INC-2", "INC-3"}, {"INC-1", "INC-2", "INC-3"}]


def test_there_are_never_more_streams_than_fit(hub: sse.Broker) -> None:
    followers = [hub.follow(2) for _ in range(3)]
    assert [one is not None for one in followers] == [True, True, False]
    assert followers[0] is not None
    followers[0].leave()
    followers[0].leave()
    assert hub.count() == 1
    assert hub.follow(2) is not None


def test_a_session_has_so_many_streams_and_the_node_so_many_in_all(
    hub: sse.Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "PER_SESSION", 3)
    monkeypatch.setattr(sse, "PER_NODE", 5)
    counts = (SharedCounts(2), SharedCounts(2))
    hub.fit(4, lambda: True, counts)
    first = [hub.follow(100, "session:1") for _ in range(4)]
    assert [one is not None for one in first] == [True, True, True, False]
    second = [hub.follow(100, "session:2") for _ in range(3)]
    assert [one is not None for one in second] == [True, True, False], "the node has five"
    for one in (*first, *second):
        if one is not None:
            one.leave()
            one.leave()
    assert [counts[1].count(""), counts[0].count("session:1")] == [0, 0]
    for row in (0, 1):  # another worker
        counts[1].use_row(row)
        assert counts[1].add("", 5)
    assert counts[1].count("") == 2
    counts[1].use_row(1)
    assert counts[1].count("") == 1, "what a worker that is gone had counted is gone"


def pollers() -> int:
    return sum(thread.name == "live" for thread in threading.enumerate())


def wait_for_no_poller() -> None:
    deadline = time.monotonic() + 10
    while pollers() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_the_poller_runs_only_while_somebody_listens(hub: sse.Broker) -> None:
    wait_for_no_poller()
    first, second = hub.follow(5), hub.follow(5)
    assert pollers() == 1
    for one in (first, second):
        assert one is not None
        one.leave()
    wait_for_no_poller()
    assert pollers() == 0


def test_streams_end_when_the_worker_is_to_end(hub: sse.Broker) -> None:
    stream = events(Flask("t"), hub, None, 0, 0)
    next(stream)
    hub.is_alive = lambda: False
    assert list(stream) == []
    assert hub.follow(5) is None


def test_a_quiet_stream_says_now_and_then_that_it_lives(hub: sse.Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_messages, "HEARTBEAT", 0.01)
    stream = events(Flask("t"), hub, None, 0, 0)
    next(stream)
    assert next(stream) == b"event: beat\n\n"


def test_a_stream_says_so_also_while_there_is_only_news_for_others(
    hub: sse.Broker, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_messages, "HEARTBEAT", 0.1)
    monkeypatch.setattr(sse, "WAIT", 60)
    stream = events(Flask("t"), hub, "INC-2", 0, 0)
    next(stream)
    stop = threading.Event()

    def others() -> None:
        while not stop.wait(0.01):
            book.add("INC-1")

    writer = threading.Thread(target=others)
    writer.start()
    assert next(stream) == b"event: beat\n\n"
    stop.set()
    writer.join()


def test_a_stream_does_not_say_so_while_nobody_can_look_for_changes_and_goes_on_when_somebody_can(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "POLL_PAUSE", 0.005)
    monkeypatch.setattr(sse, "WAIT", 0.02)
    monkeypatch.setattr(stream_messages, "HEARTBEAT", 0.1)
    faults: list[Exception] = [RuntimeError("not of the database")] * 30

    def read(seq: int) -> list[Change]:
        if faults:
            raise faults.pop()
        return book.read(seq)

    hub = sse.Broker(book.head, read)
    stream = events(Flask("t"), hub, None, 0, 0)
    next(stream)
    book.add("INC-1")
    assert next(stream) == b"id: 1\nevent: news\ndata: 1\n\n"
    assert not faults
    hub.is_alive = lambda: False


def test_a_stream_ends_after_a_while_so_that_who_listens_is_asked_for_anew(
    hub: sse.Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_messages, "STREAM_LIMIT", 0.1)
    stream = events(Flask("t"), hub, None, 0, 0)
    assert list(stream)[1:] == []


def test_a_worker_with_one_thread_has_no_streams_and_says_when_to_come_back(office: Office) -> None:
    office.app.extensions[sse.EXTENSION].fit(1, lambda: True)
    answer = office.browser("reader").client.get("/live/incidents")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.data == b""


def test_streams_take_three_quarters_of_a_workers_threads(office: Office) -> None:
    hub = office.app.extensions[sse.EXTENSION]
    assert [hub.capacity(has_threads=has) for has in (False, True)] == [0, 1]
    hub.fit(8, lambda: True)
    assert hub.capacity(has_threads=True) == 6


def test_a_stream_is_for_those_who_may_see_the_incident(office: Office) -> None:
    number = office.open("CERT")
    assert office.browser("department").client.get(f"/live/incidents/{number}").status_code == 404
    assert office.browser().client.get(f"/live/incidents/{number}").status_code == 401


def test_a_real_change_reaches_an_open_page(office: Office) -> None:
    number = office.open("CERT")
    office.app.extensions[sse.EXTENSION].fit(4, lambda: True)
    answer = office.browser("reader").client.get(f"/live/incidents/{number}?after=0", buffered=False)
    stream = chunks(answer)
    assert next(stream).startswith(b"retry")
    assert notified(stream).startswith(b"id: ")
    office.acknowledge(number, "CERT")
    assert b"event: news" in notified(stream)
    answer.close()
    assert office.app.extensions[sse.EXTENSION].count() == 0


def test_what_changes_after_the_caller_was_looked_up_and_before_the_stream_opens_is_not_missed(office: Office) -> None:
    from incident.store.journal import journal

    app = office.app
    app.extensions[sse.EXTENSION].fit(4, lambda: True)
    with app.test_request_context(multithread=True):
        seen = journal.last_change_of(None)  # as when the caller is looked up: from here on the request reads as of now
        writer = threading.Thread(target=office.open, args=("CERT",))
        writer.start()
        writer.join()
        answer = sse.stream_response(None, seen, lambda after: max(after, journal.last_change_of(None)))
    app.extensions[sse.EXTENSION].is_alive = lambda: False
    assert [chunk for chunk in chunks(answer) if chunk.startswith(b"id:")] != []


def test_who_comes_back_is_told_only_what_it_has_not_heard(office: Office) -> None:
    from incident.store.journal import journal

    number = office.open("CERT")
    seq = office.do(lambda: journal.last_change_of(number))
    office.app.extensions[sse.EXTENSION].fit(4, lambda: True)
    client = office.browser("reader").client
    heard = client.get(f"/live/incidents/{number}?after=0", headers={"Last-Event-ID": str(seq)}, buffered=False)
    office.app.extensions[sse.EXTENSION].is_alive = lambda: False
    assert [chunk for chunk in chunks(heard) if chunk.startswith(b"id:")] == []
    heard.close()


def test_a_stream_ends_at_once_when_its_person_changes_or_leaves(office: Office) -> None:
    office.app.extensions[sse.EXTENSION].fit(4, lambda: True)
    browsers = {role: office.browser(role) for role in ("coordinator", "responder")}
    answers = {role: one.client.get("/live/incidents", buffered=False) for role, one in browsers.items()}
    streams = {role: chunks(answer) for role, answer in answers.items()}
    for stream in streams.values():
        notified(stream)
    changed = office.do(lambda: person_by_login("responder"))
    assert changed is not None
    office.do(lambda: people.change_person(changed.id, {"is_active": False}, BY, office.hand.at))
    assert [one for one in streams["responder"] if one.startswith(b"id:")] == [], "it ends, and tells nothing more"
    office.open("CERT")
    assert notified(streams["coordinator"])
    answers["coordinator"].close()


@pytest.mark.parametrize("path", ["/live/incidents/{number}?after=0", "/live/pages?after=0&of={number}"])
def test_a_stream_ends_when_the_readers_of_its_incident_change(office: Office, path: str) -> None:
    office.app.extensions[sse.EXTENSION].fit(4, lambda: True)
    number, other = office.open("CERT"), office.open("NOC")
    answers = {role: office.browser(role).client.get(path.format(number=number)) for role in ("coordinator", "reader")}
    streams = {role: chunks(answer) for role, answer in answers.items()}
    for stream in streams.values():
        notified(stream)
    for one in (other, number):
        changed = office.incident(one).id
        office.do(partial(incidents.change_incident, changed, {"tlp": "red"}, None, BY, office.hand.at))
    assert [one for one in streams["reader"] if one.startswith(b"id:")] == [], "it ends, and tells nothing more"
    assert notified(streams["coordinator"])
    assert office.browser("reader").client.get(f"/live/incidents/{number}").status_code == 404
    answers["coordinator"].close()


def test_a_shared_stream_names_what_changed_and_nothing_that_the_viewer_may_not_see(office: Office) -> None:
    office.app.extensions[sse.EXTENSION].fit(4, lambda: True)
    own, other = office.open("NOC"), office.open("CERT")
    path = f"/live/pages?after=0&of={own}&of={other}&of=any&of=INC-2026-999999"
    with office.browser("department").client.get(path, buffered=False) as answer:
        heard = [line for chunk in itertools.islice(answer.iter_encoded(), 2) for line in chunk.decode().splitlines()]
    named = [line.split()[2] for line in heard if line.startswith("data: ")]
    assert sorted(named) == sorted([own, "any"])


def test_pages_that_share_a_stream_hear_each_of_its_topic() -> None:
    news = stream_messages.PagesNews({"INC-1", "INC-2", stream_messages.ANY}, 5, {"INC-1": 7, "INC-2": 5, "any": 9}, 0)
    assert news.missed() == (b"id: 7\nevent: news\ndata: 7 INC-1\n\nid: 9\nevent: news\ndata: 9 any\n\n")
    assert news.news(9, frozenset({"INC-1"}), 1) == b""
    assert news.news(10, frozenset({"INC-2", "INC-3"}), 1) == b"id: 10\nevent: news\ndata: 10 INC-2 any\n\n"
    assert news.news(11, frozenset(), 1) == b""
    alone = stream_messages.PagesNews({"INC-1"}, 5, {"INC-1": 5}, 0)
    assert alone.missed() == b""
    assert alone.news(6, frozenset({"INC-2"}), 1) == b""
