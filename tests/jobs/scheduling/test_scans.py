"""The job that scans evidence: a file that breaks the scanner does not keep the others waiting."""

from typing import Any

import pytest

from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.core.incidents.evidence.scan import Scan
from incident.jobs.scheduling import scans
from incident.outgoing.faults import Unreachable
from tests.world import World


class Job:
    """Files by id, and those at which the scanner breaks off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, waiting: list[int], breaking: set[int]) -> None:
        self.waiting, self.breaking, self.asked = waiting, breaking, list[int]()
        monkeypatch.setattr(scans, "next_to_scan", lambda after: next((one for one in waiting if one > after), None))
        monkeypatch.setattr(scans, "scan_file", self.scan_file)
        self.scanner = self

    def scan_file(self, evidence_id: int, *_rest: Any) -> None:
        """Scan a file."""
        self.asked.append(evidence_id)
        if evidence_id in self.breaking:
            raise Unreachable("the scanner has ended the connection")

    def scan(self, _parts: Any) -> Scan:
        """Say that nothing was found."""
        return Scan("clean")

    def run(self, world: World) -> None:
        """Run the job once."""
        self.vault = EvidenceVault(world.ring, None)
        scans.scan_evidence(world.app, self, lambda: world.now, lambda: False)  # type: ignore[arg-type]


def test_a_file_at_which_the_scanner_breaks_off_does_not_stop_the_others(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(monkeypatch, [1, 2, 3, 4, 5], {1, 2, 4})
    job.run(sqlite_world)
    assert job.asked == [1, 2, 3, 4, 5]


def test_a_scanner_that_is_away_is_asked_for_a_few_files_only(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(monkeypatch, list(range(1, 50)), set(range(1, 50)))
    with pytest.raises(Unreachable):
        job.run(sqlite_world)
    assert job.asked == [1, 2, 3]
