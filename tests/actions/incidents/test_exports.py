"""Exports of the list: made piece by piece as their owner may see, once, and gone after a day."""

import csv
import datetime as dt
import io
import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from incident.actions.directory import people
from incident.actions.incidents import exports as use_cases
from incident.actions.incidents.exports import NewExport
from incident.actions.operations import housekeeping
from incident.app import create_core
from incident.config import Settings
from incident.core.incidents.listing import export as rules
from incident.core.incidents.listing.tabs import COLUMNS
from incident.core.values.faults import RuleError
from incident.formats.list_exports import export_words, whole_file
from incident.formats.messages import load_catalogues
from incident.store.directory.people import Person
from incident.store.incidents import exports
from incident.store.incidents.exports import ListExport, ListExportPart
from incident.store.journal.journal import Entry
from incident.store.queries.export_filter import filter_document
from incident.store.queries.incident_filter import IncidentFilter
from tests.world import BY, World, rows

CATALOGUES = load_catalogues()


def person(world: World, role: str = "coordinator", department: str | None = None) -> Person:
    return people.add_person(f"{role}.{department}", role, role, department, None, "en", BY, world.now)


def ask(world: World, owner: Person, file_format: str = "json", **more: Any) -> int:
    given: dict[str, Any] = {"filter": {}, "sort": None, "columns": ("departments",), "language": "en"} | more
    new = NewExport(format=file_format, person_id=owner.id, **given)  # type: ignore[arg-type]
    return use_cases.request_export(new, BY, world.now).id


def piece(world: World) -> bool:
    return use_cases.make_next_piece(world.now, world.zone, CATALOGUES)


def make(world: World) -> int:
    count = 0
    while piece(world):
        count += 1
    return count


def export_row(export_id: int) -> ListExport:
    [found] = [one for one in rows(ListExport) if one.id == export_id]
    return found


def content(world: World, export_id: int) -> str:
    row = export_row(export_id)
    words = export_words(CATALOGUES[row.language], row.language, world.zone)
    return b"".join(whole_file(row.format, parts(row.id), row.columns, words)).decode()


def parts(export_id: int) -> Iterator[bytes]:
    place: int | None = -1
    while place is not None:
        place, part = exports.content_after(export_id, place)
        if place is not None:
            yield part


def numbers(world: World, export_id: int) -> list[str]:
    return [one["number"] for one in json.loads(content(world, export_id))]


def events() -> list[str]:
    return [one.event_type for one in rows(Entry) if one.event_type.startswith("export.")]


def test_an_export_is_made_in_pieces_in_the_order_of_the_list(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PART_ROWS", 2)
    world.department("CERT")
    opened = [world.open("CERT").number for _ in range(5)]
    boss = person(world)
    newest, oldest = ask(world, boss), ask(world, boss, sort="oldest")
    assert make(world) == 2 * (1 + 3)
    assert numbers(world, newest) == opened[::-1]
    assert numbers(world, oldest) == opened
    made = export_row(newest)
    assert (made.state, made.rows_done, made.rows_total) == ("ready", 5, 5)
    assert events() == ["export.requested", "export.requested", "export.made", "export.made"]
    assert not piece(world)


def test_the_progress_of_an_export_is_stored_with_each_piece(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PART_ROWS", 2)
    for _ in range(5):
        world.open()
    export_id = ask(world, person(world))
    seen = [(export_row(export_id).state, export_row(export_id).rows_done) for _ in range(4) if piece(world)]
    assert seen == [("running", 0), ("running", 2), ("running", 4), ("ready", 5)]


def test_a_spreadsheet_gets_words_in_the_language_of_who_asked(world: World) -> None:
    world.department("CERT", [("duty", 1)])
    world.open("CERT", title="=1+1", grade=1)
    export_id = ask(world, person(world), "csv", columns=COLUMNS, language="zh_Hans_CN")
    make(world)
    text = content(world, export_id)
    assert text.startswith("\ufeff")
    [heading, line] = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    cells = dict(zip(heading, line, strict=True))
    assert cells["编号"] == "INC-2026-000001"
    assert cells["标题"] == "'=1+1"
    assert cells["创建时间"] == "2026-03-02T09:00:00+08:00"
    assert "new" not in line


def test_an_export_holds_what_its_owner_may_see_when_it_is_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PART_ROWS", 1)
    world.department("CERT")
    world.department("NOC")
    seen, turned_red = world.open("CERT"), world.open("CERT")
    world.open("NOC")
    world.open("CERT", tlp="red")
    export_id = ask(world, person(world, "department", "CERT"))
    piece(world)
    assert export_row(export_id).rows_total == 2
    world.change(turned_red, tlp="red")
    make(world)
    assert numbers(world, export_id) == [seen.number]
    assert export_row(export_id).rows_total == 1


def test_a_search_finds_notes_only_for_those_who_may_read_them(world: World) -> None:
    from incident.actions.incidents.incidents import add_note

    world.department("CERT")
    noted = world.open("CERT")
    add_note(noted.id, "exfiltration", BY, world.now)
    reader, member = person(world, "reader"), person(world, "department", "CERT")
    found = [ask(world, one, filter={"words": "exfiltration"}) for one in (reader, member)]
    make(world)
    assert [numbers(world, one) for one in found] == [[noted.number], []]


def test_the_filter_is_the_same_after_it_was_stored() -> None:
    at = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    wanted = IncidentFilter(status="new", grade=1, department_id=3, tab="open", since=at, until=at, is_exercise=True)
    stored = json.loads(json.dumps(filter_document(wanted, None)))
    from incident.store.queries.export_filter import read_filter

    assert read_filter(stored, reads_journal=True) == wanted
    assert filter_document(None, "x") is None


def test_who_may_not_read_incidents_any_more_gets_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PART_ROWS", 1)
    for _ in range(3):
        world.open()
    person(world, "administrator")
    gone, begun = person(world), person(world, "reader")
    first, second = ask(world, begun), ask(world, gone)
    assert piece(world)
    assert piece(world)
    for one in (gone, begun):
        people.change_person(one.id, {"is_active": False}, BY, world.now)
    make(world)
    assert [(export_row(one).state, export_row(one).fault) for one in (first, second)] == [
        ("failed", "export.no_access")
    ] * 2
    assert rows(ListExportPart) == []


def test_too_many_incidents_are_refused_in_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_cases, "MAX_EXPORTED", 2)
    for _ in range(3):
        world.open()
    export_id = ask(world, person(world))
    make(world)
    assert (export_row(export_id).state, export_row(export_id).fault) == ("failed", "export.too_large")


def test_nothing_that_matches_is_an_empty_file(world: World) -> None:
    boss = person(world)
    none, unknown = ask(world, boss, filter={"grade": 1}), ask(world, boss, filter=None)
    make(world)
    assert [json.loads(content(world, one)) for one in (none, unknown)] == [[], []]


def test_an_export_that_fails_does_not_stop_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.open()
    boss = person(world)
    broken, good = ask(world, boss, filter={"tab": "nowhere", "since": "never"}), ask(world, boss)
    with pytest.raises(RuleError):
        piece(world)
    make(world)
    assert export_row(broken).fault == "export.broken"
    assert len(numbers(world, good)) == 1


def test_a_person_has_few_exports_and_deletes_one_for_another(world: World) -> None:
    boss = person(world)
    asked = [ask(world, boss) for _ in range(rules.MAX_EXPORTS)]
    with pytest.raises(RuleError, match=r"export\.too_many"):
        ask(world, boss)
    make(world)
    use_cases.delete_export(asked[0], BY, world.now)
    ask(world, boss)
    ask(world, person(world, "reader"))


def test_an_export_is_gone_a_day_after_it_was_made(world: World) -> None:
    world.open()
    export_id = ask(world, person(world))
    world.forward(hours=1)
    make(world)
    world.forward(hours=23, minutes=59)
    housekeeping.run_housekeeping(world.now)
    assert export_row(export_id).state == "ready"
    world.forward(minutes=1)
    housekeeping.run_housekeeping(world.now)
    assert (rows(ListExport), rows(ListExportPart)) == ([], [])


def test_two_nodes_make_each_piece_once(postgres_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PART_ROWS", 1)
    world = postgres_world
    opened = [world.open().number for _ in range(8)]
    export_id = ask(world, person(world))
    world.at_once(*[lambda: make(world)] * 3)
    make(world)
    assert numbers(world, export_id) == opened[::-1]
    assert events().count("export.made") == 1


def _die_in_the_second_part(settings: Settings, now: dt.datetime) -> None:
    """Make an export in a process that is killed while it writes the second part."""
    module = vars(use_cases)
    written = module["write_part"]
    count = 0

    def die(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return written(*arguments)

    module["write_part"] = die
    vars(rules)["PART_ROWS"] = 2
    with create_core(settings).app_context():
        while use_cases.make_next_piece(now, settings.zone, load_catalogues()):
            pass


def test_an_export_goes_on_after_a_kill_in_the_midst_of_a_piece(world: World) -> None:
    opened = [world.open().number for _ in range(5)]
    export_id = ask(world, person(world))
    rows(ListExport)
    process = multiprocessing.get_context("spawn").Process(
        target=_die_in_the_second_part, args=(world.settings, world.now)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    left = export_row(export_id)
    assert (left.state, left.rows_done, left.rows_total) == ("running", 2, 5)
    assert make(world) == 2
    assert numbers(world, export_id) == opened[::-1]
    assert export_row(export_id).state == "ready"
