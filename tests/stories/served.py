"""A real `incident serve` on loopback for stories: started, called, killed and restarted."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from tests.stories import homes, warm

INCIDENT = [sys.executable, "-m", "incident.cli"]
START_LIMIT = 60.0


def is_free(port: int) -> bool:
    """Whether a server can listen on a port."""
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            again.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """One home, migrated already, and the processes that serve it.

    Args:
        home: the folder.
        database_url: the database; by default SQLite in the home.
        environ: settings.
    """

    is_new = False

    def __init__(self, home: Path, database_url: str | None = None, **environ: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = os.environ | {
            "INCIDENT_HOME": str(home),
            "INCIDENT_ALLOW_PRIVATE_TARGETS": "1",
            "INCIDENT_TIMEZONE": "Asia/Shanghai",
            **environ,
        }
        if database_url:
            self.environ["INCIDENT_DATABASE_URL"] = database_url
        if not self.is_new:
            homes.prepare(home, has_database=database_url is not None)
        self.process: subprocess.Popen[Any] | warm.Started | None = None
        self.session = requests.Session()
        self.output = ""
        self.log: Path | None = None
        self.arguments: tuple[str, ...] = ()

    @property
    def is_cold(self) -> bool:
        """Whether the program is started by Python itself: a new home, or a library that is loaded first."""
        return self.is_new or "LD_PRELOAD" in self.environ

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        if self.is_cold:
            return subprocess.run(
                [*INCIDENT, *arguments], env=self.environ, input=given, capture_output=True, text=True, timeout=60
            )
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as faults, tempfile.TemporaryFile() as typed:
            typed.write(given.encode())
            typed.seek(0)
            started = warm.start(arguments, self.environ, [typed.fileno(), said.fileno(), faults.fileno()])
            status = started.wait(60)
            for file in (said, faults):
                file.seek(0)
            return subprocess.CompletedProcess(arguments, status, said.read().decode(), faults.read().decode())

    def token(self, role: str = "administrator") -> str:
        """Make a token in this process: a command takes seconds to start."""
        return homes.make_token(self.environ, role)

    def add_person(self, login: str, name: str, role: str, password: str, department: str | None = None) -> None:
        """Add a person who can sign in, in this process."""
        homes.add_person(self.environ, login, name, role, password, department)

    def start(self) -> None:
        """Start in a new process group and wait until it responds; `log` receives its output."""
        if self.log is not None:
            with self.log.open("a") as output:
                self._begin(output.fileno())
        else:
            reading, writing = os.pipe()
            try:
                self._begin(writing)
            finally:
                os.close(writing)
            threading.Thread(target=self._read, args=(reading,), daemon=True).start()
        self.wait_ready()

    def _begin(self, output: int) -> None:
        arguments = ("serve", "--port", str(self.port), *self.arguments)
        if self.is_cold:
            self.process = subprocess.Popen(
                [*INCIDENT, *arguments], env=self.environ, stdout=output, stderr=output, start_new_session=True
            )
            return
        with Path(os.devnull).open() as nothing:
            self.process = warm.start(arguments, self.environ, [nothing.fileno(), output, output])

    def _read(self, reading: int) -> None:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                self.output += line

    def wait_ready(self) -> None:
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end:
            try:
                if requests.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                assert self.process is None or self.process.poll() is None, f"it ended:\n{self.output}"
            time.sleep(0.05)
        raise AssertionError(f"not ready after {START_LIMIT} s:\n{self.output}")

    def kill(self) -> None:
        """Kill the supervisor with -9 and wait until its group is gone."""
        assert self.process is not None
        group = self.process.pid
        self.process.kill()
        self.process.wait()
        end = time.monotonic() + 5
        while members(group) or not is_free(self.port):  # its last thread may still be ending
            assert time.monotonic() < end, f"still there: {members(group)}"
            time.sleep(0.02)

    def stop(self) -> int | None:
        """Ask the supervisor to stop and return its exit status."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def end(self) -> None:
        """Kill every process at once, where the end is not what is tested."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve for as long as the block runs."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    @property
    def pid(self) -> int:
        """The supervisor's process, which is also the name of the group."""
        assert self.process is not None
        return self.process.pid

    def call(self, method: str, path: str, token: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
        return self.session.request(method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=20, **more)


class NewHome(Served):
    """A home that is left empty: the program prepares it, and each process is started by Python itself."""

    is_new = True


def children(parent: int) -> dict[str, int]:
    """The children of a supervisor by their names in `ps`."""
    found = {}
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):
            found[title_of(pid)] = int(pid)
    return found


def title_of(pid: int | str) -> str:
    """The name that a process has given itself, as `ps` shows it."""
    return Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0].strip()


def members(group: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(folder.name))
    return found


class Sink:
    """A webhook receiver that records what it received."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.pause = 0.0
        self.begun = 0
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sink.begun += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(sink.pause)
                sink.got.append((self.headers["webhook-id"], json.loads(body)))
                sink.headers.append(dict(self.headers.items()))
                sink.bodies.append(body)
                self.send_response(sink.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def counts(self) -> Counter[str]:
        return Counter(webhook_id for webhook_id, _ in list(self.got))

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def sink(status: int = 200) -> Iterator[Sink]:
    receiver = Sink(status)
    try:
        yield receiver
    finally:
        receiver.close()


def wait_until(is_so: Any, limit: float, what: str, every: float = 0.05) -> None:
    """Wait for a condition of another process, polling `every` seconds."""
    end = time.monotonic() + limit
    while not is_so():
        assert time.monotonic() < end, f"not within {limit} s: {what}"
        time.sleep(every)
