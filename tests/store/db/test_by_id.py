"""Rows by their ids are read once in a transaction."""

from incident.store.db.by_id import rows_by_ids
from incident.store.db.database import db
from incident.store.directory.departments import Department
from tests.test_query_counts import counted
from tests.world import World


def test_rows_are_read_once_and_unknown_ids_are_left_out(world: World) -> None:
    wanted = [world.department(code, [("duty", 1)], waits=[1]).id for code in ("net", "press")]
    db.session.remove()
    with counted() as sent:
        found = rows_by_ids(Department, [*wanted, wanted[0], 999_999])
        assert {one: row.code for one, row in found.items()} == dict(zip(wanted, ("net", "press"), strict=True))
        assert rows_by_ids(Department, wanted) == found
        assert rows_by_ids(Department, []) == {}
    assert len(sent) == 1


def test_rows_that_may_have_changed_are_read_again(world: World) -> None:
    wanted = world.department("net", [("duty", 1)], waits=[1]).id
    assert rows_by_ids(Department, [wanted])[wanted].name
    db.session.expire_all()
    with counted() as sent:
        assert rows_by_ids(Department, [wanted])[wanted].code == "net"
    assert len(sent) == 1
