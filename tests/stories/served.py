"""A real `incident serve` on loopback for stories: started, called, killed and restarted."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

INCIDENT = [sys.executable, "-m", "incident.cli"]
START_LIMIT = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """One home and the processes that serve it."""

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
        self.process: subprocess.Popen[str] | None = None
        self.session = requests.Session()
        self.output = ""
        self.log: Path | None = None
        self.arguments: tuple[str, ...] = ()

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*INCIDENT, *arguments], env=self.environ, input=given, capture_output=True, text=True, timeout=60
        )

    def token(self, role: str = "administrator", *more: str) -> str:
        made = self.run("token", "create", "--name", f"test {role}", "--role", role, *more)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip().splitlines()[-1]

    def start(self) -> None:
        """Start in a new process group and wait until it responds; `log` receives its output."""
        with self.log.open("a") if self.log else nullcontext(subprocess.PIPE) as output:
            self.process = subprocess.Popen(
                [*INCIDENT, "serve", "--port", str(self.port), *self.arguments],
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        if self.log is None:
            threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        self.wait_ready()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
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
        while members(group):
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
