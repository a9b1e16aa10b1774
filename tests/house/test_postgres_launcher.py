"""The launcher of the tests' PostgreSQL: real, private, removed afterwards."""

import json
import os
import shutil
import signal
import subprocess
import sys

import psutil
import psycopg
import pytest

from tests import postgres

HOLD_A_SERVER = """
import json
import time
from tests import postgres
with postgres.running() as server:
    print(json.dumps([server.port, server.pid, str(server.folder)]), flush=True)
    time.sleep(60)
"""


def test_a_fresh_database_is_empty_and_speaks_utf8(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        assert connection.execute("SELECT '特别重大', version() LIKE 'PostgreSQL 18%'").fetchone() == ("特别重大", True)


def test_two_databases_do_not_see_each_other(postgres_server: postgres.Server) -> None:
    with psycopg.connect(postgres_server.create("first").replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE department (code text)")
    postgres_server.create("copy_of_first", template="first")
    for name, expected in (("copy_of_first", 1), ("postgres", 0)):
        with psycopg.connect(postgres_server.url(name).replace("+psycopg", "")) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'department'").fetchone() == (
                expected,
            )
    postgres_server.drop("copy_of_first")
    postgres_server.drop("first")


def test_the_server_never_runs_as_root(postgres_server: postgres.Server) -> None:
    assert psutil.Process(postgres_server.pid).uids().effective != 0


def test_a_name_that_could_end_a_statement_is_refused(postgres_server: postgres.Server) -> None:
    with pytest.raises(ValueError, match="not a name"):
        postgres_server.create('x"; DROP DATABASE postgres; --')


# Only Linux tells a process of its parent's death; elsewhere the launcher itself must end in order.
VICTIMS = ["holder", "launcher"] if sys.platform == "linux" else ["holder"]


@pytest.mark.parametrize("victim", VICTIMS)
def test_the_server_ends_when_its_holder_or_its_launcher_is_killed(victim: str) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD_A_SERVER], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    _, pid, folder = json.loads(holder.stdout.readline())
    server = psutil.Process(pid)
    launcher = server.parent()
    assert launcher
    try:
        os.kill(holder.pid if victim == "holder" else launcher.pid, signal.SIGKILL)
        gone, alive = psutil.wait_procs([server], timeout=15)
        assert gone
        assert not alive
        if victim == "holder":
            psutil.wait_procs([launcher], timeout=15)
            assert not os.path.exists(folder)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)
