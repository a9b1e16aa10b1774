"""What waits for departments: in the order in which it runs out, with counts, and read from an index."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from incident.core.values.access import Viewer
from incident.store.db.counting import count_some
from incident.store.db.database import WRITE, db
from incident.store.directory.departments import Department
from incident.store.notifications.notices import Notice
from incident.store.playbooks.tasks import Task
from incident.store.queries import notice_list, urgent_work
from incident.store.queries.urgent_work import WorkCount
from incident.store.queries.work_filter import WorkFilter
from tests.core.cacao.build import action, document
from tests.world import World, only

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
BOSS = Viewer("coordinator")
ALL = WorkFilter()
LOOK = document({"look": action("end", timeout=60_000), "end": None}, name="Look")


@pytest.fixture
def work(world: World) -> World:
    """A world with a department of two levels, one whose only level ends soon, and one without a contact."""
    world.department("net", [("first", 1), ("second", 2)], waits=[5, 5])
    world.department("press", [("desk", 1)], waits=[2])
    world.department("empty")
    return world


def plans_of(use_case: Callable[[], object]) -> list[str]:
    """The plans of the queries of a use case."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        use_case()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        asked = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", given) for query, given in sent]
        return ["\n".join(row[3] for row in found) for found in asked]
    for name in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):  # the planner would scan so few rows
        connection.execute(text(f"SET LOCAL {name} = off"))
    asked = [connection.exec_driver_sql(f"EXPLAIN {query}", given) for query, given in sent]
    return ["\n".join(row[0] for row in found) for found in asked]


def listed(
    group: urgent_work.WaitingGroup | None = None, viewer: Viewer = BOSS, skip: int = 0, limit: int = 9
) -> list[int | None]:
    """The ids of the incidents of a page."""
    return [one.incident_id for one in urgent_work.urgent_notices(viewer, ALL, group, skip, limit)]


def test_what_runs_out_first_comes_first_and_what_has_run_out_last(work: World) -> None:
    over = work.open("press")
    work.after(minutes=3)
    late, soon = work.open("net"), work.open("press")
    assert listed() == [soon.id, late.id, over.id]
    assert (listed("running"), listed("exhausted"), listed("declined")) == ([soon.id, late.id], [over.id], [])


def test_pages_go_on_where_the_countdowns_end(work: World) -> None:
    over = [work.open("press").id for _ in range(3)]
    work.after(minutes=3)
    running = [work.open("net").id for _ in range(2)]
    every = [*running, *reversed(over)]
    assert [listed(skip=skip, limit=2) for skip in (0, 2, 4, 6)] == [every[:2], every[2:4], every[4:], []]
    assert listed(skip=1, limit=3) == every[1:4]


def test_waiting_notices_are_counted_by_why_they_wait(work: World) -> None:
    work.open("net", "empty")
    work.open("press")
    work.after(minutes=3)
    counts = urgent_work.count_waiting(BOSS, ALL)
    assert counts == {
        "running": WorkCount(1),
        "exhausted": WorkCount(1),
        "declined": WorkCount(0),
        "unreached": WorkCount(1),
    }


def test_of_those_whom_nobody_answers_the_gravest_come_first(work: World) -> None:
    minor, grave, newer = work.open("press", grade=4), work.open("empty", grade=1), work.open("press", grade=4)
    work.open("net", grade=1)
    work.after(minutes=3)

    def found(viewer: Viewer, limit: int = 9) -> list[int | None]:
        rows = urgent_work.gravest_notices(viewer, ALL, ("exhausted", "unreached"), limit)
        return [one.incident_id for one in rows]

    assert found(BOSS) == [grave.id, newer.id, minor.id]
    assert found(BOSS, 1) == [grave.id]
    assert found(Viewer("department", frozenset({notice_of_first("press")}))) == [newer.id, minor.id]
    plan = plans_of(lambda: found(BOSS))[0]
    assert "ix_notices_waiting_next_at_id" in plan


def test_a_task_is_late_by_its_own_limit_or_by_what_people_agreed_on(work: World) -> None:
    work.playbook(LOOK)
    made = [only(Task, incident_id=work.open("net", playbook=LOOK["id"]).id) for _ in range(3)]
    made[0].wanted_at, made[1].wanted_at = (work.now + dt.timedelta(seconds=one) for one in (-1, 5))
    db.session.commit()
    ids = [one.id for one in made]
    late = WorkFilter(late_at=work.now)
    assert [one.id for one in urgent_work.urgent_tasks(BOSS, late, 0, 9)] == [ids[0]]
    assert urgent_work.count_open_tasks(BOSS, ALL, work.now) == (WorkCount(3), WorkCount(1))
    assert [one.id for one in urgent_work.next_tasks(BOSS, ALL, work.now, 9)] == [ids[1], ids[2]]
    assert [one.id for one in urgent_work.next_tasks(BOSS, ALL, work.now, 1)] == [ids[1]]


def test_what_belongs_to_exercises_can_be_left_out(work: World) -> None:
    work.playbook(LOOK)
    real, exercise = (work.open("net", playbook=LOOK["id"]) for _ in range(2))
    exercise.speed = 1
    db.session.commit()
    wanted = WorkFilter(is_real=True)
    assert [one.incident_id for one in urgent_work.urgent_notices(BOSS, wanted, None, 0, 9)] == [real.id]
    assert [one.incident_id for one in urgent_work.urgent_tasks(BOSS, wanted, 0, 9)] == [real.id]
    assert urgent_work.count_waiting(BOSS, wanted)["running"] == WorkCount(1)
    assert urgent_work.count_open_tasks(BOSS, wanted, work.now) == (WorkCount(1), WorkCount(0))


def test_counts_stop_at_a_limit(work: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urgent_work, "COUNT_LIMIT", 2)
    for _ in range(3):
        work.open("net")
    assert urgent_work.count_waiting(BOSS, ALL)["running"] == WorkCount(2, is_more=True)


def test_one_does_not_see_or_count_what_waits_on_incidents_that_one_may_not_see(work: World) -> None:
    work.open("net", tlp="red")
    mine = work.open("net")
    reader = Viewer("reader")
    assert listed(viewer=reader) == [mine.id]
    assert urgent_work.count_waiting(reader, ALL)["running"] == WorkCount(1)


def test_a_department_gets_its_own_only(work: World) -> None:
    mine, _other = work.open("press"), work.open("net")
    viewer = Viewer("department", frozenset({notice_of_first("press")}))
    assert listed(viewer=viewer) == [mine.id]


def notice_of_first(code: str) -> int:
    """The id of a department."""
    found = db.session.execute(text("SELECT id FROM departments WHERE code = :code"), {"code": code}).scalar_one()
    return int(found)


def test_tasks_come_by_the_time_that_is_left_and_overdue_ones_are_counted(work: World) -> None:
    work.playbook(LOOK)
    later = work.open("net", playbook=LOOK["id"])
    work.forward(seconds=5)
    sooner = work.open("net", playbook=LOOK["id"])
    task = only(Task, incident_id=sooner.id)
    task.due_at = work.now - dt.timedelta(seconds=1)
    db.session.commit()
    assert [one.incident_id for one in urgent_work.urgent_tasks(BOSS, ALL, 0, 9)] == [sooner.id, later.id]
    assert urgent_work.count_open_tasks(BOSS, ALL, work.now) == (WorkCount(2), WorkCount(1))


def test_each_page_is_read_from_an_index_in_its_order(work: World) -> None:
    work.open("net")
    plans = plans_of(lambda: listed(limit=60))[:2] + plans_of(lambda: urgent_work.urgent_tasks(BOSS, ALL, 0, 60))[:2]
    for plan, index in zip(plans, ["ix_notices_waiting_next_at_id"] * 2 + ["ix_tasks_open_due_at_id"] * 2, strict=True):
        assert index in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan


def many_notices() -> None:
    """Notices of 40 departments: without rows and statistics, every index of a small table costs the same."""
    made = [{"id": number, "code": f"d{number}", "name": f"D{number}", "created_at": AT} for number in range(100, 140)]
    about: dict[str, Any] = {"subject_type": "incident", "purpose": "handling", "policy": {}, "opened_at": AT}
    states = ["open", "acknowledged", "withdrawn", "exhausted"]
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    db.session.execute(insert(Department), made)
    db.session.execute(
        insert(Notice),
        [
            about | {"subject_id": 1_000 + row, "department_id": department["id"], "state": states[row % 4]}
            for department in made
            for row in range(50)
        ],
    )
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def test_the_notices_of_a_department_in_one_state_come_from_an_index(work: World) -> None:
    many_notices()
    own = Viewer("department", frozenset({120}), 1)
    for use_case in (
        lambda: notice_list.list_notices(own, WorkFilter(department_id=120, state="acknowledged"), None, 9),
        lambda: notice_list.waiting_by_department([120]),
        lambda: count_some(notice_list.waiting_notice_ids([120])),
    ):
        assert "ix_notices_department_id_state_id" in plans_of(use_case)[-1]
