"""Search terms are computed before the transaction; a fault there loses only the terms."""

import contextlib
import sqlite3
import time
from functools import partial
from pathlib import Path

import pytest

from incident.actions.incidents import incidents
from incident.actions.reports import reports
from incident.core.incidents import search_tokenizer
from incident.core.incidents.indicator import Indicator as Seen
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, indicators_of
from incident.store.journal.journal import Entry
from incident.store.queries import search
from incident.store.reports.reports import Report
from tests.world import BY, World, only, rows

BAIT = "https://bank.example/login?next=https://evil.example/x"


def found(query: str) -> list[str]:
    condition = search.search_filter(query, reads_journal=True)
    assert condition is not None
    titles = list(db.session.scalars(db.select(Incident.title).where(condition).order_by(Incident.id)))
    db.session.rollback()
    return titles


def use(world: World) -> None:
    """Every use case that files something, once."""
    incident = world.open(title="First marked", description="marked")
    incidents.add_note(incident.id, "a marked note", BY, world.now)
    world.change(incident, title="Second marked", indicators=[Seen("url", BAIT)])
    world.alert(title="marked", labels={"path": "marked"})
    world.alert(title="marked", labels={"path": "marked again"})
    reports.submit_report(reports.NewReport(text="marked", url=BAIT), "ABCDE", world.now)


@pytest.fixture
def taken(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether another program could write each time the terms of marked texts were computed."""
    could: list[bool] = []
    path = Path(str(db.engine.url.database))

    def spied(texts):
        kept = list(texts)
        if any("marked" in (text or "") for text in kept):
            with contextlib.closing(sqlite3.connect(path, timeout=0)) as other:
                try:
                    other.execute("BEGIN IMMEDIATE")
                    could.append(True)
                except sqlite3.OperationalError:
                    could.append(False)
        return made(kept)

    made = search_tokenizer.words_of
    monkeypatch.setattr(search_tokenizer, "words_of", spied)
    return could


def test_terms_are_made_while_others_can_write(sqlite_world: World, taken: list[bool]) -> None:
    use(sqlite_world)
    assert len(taken) >= 6
    assert all(taken)


def test_a_fault_in_making_terms_rolls_nothing_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_texts):
        raise ZeroDivisionError

    monkeypatch.setattr(search_tokenizer, "words_of", fail)
    use(world)
    assert [row.title for row in rows(Incident)] == ["Second marked", "marked"]
    assert only(Report).text == "marked"
    assert {"incident.noted", "incident.changed", "alert.attached"} <= {row.event_type for row in rows(Entry)}
    assert found("marked") == ["Second marked", "marked"]
    assert found("note") == ["Second marked"]


def test_terms_of_a_note_that_came_in_between_are_not_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = world.open(title="Odd traffic")
    first = search.terms_after(incident.id, search.Change(added=["from the first"]))
    incidents.add_note(incident.id, "from the second", BY, world.now)
    made, remade = [first], search.terms_after
    monkeypatch.setattr(search, "terms_after", lambda *asked: made.pop() if made else remade(*asked))
    incidents.add_note(incident.id, "from the first", BY, world.now)
    monkeypatch.undo()
    assert found("first") == found("second") == ["Odd traffic"]


def test_notes_at_the_same_moment_are_all_found(world: World) -> None:
    incident = world.open(title="Odd traffic")
    words = [f"word{number}" for number in range(6)]
    done = world.at_once(*(partial(incidents.add_note, incident.id, word, BY, world.now) for word in words))
    assert not [one for one in done if isinstance(one, BaseException)]
    assert [found(word) for word in words] == [["Odd traffic"]] * 6


def test_the_outer_and_the_inner_address_are_found_and_kept_wherever_they_were_told(world: World) -> None:
    noted = world.open(title="Noted")
    incidents.add_note(noted.id, f"They sent {BAIT}, twice.", BY, world.now)
    world.change(world.open(title="Changed"), description=BAIT)
    world.open(title="Described", description=BAIT)
    world.alert(title="Alerted", labels={"request": BAIT})
    world.alert(title="Alerted", labels={"request": "GET"}, fingerprint="f2")
    world.alert(title="Alerted", labels={"request": BAIT}, fingerprint="f2")
    titles = ["Noted", "Changed", "Described", "Alerted", "Alerted"]
    for query in (BAIT, "https://evil.example/x", "evil.example", "bank.example"):
        assert found(query) == titles, query
    kept = {row.title: [one.value for one in indicators_of(row.id)] for row in rows(Incident)}
    assert kept["Described"] == kept["Alerted"] == [BAIT, "https://evil.example/x"]


def test_a_hundred_thousand_letters_hold_the_write_lock_no_longer_than_a_few(world: World) -> None:
    begun = time.process_time()
    world.alert(title="Long", labels={f"l{number}": "a+" * 1_000 for number in range(50)}, description="a+" * 10_000)
    assert time.process_time() - begun < 2
    assert found("long") == ["Long"]
