"""Evidence on a real server: kills, a changed part, a full disk, and memory."""

import hashlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.disks import small_disk
from tests.stories.served import Served

PART = 4 << 20
MEBIBYTE = 1 << 20


class Sender:
    """A program that uploads to one incident."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.token = served.token("coordinator")
        number = self.ask("POST", "/incidents", {"title": "Phishing"}).json()["number"]
        self.place = f"/incidents/{number}"

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.served.call(method, path, self.token, body, **more)

    def begin(self, size: int) -> str:
        begun = self.ask("POST", f"{self.place}/evidence", {"name": "disk.img", "size": size})
        assert begun.status_code == 201, begun.text
        return f"{self.place}/evidence/{begun.json()['id']}"

    def send(self, one: str, content: bytes, at: int) -> requests.Response:
        headers = {"Upload-Offset": str(at), "Content-Type": "application/octet-stream"}
        return self.ask("PATCH", f"{one}/content", data=content[at : at + PART], headers=headers)

    def send_all(self, one: str, content: bytes, at: int = 0) -> dict[str, Any]:
        for place in range(at, len(content), PART):
            answer = self.send(one, content, place)
            assert answer.status_code == 200, answer.text
        done = self.ask("POST", f"{one}/complete")
        assert done.status_code == 200, done.text
        document: dict[str, Any] = done.json()
        return document


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path / "home")


def test_nothing_that_was_acknowledged_is_lost_by_a_kill(served: Served) -> None:
    content = os.urandom(2 * PART + 5)
    served.start()
    try:
        sender = Sender(served)
        one = sender.begin(len(content))
        assert sender.send(one, content, 0).json()["received"] == PART
        served.kill()
        served.start()
        assert sender.ask("GET", one).json()["received"] == PART
        for at in (PART, 2 * PART):
            assert sender.send(one, content, at).status_code == 200
        served.kill()  # after the last part, before the completion
        served.start()
        done = sender.ask("POST", f"{one}/complete").json()
        assert done["sha256"] == hashlib.sha256(content).hexdigest()
        assert sender.ask("GET", f"{one}/content").content == content
    finally:
        served.stop()


def test_a_changed_part_ends_the_connection_before_the_promised_length(served: Served) -> None:
    content = os.urandom(2 * PART + 5)
    with served.serving():
        sender = Sender(served)
        one = sender.begin(len(content))
        sender.send_all(one, content)
        connection = sqlite3.connect(served.home / "incident.db")
        with connection:
            connection.execute("UPDATE evidence_parts SET content = zeroblob(length(content)) WHERE place = 1")
        connection.close()
        with pytest.raises(requests.RequestException):
            assert len(sender.ask("GET", f"{one}/content").content) == len(content)
        with pytest.raises(requests.RequestException):
            sender.ask("GET", f"{sender.place}/evidence-bundle")


def test_a_full_disk_refuses_the_part_and_the_upload_goes_on_later(tmp_path: Path) -> None:
    content = os.urandom(5 * PART + 5)
    with small_disk(tmp_path / "disk", "64m") as disk:
        served = Served(disk.folder / "home")
        with served.serving():
            sender = Sender(served)
            one = sender.begin(len(content))
            assert sender.send(one, content, 0).status_code == 200
            disk.fill()
            at = PART  # one part may still fit into the space that the write-ahead log has already
            while (refused := sender.send(one, content, at)).status_code == 200:
                at += PART
            assert (refused.status_code, refused.json()["code"]) == (503, "storage.full")
            assert sender.ask("GET", one).json()["received"] == at
            disk.free()
            done = sender.send_all(one, content, at)
            assert done["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_large_file_goes_both_ways_with_little_memory(tmp_path: Path) -> None:
    served = Served(tmp_path / "home", INCIDENT_FILES=str(tmp_path / "files"))
    (tmp_path / "files").mkdir(mode=0o700)
    served.arguments = ("--workers", "1")
    size = 32 * PART
    with served.serving():
        sender = Sender(served)
        sender.send_all(sender.begin(PART), bytes(PART))  # what is loaded at the first use
        before = memory(served)
        one = sender.begin(size)
        content = os.urandom(PART) * 32
        sender.send_all(one, content)
        answer = sender.ask("GET", f"{one}/content", stream=True)
        received = sum(len(part) for part in answer.iter_content(MEBIBYTE))
        assert received == size
        assert memory(served) - before < 64 * MEBIBYTE


def memory(served: Served) -> int:
    """The most that one of the processes has used."""
    group = psutil.Process(served.pid)
    return max(peak(one.pid) for one in [group, *group.children(recursive=True)])


def peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(one for one in lines if one.startswith("VmHWM")).split()[1]) * 1024
