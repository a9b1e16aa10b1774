"""The scanner is asked over a real socket, and a silent or broken one says nothing of a file."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.core.incidents.evidence.scan import Scan
from incident.outgoing import scanner as outgoing_scanner
from incident.outgoing.faults import Unreachable
from incident.outgoing.scanner import Scanner
from tests.clamd import EICAR, Clamd, scanning


def test_a_file_is_sent_whole_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing_scanner, "CHUNK", 3)
    clamd = Clamd()
    with scanning(clamd) as scanner:
        assert scanner.scan([b"abcdefgh", b"", b"ij"]) == Scan("clean")
        assert scanner.scan([EICAR[:20], EICAR[20:]]) == Scan("found", "Eicar-Test-Signature")
    assert clamd.files == [b"abcdefghij", EICAR]


def test_a_scanner_on_this_machine_listens_on_a_file(tmp_path: Path) -> None:
    clamd = Clamd()
    with scanning(clamd, tmp_path / "clamd.ctl") as scanner:
        assert scanner.scan([b"abc"]) == Scan("clean")


def test_a_file_beyond_its_limit_is_said_to_be_too_large() -> None:
    pieces = (bytes(1 << 20) for _ in range(40))
    with scanning(Clamd(most=1 << 20)) as scanner:
        assert scanner.scan(pieces) == Scan("too_large")


@pytest.mark.parametrize("answer", [b"", b"\0"])
def test_a_scanner_that_says_nothing_is_tried_again(answer: bytes) -> None:
    clamd = Clamd()
    clamd.answers = [answer]
    with scanning(clamd) as scanner, pytest.raises(Unreachable, match="has ended the connection"):
        scanner.scan([b"abc"])


def silent() -> Iterator[socket.socket]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


def test_a_scanner_that_hangs_or_is_gone_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(outgoing_scanner, "ANSWER_LIMIT", 0.2)
    for listening in silent():
        hanging = Scanner(host="127.0.0.1", port=listening.getsockname()[1])
        with pytest.raises(Unreachable, match="does not answer"):
            hanging.scan([b"abc"])
    for gone in (hanging, Scanner(path=tmp_path / "nothing")):
        with pytest.raises(Unreachable, match="does not answer"):
            gone.scan([b"abc"])
