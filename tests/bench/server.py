"""The measured servers: the program itself, and a bare Flask application for comparison."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench import client

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
START_LIMIT = 60.0

BARE = """
from flask import Flask

app = Flask(__name__)


@app.get("/")
def answer():
    return {"status": "ok", "items": [1, 2, 3]}
"""


@dataclass
class Running:
    """A server and all its processes."""

    process: subprocess.Popen[bytes]
    port: int
    seconds_to_answer: float

    def processes(self) -> list[psutil.Process]:
        """The server's processes, parents first."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used."""
        times = [process.cpu_times() for process in self.processes()]
        return sum(one.user + one.system for one in times)

    def memory(self) -> tuple[float, float]:
        """Megabytes of all processes: shared pages counted once (PSS), and counted for each (RSS)."""
        found = [process.memory_full_info() for process in self.processes()]
        return sum(one.pss for one in found) / 1e6, sum(one.rss for one in found) / 1e6


def free_port() -> int:
    """An unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, path: str, log: Path, **environment: str) -> Iterator[Running]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENT_")}
    began_at = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=settings | environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield Running(process, port, _wait(process, port, path, began_at, log))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, path: str, began_at: float, log: Path) -> float:
    while time.perf_counter() < began_at + START_LIMIT and process.poll() is None:
        try:
            status, _ = client.get(port, path)
        except OSError:
            time.sleep(0.01)
            continue
        if status == 200:
            return time.perf_counter() - began_at
        time.sleep(0.01)
    raise RuntimeError(f"the server did not answer: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def serving(home: Path, url: str | None = None, **more: str) -> Iterator[Running]:
    """`incident serve` on a home, ready to answer; `more` are further settings."""
    port = free_port()
    settings = {"INCIDENT_HOME": str(home), "INCIDENT_ALLOW_PRIVATE_TARGETS": "1", "INCIDENT_TIMEZONE": "UTC", **more}
    settings["INCIDENT_ALERT_LIMIT"] = "100000,1000000"  # one sender sends what is measured
    settings["INCIDENT_REPORT_LIMIT"] = "1000000"  # all reports come from one address
    if url is not None:
        settings["INCIDENT_DATABASE_URL"] = url
    command = [str(BIN / "incident"), "serve", "--port", str(port)]
    with _running(command, port, "/healthz", home / "serve.log", **settings) as server:
        yield server


@contextmanager
def bare(folder: Path) -> Iterator[Running]:
    """A bare Flask application that answers JSON, under gunicorn with two sync workers."""
    port = free_port()
    (folder / "bare_flask.py").write_text(BARE)
    command = [str(BIN / "gunicorn"), "--workers", "2", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    command += ["--log-level", "warning", "--chdir", str(folder), "bare_flask:app"]
    with _running(command, port, "/", folder / "bare.log") as server:
        yield server
