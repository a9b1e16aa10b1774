"""Full-text search on both databases: stored words are found, in a transaction, in any script, common or rare."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import insert, inspect, select, text

from incident.actions.incidents import incidents
from incident.actions.reports import reports
from incident.core.incidents.indicator import Indicator
from incident.store.db.database import WRITE, db
from incident.store.incidents.incidents import Incident
from incident.store.queries import search, search_rebuild, search_tables
from incident.store.reports.reports import Report
from tests.world import BY, World

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def found(query: str | None, *conditions, limit: int = 50) -> list[str]:
    """The titles that a query finds, in the order of the list."""
    condition = search.search_filter(query, reads_journal=True)
    wanted = select(Incident.title).where(*([] if condition is None else [condition]), *conditions)
    titles = db.session.scalars(wanted.order_by(Incident.is_unreached.desc(), Incident.id.desc()).limit(limit)).all()
    db.session.rollback()
    return list(titles)


def found_reports(query: str) -> list[str]:
    condition = search.report_filter(query)
    assert condition is not None
    return list(db.session.scalars(select(Report.text).where(condition)))


def test_an_incident_is_found_by_title_description_number_category_indicators_and_labels(world: World) -> None:
    incident = world.open(
        title="服务器遭勒索病毒加密",
        description="Files on the payroll server were encrypted at night.",
        category="ransomware",
        indicators=[Indicator("ipv4", "192.0.2.17"), Indicator("url", "http://pay.evil.example/key")],
    )
    world.open(title="钓鱼邮件冒充财务部门", description="A mail asks for a transfer.")
    for query in (
        "勒",
        "勒索",
        "勒索病毒",
        "payroll",
        "pay",
        "ransomware",
        "192.0.2.17",
        "evil.example",
        incident.number,
    ):
        assert found(query) == ["服务器遭勒索病毒加密"], query
    assert found("INC-2026") == ["钓鱼邮件冒充财务部门", "服务器遭勒索病毒加密"]
    world.alert(title="Disk full", labels={"instance": "db7.corp.example:9100"})
    assert found("db7.corp.example") == ["Disk full"]


def test_several_words_must_all_occur(world: World) -> None:
    world.open(title="Login from abroad")
    world.open(title="Login page defaced")
    assert found("login") == ["Login page defaced", "Login from abroad"]
    assert found("abroad login") == ["Login from abroad"]
    assert found("login 服务器") == []


def test_no_query_asks_for_nothing_and_a_query_of_odd_signs_finds_nothing(world: World) -> None:
    world.open(title="Login from abroad")
    assert search.search_filter(None, reads_journal=True) is None
    assert search.search_filter("  ", reads_journal=True) is None
    assert found("?!…") == []


ODD = (
    *('"', "'", '" OR "a', "a AND", "NOT", "a*", "*", "NEAR(a b)", "words:a", "a & | !", "<->", "a:*", "\\", "%_"),
    *("\x00a", "\ud800b", "a" * 10_000, "勒" * 5_000, "🙂", "-a", "a;DROP TABLE incidents", "(((", "http://[::1"),
    *("1.2.3.4.5.6", "http://a\x00b/\ud800", "a.b." * 5_000, "é" * 100, "\u0300", "١٢٣", "x" * 64, "x" * 65),
)


def test_odd_signs_never_give_an_error(world: World) -> None:
    world.open(title="Login from abroad")
    for query in ODD:
        assert len(found(query)) <= 1, query


def test_a_change_and_a_note_are_found_at_once_and_what_was_replaced_no_more(world: World) -> None:
    incident = world.open(title="Odd traffic", indicators=[Indicator("domain", "first.example")])
    incidents.add_note(incident.id, "张三 saw it first", BY, world.now)
    changes = {"title": "Botnet traffic", "indicators": [Indicator("domain", "second.example")]}
    incidents.change_incident(incident.id, changes, None, BY, world.now)
    assert found("odd") == found("first.example") == []
    for query in ("botnet", "second.example", "张三", "traffic"):
        assert found(query) == ["Botnet traffic"], query


def test_what_is_rolled_back_is_not_found(world: World) -> None:
    incident = world.open(title="Odd traffic")
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    search.file_incident(db.session.get_one(Incident, incident.id), ["worm"])
    db.session.rollback()
    assert found("worm") == []
    assert found("odd") == ["Odd traffic"]


def test_reports_are_found_by_their_text_and_address(world: World) -> None:
    new = reports.NewReport(text="有人冒充银行客服诈骗", url="http://bank.evil.example/", category="fraud")
    reports.submit_report(new, "ABCDE", world.now)
    reports.submit_report(reports.NewReport(text="A false rumour about a flood"), "FGHIJ", world.now)
    assert found_reports("诈骗") == found_reports("evil.example") == ["有人冒充银行客服诈骗"]
    assert found_reports("flood rumour") == ["A false rumour about a flood"]
    assert search.report_filter("") is None


@pytest.fixture
def crowd(world: World) -> World:
    """2,600 incidents: every one has `common`, one in fifty `often` and 常见, one in a thousand `rare` and 罕见."""
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    rows: list[dict[str, Any]] = []
    for count in range(1, 2_601):
        title = f"common {count} {'often 常见' * (count % 50 == 0)} {'rare 罕见' * (count % 1_000 == 7)}"
        facts = {"number": f"INC-2026-{count:06d}", "title": title, "status": "closed" if count % 2 else "new"}
        moments = {"opened_at": AT, "changed_at": AT, "is_unreached": count in {100, 101}, "version": 1}
        rows.append({"id": count, "tlp": "amber", "source": "manual", "description": ""} | facts | moments)
    db.session.execute(insert(Incident), rows)
    search.file_words(search_tables.INCIDENTS, [(row["id"], [row["title"], row["number"]], ()) for row in rows])
    db.session.commit()
    return world


def test_common_and_rare_words_give_the_same_page_as_looking_through_all(crowd: World) -> None:
    for query in (
        "common",
        "often",
        "常",
        "常见",
        "rare",
        "罕见",
        "common often",
        "common rare",
        "com",
        "INC-2026-000777",
    ):
        names = query.lower().split()
        by_hand = select(Incident.title).order_by(Incident.is_unreached.desc(), Incident.id.desc()).limit(25)
        if query.startswith("INC"):
            by_hand = by_hand.where(Incident.number == query)
        else:
            by_hand = by_hand.where(*(Incident.title.contains(name) for name in names))
        assert found(query, limit=25) == list(db.session.scalars(by_hand)), query


def test_for_a_common_word_the_list_is_walked_instead_of_gathering_all_hits(crowd: World) -> None:
    if db.engine.dialect.name != "postgresql":
        return
    condition = search.search_filter("common", reads_journal=True)
    assert condition is not None
    wanted = select(Incident.id).where(condition).order_by(Incident.is_unreached.desc(), Incident.id.desc()).limit(25)
    db.session.execute(text("ANALYZE"))
    compiled = wanted.compile(db.engine)
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN {compiled}", compiled.params)
    plan = "\n".join(row[0] for row in rows)
    assert "SubPlan" in plan, plan
    assert "Sort" not in plan, plan


def test_a_search_keeps_to_the_other_conditions(crowd: World) -> None:
    both = select(Incident.title).where(Incident.title.contains("常见"), Incident.status == "new", Incident.id < 1_000)
    wanted = list(db.session.scalars(both.order_by(Incident.is_unreached.desc(), Incident.id.desc())))
    assert found("常见", Incident.status == "new", Incident.id < 1_000) == wanted
    assert len(wanted) == 19


def test_the_tables_can_be_made_twice_and_dropped_and_are_known_by_name(world: World) -> None:
    with db.engine.begin() as connection:
        search_tables.create(connection)
        names = set(inspect(connection).get_table_names())
        ours = {name for name in names if search_tables.is_search_table(name)}
        assert {"incident_words", "report_words"} <= ours
        assert not ours & set(db.metadata.tables)
    with db.engine.begin() as connection:
        search_tables.drop(connection)
        search_tables.drop(connection)
        assert not any(map(search_tables.is_search_table, inspect(connection).get_table_names()))
        search_tables.create(connection)  # the next test may have the same database


def open_to_all(query: str) -> list[str]:
    condition = search.search_filter(query, reads_journal=False)
    assert condition is not None
    titles = list(db.session.scalars(select(Incident.title).where(condition)))
    db.session.remove()
    return titles


def test_words_that_are_made_anew_stay_hidden(world: World) -> None:
    incident = world.open(title="Login from abroad")
    incidents.add_note(incident.id, "the password is quokka", BY, world.now)
    world.alert(title="Disk full", labels={"rack": "wombat"})
    search_rebuild.rebuild()
    db.session.commit()
    assert open_to_all("quokka") == open_to_all("wombat") == []
    assert open_to_all("abroad") == found("quokka") == ["Login from abroad"]
    assert found("wombat") == ["Disk full"]
