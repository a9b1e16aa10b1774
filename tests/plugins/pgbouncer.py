"""A real PgBouncer on loopback before the tests' PostgreSQL; dependent tests are skipped without one."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import postgres

START_LIMIT = 10.0
SERVER_CONNECTIONS = 3
"""Pool size: so small that few clients have a server connection at a time."""

CONFIG = """
[databases]
* = host=127.0.0.1 port={server} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 500
max_prepared_statements = 0
logfile = {folder}/log
"""


@dataclass(frozen=True)
class PgBouncer:
    """Where it listens."""

    port: int

    def url(self, database: str) -> str:
        """The address of a database behind it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"


def _find() -> str:
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("no pgbouncer found: install it (Debian: apt install pgbouncer)")
    return found


@pytest.fixture(scope="session")
def pgbouncer(postgres_server: postgres.Server) -> Iterator[PgBouncer]:
    """The pooler, started at first use; it releases a connection after each transaction."""
    program = _find()
    account = postgres.Account.choose()  # as root it does not run, no more than PostgreSQL does
    folder = postgres._open_folder()
    account.own(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = CONFIG.format(server=postgres_server.port, port=port, folder=folder, size=SERVER_CONNECTIONS)
    if b"max_prepared_statements" not in Path(program).read_bytes():  # before 1.21 it knows no such setting
        config = config.replace("max_prepared_statements = 0\n", "")
    (folder / "config.ini").write_text(config)
    account.own(folder / "config.ini")
    running = account.run([program, str(folder / "config.ini")], subprocess.DEVNULL)
    try:
        _wait(running, port, folder / "log")
        yield PgBouncer(port)
    finally:
        running.terminate()
        running.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"pgbouncer did not start: {log.read_text() if log.exists() else ''}", pytrace=False)
