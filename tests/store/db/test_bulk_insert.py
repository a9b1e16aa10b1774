"""Bulk inserts: the same rows as with SQLAlchemy's insert, on both databases."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from incident.store.db.database import db, insert_row, insert_rows, table_of
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.incidents.numbers import Counter
from incident.store.incidents.rules import RuleSet
from tests.world import World


def facts(world: World, number: str) -> dict[str, Any]:
    """An incident with a text in Chinese, a moment, JSON, and nothing in the other columns."""
    return {
        "number": number,
        "title": "勒索软件 'x' %(y)s ?",
        "source": "manual",
        "opened_at": world.now,
        "changed_at": world.now,
        "matched": {"rule": None, "词": [1, True]},
        "grade": None,
    }


def kept(number: str) -> dict[str, Any]:
    """All of an incident's row but its key and number."""
    table = table_of(Incident)
    row = db.session.execute(select(table).where(table.c.number == number)).mappings().one()
    return {name: value for name, value in row.items() if name not in {"id", "number"}}


def test_a_row_is_the_same_as_by_sqlalchemys_own_insert(world: World) -> None:
    connection = db.session.connection()
    connection.execute(insert(table_of(Incident)), facts(world, "A"))
    insert_rows(connection, Incident, [facts(world, "B"), facts(world, "C")])
    row = insert_row(Incident(**facts(world, "D")), connection)
    assert kept("A") == kept("B") == kept("C") == kept("D")
    assert (row.status, row.tlp, row.version, row.speed) == ("new", "amber", 1, None)
    assert db.session.scalar(select(Incident.id).where(Incident.number == "D")) == row.id


def test_json_that_was_not_given_is_null_and_json_that_is_none_says_so(world: World) -> None:
    connection = db.session.connection()
    for code, more in (("a", {}), ("b", {"policy": None})):
        row = {"code": code, "name": code, "created_at": world.now}
        connection.execute(insert(table_of(Department)), row | more)
        row["code"] = code * 2
        insert_rows(connection, Department, [row | more])
    table = table_of(Department)
    rows = db.session.execute(select(table.c.code, table.c.policy.is_(None))).all()
    nulls: dict[str, bool] = {row[0]: row[1] for row in rows}
    assert nulls["a"] == nulls["aa"]
    assert nulls["b"] == nulls["bb"]


def test_an_object_that_was_inserted_is_changed_like_any_other(world: World) -> None:
    row = insert_row(Incident(**facts(world, "A")), db.session.connection())
    row.title = "Changed"
    db.session.commit()
    db.session.expunge_all()
    assert db.session.get_one(Incident, row.id).title == "Changed"


def test_a_table_without_counted_key_takes_the_key_that_is_given(world: World) -> None:
    insert_rows(db.session.connection(), Counter, [{"name": "a", "value": 3}, {"name": "b"}])
    found = dict(db.session.execute(select(Counter.name, Counter.value)).all())
    assert (found["a"], found["b"]) == (3, 0)


def test_a_value_that_is_of_no_column_is_refused(world: World) -> None:
    with pytest.raises(KeyError, match="colour"):
        insert_rows(db.session.connection(), RuleSet, [{"rules": [], "put_at": world.now, "colour": 1}])
