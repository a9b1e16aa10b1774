"""Upload and download of one large file of evidence: speed, beside a plain copy to the same disk, and memory."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import requests

from incident.actions.directory import tokens
from incident.clock import now
from incident.store.db.database import db
from tests.bench import seed, server
from tests.bench.table import Row

MEGABYTE = 1 << 20
USUAL_SIZE = 256 * MEGABYTE
FULL_SIZE = 1024 * MEGABYTE
PART = 4 * MEGABYTE
MOST_MEMORY = 64


def measure_evidence(folder: Path, size: int = USUAL_SIZE) -> Iterator[Row]:
    """Upload, complete and download a file by the API of a server, kept in SQLite and in a folder."""
    for kept_in in ("database", "folder"):
        yield from _measure(folder / f"evidence-{kept_in}", size, kept_in)


def _measure(home: Path, size: int, kept_in: str) -> Iterator[Row]:
    home.mkdir(mode=0o700)
    files = home / "files"
    files.mkdir(mode=0o700)
    with seed.app_of(home).app_context():
        token = tokens.make_token("bench", "coordinator", None, "bench", now()).secret
        db.session.remove()
        db.engine.dispose()
    plain = size / MEGABYTE / _copy(home / "plain", size)
    words = f"{size // MEGABYTE} MB in the {kept_in}"
    more = {"INCIDENT_FILES": str(files)} if kept_in == "folder" else {}
    with server.serving(home, **more) as running:
        sender = _Sender(running, token)
        sender.upload(PART)  # what is loaded at the first use
        watch = _Watch(running)
        sent, checked, one = sender.upload(size)
        yield Row(f"evidence: upload of {words} in parts", f"{sent:.0f} MB/s", f"disk: {plain:.0f} MB/s")
        yield Row(f"evidence: completion of {words}, read once more", f"{checked:.1f} s")
        began = time.perf_counter()
        received = sender.download(one)
        speed = size / MEGABYTE / (time.perf_counter() - began)
        assert received == size
        yield Row(f"evidence: download of {words}", f"{speed:.0f} MB/s")
        grown = watch.end() / MEGABYTE
        is_kept = grown < MOST_MEMORY
        yield Row(f"evidence: memory more, {kept_in}", f"{grown:.0f} MB", f"under {MOST_MEMORY} MB", is_kept)
        assert (sum(one.stat().st_size for one in files.rglob("*") if one.is_file()) >= size) == (kept_in == "folder")


class _Sender:
    def __init__(self, running: server.Running, token: str) -> None:
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.root = f"http://127.0.0.1:{running.port}/api/v1/incidents"
        self.place = f"{self.root}/{self.ask('POST', self.root, json={'title': 'Bench'})['number']}/evidence"

    def ask(self, method: str, url: str, **more: object) -> dict[str, str]:
        answer = self.session.request(method, url, timeout=120, **more)  # type: ignore[arg-type]
        assert answer.ok, answer.text
        found: dict[str, str] = answer.json()
        return found

    def upload(self, size: int) -> tuple[float, float, str]:
        """Send a file that no other is like; return MB/s, the seconds of its completion, and its address."""
        begun = self.ask("POST", self.place, json={"name": "disk.img", "size": size})
        one, part = f"{self.place}/{begun['id']}", os.urandom(PART)
        began = time.perf_counter()
        for at in range(0, size, PART):
            headers = {"Upload-Offset": str(at), "Content-Type": "application/octet-stream"}
            self.ask("PATCH", f"{one}/content", data=part, headers=headers)
        sent = size / MEGABYTE / (time.perf_counter() - began)
        began = time.perf_counter()
        self.ask("POST", f"{one}/complete")
        return sent, time.perf_counter() - began, one

    def download(self, one: str) -> int:
        """Return how many bytes came."""
        answer = self.session.get(f"{one}/content", stream=True, timeout=120)
        return sum(len(part) for part in answer.iter_content(MEGABYTE))


def _copy(path: Path, size: int) -> float:
    """Return the seconds in which a plain file of this size is written in parts, each of them durable."""
    part = os.urandom(PART)
    began = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(size // PART):
            file.write(part)
            file.flush()
            os.fsync(file.fileno())
    took = time.perf_counter() - began
    path.unlink()
    return took


class _Watch:
    """Watches the memory of all processes from now on.

    Pages of the database that SQLite maps do not count: they are the cache of the machine, which takes them back.
    """

    def __init__(self, running: server.Running) -> None:
        self.running, self.is_over = running, threading.Event()
        self.before = self.most = self._now()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def _now(self) -> int:
        return max(_own_memory(one) for one in self.running.processes())

    def _look(self) -> None:
        while not self.is_over.wait(0.02):
            self.most = max(self.most, self._now())

    def end(self) -> int:
        """Return how many bytes more than at the beginning one of the processes has held."""
        self.is_over.set()
        self.thread.join()
        return self.most - self.before


def _own_memory(process: psutil.Process) -> int:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return int(next(one for one in lines if one.startswith("RssAnon")).split()[1]) * 1024
