"""Without prepared statements the same use cases write and read the same rows."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from incident.core.notifications.message import Accepted
from incident.store.db.database import Base, db
from incident.store.db.prepared import use_prepared
from incident.store.playbooks.tasks import Task
from tests import postgres
from tests.core.cacao.build import action, document, manual
from tests.plugins.app import made_app
from tests.world import World, rows, settings_for

DRAWN = {"webhook_id", "hash", "sealed", "address", "value"}
"""Columns with random or derived values."""


def left_by_a_story(home: Path, url: str | None, is_used: bool) -> dict[str, list[Any]]:
    """The rows of all tables after a notification, an escalation, an answer and a finished playbook."""
    with made_app(home, url, timezone="Asia/Shanghai") as app, app.app_context():
        use_prepared(db.engine, is_used)
        world = World(app, settings_for(home, str(db.engine.url)))
        world.department("net", [("duty", 1), ("head", 2)], waits=[5, 5])
        made = document({"look": action("end", manual("Look")), "end": None}, "Look")
        world.playbook(made)
        incident = world.open("net", playbook=made["id"])
        world.alert()
        world.send(Accepted("200 OK"))
        world.after(minutes=6)
        world.complete(rows(Task)[0].id)
        world.close(incident, "over")
        return {
            table.name: sorted(
                re.sub(r"msg_[\w-]+", "msg", repr({key: value for key, value in row.items() if key not in DRAWN}))
                for row in db.session.execute(select(table)).mappings()
            )
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_both_ways_leave_the_same_rows(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    left = []
    for is_used in (True, False):
        url = None
        if kind == "postgresql":
            server: postgres.Server = request.getfixturevalue("postgres_server")
            url = server.create(f"prepared_{tmp_path.name}_{is_used}".lower().replace("-", "_")[:60])
        home = tmp_path / str(is_used)
        home.mkdir()
        left.append(left_by_a_story(home, url, is_used))
    assert left[0] == left[1]
    assert {"incidents", "notices", "messages", "journal", "runs", "tasks", "alerts"} <= {
        name for name, found in left[0].items() if found
    }
