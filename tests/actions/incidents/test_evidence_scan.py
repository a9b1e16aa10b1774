"""Stored evidence is scanned once, by whichever node comes first, and malware is not released."""

import datetime as dt
import json
from collections.abc import Callable

import pytest

from incident.actions.incidents import evidence_custody as custody
from incident.actions.incidents.evidence_scan import SCANNER, ScanParts, next_to_scan, scan_file
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.core.incidents.evidence.scan import Scan
from incident.core.values.faults import RuleError
from incident.outgoing.faults import Unreachable
from incident.store.incidents.evidence import Evidence
from incident.store.journal.journal import Entry
from tests.actions.incidents.test_evidence import (
    CONTENT,
    OTHER,
    begin,
    change_part,
    finish,
    row,
    send,
    small_parts,
    stored,
    vault,
)
from tests.clamd import EICAR, Clamd, scanning
from tests.world import World, rows

__all__ = ["small_parts", "vault"]


def scan_next(vault: EvidenceVault, scan: ScanParts, now: Callable[[], dt.datetime]) -> bool:
    """Scan the oldest file that waits; return whether there was one."""
    found = next_to_scan()
    if found is not None:
        scan_file(found, vault, scan, now)
    return found is not None


def scans() -> list[tuple[str, str]]:
    details = [json.loads(one.detail) for one in rows(Entry) if one.event_type == "evidence.scanned"]
    return [(one["name"], one["result"]) for one in details]


def test_every_stored_file_is_scanned_once_the_oldest_first(world: World, vault: EvidenceVault) -> None:
    stored(world, vault, name="a.pdf")
    stored(world, vault, name="b.pdf")
    unfinished = begin(world, vault, name="c.pdf")
    clamd = Clamd()
    with scanning(clamd) as scanner:
        while scan_next(vault, scanner.scan, lambda: world.now):
            pass
    assert clamd.files == [CONTENT, CONTENT]
    assert scans() == [("a.pdf", "clean"), ("b.pdf", "clean")]
    assert {one.actor for one in rows(Entry) if one.event_type == "evidence.scanned"} == {SCANNER}
    assert row(unfinished).scan is None
    assert rows(Evidence)[0].scanned_at == world.now


def test_malware_is_named_and_stays_in_quarantine(world: World, vault: EvidenceVault) -> None:
    evidence_id = begin(world, vault, size=len(EICAR))
    send(world, vault, evidence_id, tuple(EICAR[at : at + 5] for at in range(0, len(EICAR), 5)))
    finish(world, vault, evidence_id)
    with scanning(Clamd()) as scanner:
        assert scan_next(vault, scanner.scan, lambda: world.now)
    found = row(evidence_id)
    assert (found.scan, found.scan_detail) == ("found", "Eicar-Test-Signature")
    with pytest.raises(RuleError) as refused:
        custody.release_evidence(evidence_id, OTHER, world.now)
    assert refused.value.code == "evidence.is_malware"
    custody.remove_evidence(evidence_id, "malware", OTHER, world.now)


def test_a_scanner_that_is_away_leaves_the_file_for_later(world: World, vault: EvidenceVault) -> None:
    stored(world, vault)
    with scanning(Clamd()) as gone:
        pass
    with pytest.raises(Unreachable):
        scan_next(vault, gone.scan, lambda: world.now)
    assert scans() == []
    with scanning(Clamd()) as scanner:
        assert scan_next(vault, scanner.scan, lambda: world.now)
    assert scans() == [("a.pdf", "clean")]


def test_two_nodes_that_scan_the_same_file_record_it_once(world: World, vault: EvidenceVault) -> None:
    stored(world, vault)
    clamd = Clamd()
    with scanning(clamd) as scanner:

        def slowly(parts: object) -> Scan:
            scan_next(vault, scanner.scan, lambda: world.now)
            return Scan("clean")

        assert scan_next(vault, slowly, lambda: world.now)
    assert scans() == [("a.pdf", "clean")]


def test_a_damaged_file_is_said_to_be_damaged_and_the_next_is_scanned(world: World, vault: EvidenceVault) -> None:
    damaged = stored(world, vault, name="a.pdf")
    stored(world, vault, name="b.pdf")
    change_part(vault, damaged.id, 1, bytes(40))
    with scanning(Clamd()) as scanner:
        while scan_next(vault, scanner.scan, lambda: world.now):
            pass
    assert scans() == [("a.pdf", "damaged"), ("b.pdf", "clean")]
