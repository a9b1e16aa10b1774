"""A backup during writes is complete, and can be restored elsewhere while the program runs."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.stories.served import NewHome, Served, sink, wait_until
from tests.stories.test_kill import Load, set_up

pytestmark = pytest.mark.slow

COUNTS = {
    "incidents": "SELECT count(*) FROM incidents",
    "opened": "SELECT count(*) FROM journal WHERE type = 'incident.opened'",
    "notices": "SELECT count(*) FROM notices",
    "entries": "SELECT count(*) FROM journal",
    "unreached": "SELECT count(*) FROM notices WHERE id NOT IN (SELECT notice_id FROM messages)",
}


def counts(url: str) -> dict[str, int]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return {name: int(connection.execute(text(query)).scalar_one()) for name, query in COUNTS.items()}
    finally:
        engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite to postgres", "postgres to sqlite"])
def test_a_backup_under_load_is_restored_elsewhere_and_verified(tmp_path: Path, postgres_url: str, kind: str) -> None:
    files = {name: f"sqlite:///{tmp_path / name / 'incident.db'}" for name in ("here", "there")}
    here_url, there_url = (files["here"], postgres_url) if kind.startswith("sqlite") else (postgres_url, files["there"])
    here, there = Served(tmp_path / "here", here_url), NewHome(tmp_path / "there", there_url)
    with sink() as first, sink() as second, here.serving():
        token = here.token()
        set_up(here, token, first, second)
        load = Load([here], token)
        with load.running():
            wait_until(lambda: len(load.opened) > 20, 60, "20 incidents are opened")
            before = list(load.opened)
            made = here.run("backup", str(tmp_path / "file"), "--with-keys")
            assert made.returncode == 0, made.stderr
            head = made.stdout.strip().splitlines()[-1].removeprefix("head ")
            restored = there.run("restore", str(tmp_path / "file"))
            assert restored.returncode == 0, restored.stderr
            assert restored.stdout.strip().endswith(f"head {head}")
            wait_until(lambda: len(load.opened) > len(before) + 5, 60, "others have gone on opening incidents")
        for served in (here, there):
            verified = served.run("journal", "verify", "--head", head)
            assert verified.returncode == 0, verified.stderr
    found = counts(there_url)
    assert found["incidents"] == found["opened"] == found["notices"] >= len(before)
    assert found["unreached"] == 0
    assert found["entries"] == int(head.partition(":")[0]) + 1
    assert counts(here_url)["incidents"] > found["incidents"]
    with there.serving():
        numbers = {one["number"] for one in there.call("GET", "/incidents?limit=100", token).json()["items"]}
        fresh = there.call("POST", "/incidents", token, {"title": "after the fire", "departments": ["net"]}).json()
        assert fresh["number"] not in {*numbers, *before}
