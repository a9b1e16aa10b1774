"""Scans of evidence that was stored and not scanned yet."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from flask import Flask

from incident.actions.incidents.evidence_scan import next_to_scan, scan_file
from incident.jobs.scheduling.workers import Tools
from incident.outgoing.faults import Unreachable
from incident.store.db.database import db

MOST_FAILURES: Final = 3
"""Files after which a scanner counts as away when it answered for none of them in a row."""


def scan_evidence(app: Flask, tools: Tools, now: Callable[[], datetime], is_stopping: Callable[[], bool]) -> None:
    """Scan the files that wait, each once, until there are none or the process stops.

    A file at which the scanner breaks off does not keep the others waiting. Without a scanner none is scanned.

    Raises:
        Unreachable: when the scanner is away; the files wait for the next time.
    """
    if tools.scanner is None or tools.vault is None:
        return
    last, failures = 0, 0
    while not is_stopping():
        with app.app_context():
            try:
                found = next_to_scan(last)
                if found is None:
                    return
                last = found
                scan_file(found, tools.vault, tools.scanner.scan, now)
                failures = 0
            except Unreachable:
                failures += 1
                if failures == MOST_FAILURES:
                    raise
            finally:
                db.session.remove()
