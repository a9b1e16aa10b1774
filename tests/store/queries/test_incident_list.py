"""The incident list: every filter matches a full scan, and an index provides the order."""

import datetime as dt
import itertools
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update

from incident.core.incidents.listing.tabs import TABS
from incident.core.notifications.notice import UNANSWERED
from incident.core.values.access import Viewer
from incident.core.values.affiliation import is_in_region, is_in_sector
from incident.store.db.database import WRITE, db
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident, IncidentDepartment, IncidentPerson
from incident.store.notifications.notices import Notice
from incident.store.queries import incident_list, incident_tabs, visibility
from incident.store.queries.incident_filter import IncidentFilter
from incident.store.queries.incident_list import list_incidents
from incident.store.queries.incident_order import place_of
from incident.store.queries.incident_tabs import TabCounts, count_tabs
from tests.world import World, rows

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
BOSS = Viewer("coordinator")
COUNT = 3_000

FILTERS: list[tuple[dict[str, Any], Callable[[Incident], bool], str]] = [
    ({}, lambda one: True, "ix_incidents_is_unreached_id"),
    ({"status": "new"}, lambda one: one.status == "new", "ix_incidents_status_is_unreached_id"),
    ({"grade": 2}, lambda one: one.grade == 2, "ix_incidents_grade_is_unreached_id"),
    ({"category": "NASCAN"}, lambda one: one.category == "NASCAN", "ix_incidents_category_is_unreached_id"),
    ({"campaign": "wave"}, lambda one: one.campaign == "wave", "ix_incidents_campaign_is_unreached_id"),
    ({"sector": "energy"}, lambda one: is_in_sector(one.sector, "energy"), "ix_incidents_sector_1_is_unreached_id"),
    (
        {"sector": "energy/power"},
        lambda one: is_in_sector(one.sector, "energy/power"),
        "ix_incidents_sector_2_is_unreached_id",
    ),
    (
        {"sector": "energy/power/grid"},
        lambda one: is_in_sector(one.sector, "energy/power/grid"),
        "ix_incidents_sector_2_is_unreached_id",
    ),
    ({"region": "33"}, lambda one: is_in_region(one.region, "33"), "ix_incidents_region_2_is_unreached_id"),
    ({"region": "330000"}, lambda one: is_in_region(one.region, "33"), "ix_incidents_region_2_is_unreached_id"),
    ({"region": "330100"}, lambda one: is_in_region(one.region, "3301"), "ix_incidents_region_4_is_unreached_id"),
    ({"region": "330102"}, lambda one: is_in_region(one.region, "330102"), "ix_incidents_region_6_is_unreached_id"),
    ({"region": "330102001"}, lambda one: one.region == "330102001", "ix_incidents_region_6_is_unreached_id"),
    ({"region": "North"}, lambda one: one.region == "North", "ix_incidents_region_is_unreached_id"),
    (
        {"department_id": 2},
        lambda one: one.id % 7 == 1 and one.id % 3 == 0,
        "incident_departments",
    ),
    ({"department_id": 2, "until": AT}, lambda one: one.id % 21 == 15 and one.opened_at < AT, "opened_at_id"),
    ({"since": AT}, lambda one: one.opened_at >= AT, "ix_incidents_is_unreached_opened_at_id"),
    ({"until": AT}, lambda one: one.opened_at < AT, "ix_incidents_is_unreached_opened_at_id"),
    (
        {"since": AT - dt.timedelta(days=9), "until": AT},
        lambda one: AT - dt.timedelta(days=9) <= one.opened_at < AT,
        "ix_incidents_is_unreached_opened_at_id",
    ),
]
NAMES = [", ".join(f"{name} {value}" for name, value in wanted.items()) or "all" for wanted, _, _ in FILTERS]


@pytest.fixture
def crowd(world: World) -> World:
    """Many incidents of every kind, whose moments do not follow their ids."""
    chance = random.Random(3)
    sectors = (None, "energy", "energy/power", "energy/power/grid", "energy/", "energyless", "water")
    regions = (None, "33", "330000", "3301", "330102", "330102001", "330199", "44", "33-x")
    made = [
        {
            "id": count,
            "number": f"INC-2026-{count:06d}",
            "title": f"No. {count}",
            "description": "",
            "status": "new" if chance.random() < 0.03 else chance.choice(("handling", "closed")),
            "grade": 2 if chance.random() < 0.05 else chance.choice((None, 1, 3, 4)),
            "category": "NASCAN" if chance.random() < 0.03 else chance.choice((None, "NAPHISH")),
            "sector": chance.choice(sectors),
            "region": "North" if chance.random() < 0.03 else chance.choice(regions),
            "campaign": "wave" if chance.random() < 0.05 else None,
            "tlp": chance.choice(("amber", "red")),
            "source": "manual",
            "opened_at": AT + dt.timedelta(hours=chance.randint(-900, 900)),
            "changed_at": AT,
            "is_unreached": chance.random() < 0.02,
            "speed": 60 if chance.random() < 0.02 else None,
            "version": 1,
        }
        for count in range(1, COUNT + 1)
    ]
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    db.session.execute(insert(Incident), made)
    departments = [{"id": number, "code": f"d{number}", "name": f"D{number}", "created_at": AT} for number in (1, 2)]
    db.session.execute(insert(Department), departments)
    on_it = [{"incident_id": count, "department_id": 1 if count % 3 else 2, "place": 0} for count in range(1, COUNT, 7)]
    db.session.execute(insert(IncidentDepartment), on_it)
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    return world


def pages(wanted: IncidentFilter, limit: int) -> Iterator[int]:
    """The ids of all pages, one page after the other by its cursor."""
    after: tuple[int, int] | None = None
    while True:
        found = list_incidents(BOSS, wanted, after, limit)
        yield from (row.id for row in found)
        if len(found) < limit:
            return
        after = (int(found[-1].is_unreached), found[-1].id)


def test_every_filter_gives_page_by_page_what_looking_through_all_gives(crowd: World) -> None:
    everything = rows(Incident)
    for wanted, belongs, _ in FILTERS:
        for is_exercise in (False, True):
            by_hand = [one for one in everything if (one.speed is not None) == is_exercise and belongs(one)]
            by_moment = bool({"since", "until"} & set(wanted))
            by_hand.sort(key=lambda one: (one.is_unreached, one.opened_at if by_moment else 0, one.id), reverse=True)
            assert list(pages(IncidentFilter(**wanted, is_exercise=is_exercise), 97)) == [one.id for one in by_hand]


def test_filters_together_give_what_fits_all_of_them(crowd: World) -> None:
    wanted = IncidentFilter(grade=2, sector="energy", region="33", since=AT)
    everything = [one for one in rows(Incident) if one.speed is None and one.grade == 2 and one.opened_at >= AT]
    by_hand = [one for one in everything if is_in_sector(one.sector, "energy") and is_in_region(one.region, "33")]
    assert sorted(pages(wanted, 5)) == sorted(one.id for one in by_hand)


def plan_of(wanted: IncidentFilter, after: tuple[int, int] | None, sort: Any = None) -> str:
    """The query plan for a page of 25."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        list_incidents(BOSS, wanted, after, 25, sort)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = sent[-1]
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(row[3] for row in found)
    for name in ("enable_seqscan", "enable_bitmapscan"):  # the planner would scan so few rows
        connection.execute(text(f"SET LOCAL {name} = off"))
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))


@pytest.mark.parametrize("after", [None, (0, 1_500)], ids=["first page", "further page"])
def test_an_index_gives_every_filter_in_the_order_of_the_list(crowd: World, after: tuple[int, int] | None) -> None:
    for wanted, _, index in [*FILTERS, ({"is_exercise": True}, None, "ix_incidents_exercises")]:
        if len(wanted) > 1 and "since" not in wanted:
            continue
        plan = plan_of(IncidentFilter(**wanted), after)
        db.session.rollback()
        assert index in plan or (not wanted and "PRIMARY KEY" in plan), plan
        assert "department_id" in wanted or not sorts(plan), plan
        assert not re.search(r"SCAN incidents$|Seq Scan on incidents ", plan, re.MULTILINE), plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"status": "new", "grade": 2}, "ix_incidents_status_is_unreached_id_more"),
        ({"status": "new", "category": "NASCAN"}, "ix_incidents_status_is_unreached_id_more"),
        ({"category": "NASCAN", "grade": 1}, "ix_incidents_category_is_unreached_id_more"),
    ],
    ids=["status and grade", "status and category", "category and grade"],
)
def test_two_filters_are_answered_by_one_index_before_any_row_is_read(
    crowd: World, wanted: dict[str, Any], index: str
) -> None:
    plan = plan_of(IncidentFilter(**wanted), None)
    assert index in plan
    assert not sorts(plan)
    if db.engine.dialect.name == "sqlite":  # whose plan does not show which index columns are used
        query = "SELECT id FROM incidents WHERE " + " AND ".join(f"{name} = :{name}" for name in wanted)
        [row] = db.session.execute(text(f"EXPLAIN QUERY PLAN {query}"), wanted)
        assert f"COVERING INDEX {index} " in row[3]
        return
    looked_at = [line for line in plan.splitlines() if "Index Cond" in line and all(name in line for name in wanted)]
    assert looked_at, plan


def sorts(plan: str) -> bool:
    """Whether rows are sorted before the page is cut; pages of two paths may be merged."""
    if db.engine.dialect.name == "sqlite":
        name = "way_" if "way_" in plan else "page"
        found = re.findall(rf"^CO-ROUTINE ({name}\S*)$(.*?)^SCAN \1$", plan, re.DOTALL | re.MULTILINE)
        return any("TEMP B-TREE" in text for _, text in found)
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in plan.splitlines()]
    limits = [at for at, (_, text) in enumerate(lines) if text.startswith("->  Limit")]
    return any(_sorts_below(lines, at) for at in (limits[1:] or limits))


def _sorts_below(lines: list[tuple[int, str]], at: int) -> bool:
    deeper = itertools.takewhile(lambda line: line[0] > lines[at][0], lines[at + 1 :])
    return any(re.match(r"->  (Incremental )?Sort ", text) for _, text in deeper)


ME = 1
MINE = Viewer("coordinator", frozenset({2}), ME)


@pytest.fixture
def busy(crowd: World) -> World:
    """The crowd with owners, with notices of both departments in every state, and with some of deadlines."""
    db.session.connection(execution_options={WRITE: True})
    person = {"login": "me", "name": "Me", "role": "coordinator", "language": "en", "is_active": True, "created_at": AT}
    db.session.execute(insert(Person), [{"id": ME, **person}])
    db.session.execute(update(Incident).where(Incident.id % 11 == 0).values(owner_id=ME))
    db.session.execute(update(Incident).values(changed_at=AT, closed_at=None))
    for shift in range(5):
        moved = AT + dt.timedelta(hours=shift)
        db.session.execute(update(Incident).where(Incident.id % 5 == shift).values(changed_at=moved))
    states = ("open", "acknowledged", "declined", "exhausted", "done", "withdrawn")
    made: list[dict[str, Any]] = [
        {"incident_id": count, "department_id": 1 if count % 3 else 2, "state": states[count % 6], "opened_at": AT}
        | {"policy": {}, "level": 1, "round": 1, "is_unreached": False, "reminders": 0, "version": 1}
        | {"subject_type": "incident", "subject_id": count, "purpose": "handling"}
        for count in range(1, COUNT, 7)
    ]
    of_clock = {"state": "open", "subject_type": "clock", "purpose": "deadline"}
    made += [one | of_clock | {"incident_id": one["incident_id"] + 1} for one in made]
    db.session.execute(insert(Notice), made)
    db.session.commit()
    return crowd


def tabs_by_hand() -> dict[str | None, set[int]]:
    """The ids of the real incidents of each tab, by looking through all."""
    everything = [one for one in rows(Incident) if one.speed is None]
    waiting = {
        one.incident_id: one.department_id for one in rows(Notice, purpose="handling") if one.state in UNANSWERED
    }
    belongs: dict[str | None, Callable[[Incident], bool]] = {
        None: lambda one: True,
        "open": lambda one: one.status != "closed",
        "closed": lambda one: one.status == "closed",
        "mine": lambda one: one.status != "closed" and (one.owner_id == ME or waiting.get(one.id) == 2),
        "unanswered": lambda one: one.status != "closed" and (one.is_unreached or one.id in waiting),
    }
    return {tab: {one.id for one in everything if fits(one)} for tab, fits in belongs.items()}


KEYS: dict[str | None, Callable[[Incident], Any]] = {
    None: lambda one: (-one.is_unreached, -one.id),
    "newest": lambda one: -one.id,
    "oldest": lambda one: one.id,
    "grade": lambda one: (one.grade or 5, -one.is_unreached, -one.id),
    "changed": lambda one: (-one.changed_at.timestamp(), -one.id),
    "due": lambda one: (one.next_due_at is None, one.id),
}


def in_pages(wanted: IncidentFilter, sort: Any, limit: int = 700, viewer: Viewer = MINE) -> list[int]:
    """The ids of all pages in an order, each page reached by the cursor of the one before."""
    after, found = None, []
    while True:
        page = list_incidents(viewer, wanted, after, limit, sort)
        found += [row.id for row in page]
        if len(page) < limit:
            return found
        assert len(found) <= COUNT, "a page begins before the end of the one before"
        after = place_of(page[-1], sort)


@pytest.mark.parametrize("few", [0, 5_000], ids=["many unanswered", "few unanswered"])
def test_every_tab_in_every_order_gives_page_by_page_what_looking_through_all_gives(
    busy: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incident_list, "FEW", few)
    everything = {one.id: one for one in rows(Incident)}
    further: list[tuple[dict[str, Any], Callable[[Incident], bool]]] = [
        ({}, lambda one: True),
        ({"grade": 3}, lambda one: one.grade == 3),
        ({"department_id": 2}, lambda one: one.id % 21 == 15),
        ({"status": "handling"}, lambda one: one.status == "handling"),
        ({"owner_id": ME}, lambda one: one.owner_id == ME),
    ]
    tabs = tabs_by_hand()
    for tab, (sort, key), (more, fits) in itertools.product((None, *TABS), KEYS.items(), further):
        by_hand = sorted((everything[one] for one in tabs[tab] if fits(everything[one])), key=key)
        found = in_pages(IncidentFilter(tab=tab, **more), sort, 700 if not more else len(by_hand) // 2 + 1)
        assert found == [one.id for one in by_hand], (tab, sort, more)


@pytest.mark.parametrize("sort", [None, "newest", "oldest"])
def test_tabs_of_a_span_of_time_are_in_the_order_of_opening(busy: World, sort: Any) -> None:
    everything = {one.id: one for one in rows(Incident)}
    sign, tabs = 1 if sort == "oldest" else -1, tabs_by_hand()
    for tab in (None, *TABS):
        by_hand = sorted(
            (everything[one] for one in tabs[tab] if everything[one].opened_at >= AT),
            key=lambda one: (sort is None and -one.is_unreached, sign * one.opened_at.timestamp(), sign * one.id),
        )
        found = in_pages(IncidentFilter(tab=tab, since=AT), sort, 203)
        assert found == [one.id for one in by_hand], tab


@pytest.mark.parametrize("few", [0, 5_000], ids=["many of its own", "few of its own"])
def test_a_department_lists_another_one_and_its_own_in_every_order(
    busy: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visibility, "FEW", few)
    viewer = Viewer("department", frozenset({1, 2}), ME)
    for asked, tab, sort in itertools.product((None, 1, 2), (None, *TABS), KEYS):
        wanted = IncidentFilter(tab=tab, department_id=asked)
        found = {row.id for row in list_incidents(viewer, wanted, None, COUNT, sort)}
        on_it = select(IncidentDepartment.incident_id).where(
            IncidentDepartment.department_id.in_((asked or 1, asked or 2))
        )
        on_them = set(db.session.scalars(on_it))
        assert found <= on_them | {one.id for one in rows(Incident) if one.owner_id == ME}, (asked, tab, sort)
        assert found, (asked, tab, sort)


@pytest.mark.parametrize("few", [0, 5_000], ids=["many of its own", "few of its own"])
def test_one_department_gets_every_tab_in_every_order_page_by_page(
    busy: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visibility, "FEW", few)
    named = IncidentPerson(incident_id=3, person_id=ME)
    db.session.connection(execution_options={WRITE: True})
    db.session.add(named)
    db.session.commit()
    viewer = Viewer("department", frozenset({2}), ME)
    its = set(db.session.scalars(select(IncidentDepartment.incident_id).where(IncidentDepartment.department_id == 2)))
    everything = {one.id: one for one in rows(Incident) if (one.id in its and one.tlp != "red") or one.id == 3}
    further: list[tuple[dict[str, Any], Callable[[Incident], bool]]] = [
        ({}, lambda one: True),
        ({"grade": 3}, lambda one: one.grade == 3),
    ]
    tabs = tabs_by_hand()
    for tab, (sort, key), (more, fits) in itertools.product((None, *TABS), KEYS.items(), further):
        its_own = [everything[one] for one in tabs[tab] & set(everything) if fits(everything[one])]
        found = in_pages(IncidentFilter(tab=tab, **more), sort, len(its_own) // 3 + 1, viewer)
        assert found == [one.id for one in sorted(its_own, key=key)], (tab, sort, more)
    counted = count_tabs(viewer).numbers
    assert {tab: counted[tab] for tab in TABS} == {tab: len(tabs[tab] & set(everything)) for tab in TABS}


def test_the_tabs_are_counted_exactly_up_to_the_limit(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counted, tabs = count_tabs(MINE).numbers, tabs_by_hand()
    by_hand = {tab: len(tabs[tab]) for tab in TABS}
    assert {tab: counted[tab] for tab in TABS} == {tab: min(number, 1_001) for tab, number in by_hand.items()}
    assert counted["unreached"] == sum(one.is_unreached for one in rows(Incident) if one.id in tabs["open"])
    monkeypatch.setattr(incident_tabs, "COUNT_LIMIT", 10)
    assert {count_tabs(MINE).numbers[tab] for tab in TABS} == {11}


def test_counts_hold_nothing_that_the_viewer_may_not_see(busy: World) -> None:
    reader = count_tabs(Viewer("reader")).numbers
    visible = [one for one in rows(Incident) if one.tlp != "red"]
    assert reader["unreached"] == sum(one.is_unreached and one.status != "closed" and not one.speed for one in visible)
    nothing = TabCounts(dict.fromkeys((*TABS, "unreached"), 0))
    assert count_tabs(Viewer("department", frozenset({99}), 5)) == nothing


def test_the_tabs_of_a_department_are_those_of_its_lists(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = Viewer("department", frozenset({1, 2}), ME)
    listed = {tab: len(list_incidents(viewer, IncidentFilter(tab=tab), None, 2_000)) for tab in TABS}
    assert all(0 < number < 1_001 for number in listed.values()), "the test would show nothing"
    counted = count_tabs(viewer)
    assert {tab: counted.numbers[tab] for tab in TABS} == listed
    assert not counted.is_least
    monkeypatch.setattr(incident_tabs, "NEWEST_COUNTED", 10)
    monkeypatch.setattr(visibility, "FEW", 10)
    db.session.rollback()
    fewer = count_tabs(viewer)
    assert fewer.is_least
    assert all(fewer.numbers[tab] <= listed[tab] for tab in TABS)


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("newest", r"PRIMARY KEY|pk_incidents|SCAN incidents$"),
        ("oldest", r"PRIMARY KEY|pk_incidents|SCAN incidents$"),
        ("changed", "ix_incidents_changed_at_id"),
        ("grade", "ix_incidents_grade_is_unreached_id"),
        ("due", "ix_incidents_next_due_at_id"),
    ],
)
def test_an_index_gives_every_order(busy: World, sort: Any, index: str) -> None:
    plan = plan_of(IncidentFilter(), None, sort)
    assert re.search(index, plan, re.MULTILINE), plan
    assert not sorts(plan), plan


def test_open_exercises_come_from_the_index_of_the_few_exercises(busy: World) -> None:
    plan = plan_of(IncidentFilter(tab="open", is_exercise=True), None)
    assert "ix_incidents_exercises" in plan, plan


@pytest.mark.parametrize("sort", [None, "newest", "oldest", "changed"])
def test_open_incidents_come_from_an_index_in_every_order(busy: World, sort: Any) -> None:
    plan = plan_of(IncidentFilter(tab="open"), None, sort)
    assert ("ix_incidents_changed_at_id" if sort == "changed" else "ix_incidents_status_is_unreached_id") in plan, plan
    assert not sorts(plan), plan
