"""Scans of evidence that was stored and not scanned yet."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from incident.actions.incidents.evidence_scan import scan_next
from incident.jobs.scheduling.workers import Tools
from incident.store.db.database import db


def scan_evidence(app: Flask, tools: Tools, now: Callable[[], datetime], is_stopping: Callable[[], bool]) -> None:
    """Scan the files that wait, until there are none or the process stops; without a scanner none is scanned."""
    if tools.scanner is None or tools.vault is None:
        return
    is_more = True
    while is_more and not is_stopping():
        with app.app_context():
            try:
                is_more = scan_next(tools.vault, tools.scanner.scan, now)
            finally:
                db.session.remove()
