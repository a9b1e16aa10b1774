"""Prepared statements: the same rows, faults and objects as with SQLAlchemy, on both databases."""

from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, event, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from incident.store.db.database import db, insert_rows, load_one, table_of
from incident.store.db.prepared import execute, execute_sql, fetch_all, fetch_one
from incident.store.directory.departments import Department, department_by_code
from incident.store.incidents.incidents import Incident
from incident.store.incidents.numbers import Counter
from tests.world import World

INCIDENTS = table_of(Incident)
BY_TITLE = select(INCIDENTS).where(INCIDENTS.c.title == bindparam("title"), INCIDENTS.c.status == "new").limit(5)
RENAME = update(table_of(Counter)).where(Counter.name == bindparam("old")).values(name=bindparam("new"), value=7)


def test_rows_are_the_same_as_by_sqlalchemys_own_select(world: World) -> None:
    connection = db.session.connection()
    given: dict[str, Any] = {
        "title": "勒索 'x' %(y)s ?",
        "source": "manual",
        "opened_at": world.now,
        "changed_at": world.now,
        "matched": {"词": [1, None]},
    }
    insert_rows(connection, Incident, [given | {"number": number} for number in ("A", "B")])
    own = [tuple(row) for row in connection.execute(BY_TITLE, {"title": given["title"]})]
    assert fetch_all(connection, BY_TITLE, title=given["title"]) == own
    assert len(own) == 2
    assert fetch_one(connection, BY_TITLE, title="another") is None


def test_a_value_that_the_statement_does_not_name_is_refused(world: World) -> None:
    with pytest.raises(KeyError, match="titel"):
        fetch_all(db.session.connection(), BY_TITLE, titel="x")


def test_an_update_changes_what_it_names(world: World) -> None:
    connection = db.session.connection()
    insert_rows(connection, Counter, [{"name": "a", "value": 1}, {"name": "b", "value": 2}])
    execute(connection, RENAME, old="a", new="c")
    assert dict(db.session.execute(select(Counter.name, Counter.value)).all()) == {"b": 2, "c": 7}


def test_faults_are_sqlalchemys(world: World) -> None:
    connection = db.session.connection()
    insert_rows(connection, Counter, [{"name": "a", "value": 1}])
    with pytest.raises(IntegrityError):
        insert_rows(connection, Counter, [{"name": "a", "value": 2}])
    db.session.rollback()
    with pytest.raises(DatabaseError, match="nowhere"):
        execute_sql(db.session.connection(), "SELECT nothing FROM nowhere", ())


def test_who_listens_to_statements_sees_them_and_gets_the_same(world: World) -> None:
    connection = db.session.connection()
    insert_rows(connection, Counter, [{"name": "a", "value": 1}])
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    query = select(table_of(Counter)).where(Counter.name == bindparam("name"))
    unheard = fetch_all(connection, query, name="a")
    engine: Engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        db.session.commit()
        heard = fetch_all(db.session.connection(), query, name="a")
        insert_rows(db.session.connection(), Counter, [{"name": "b", "value": 1}])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [tuple(row) for row in heard] == [tuple(row) for row in unheard] == [("a", 1)]
    assert [one.split()[0] for one in seen if one.split()[0] in {"SELECT", "INSERT"}] == ["SELECT", "INSERT"]


def test_an_object_that_was_read_is_the_sessions_own_and_is_changed_like_any_other(world: World) -> None:
    made = Department(code="net", name="网络", created_at=world.now, policy={"levels": []})
    db.session.add(made)
    assert department_by_code("net") is made  # written first, and not read a second time
    db.session.commit()
    db.session.expunge_all()
    read = department_by_code("net")
    assert read is not None
    assert (read.name, read.policy, read.created_at) == ("网络", {"levels": []}, world.now)
    read.name = "Changed"
    db.session.commit()
    db.session.expunge_all()
    assert db.session.scalar(select(Department.name)) == "Changed"
    query = select(Department).where(Department.code == bindparam("code"))
    assert load_one(Department, query, db.session.connection(), code="none") is None
