"""Counting for insights: piece by piece, so that requests write in between."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask

from incident.actions.insights.keeping import keep_sums
from incident.store.db import write_lock
from incident.store.db.database import db

PIECES: Final = 40
"""Pieces of one interval: after a change of the time zone, all incidents are counted again little by little."""


def count_insights(app: Flask, zone: ZoneInfo, now: Callable[[], datetime], is_stopping: Callable[[], bool]) -> None:
    """Count what happened since the last time, until nothing is left, the share is used up, or the process stops."""
    for _ in range(PIECES):
        if is_stopping():
            return
        with app.app_context():
            with write_lock.yielding(db.engine):
                is_more = keep_sums(zone, now())
            db.session.remove()
        if not is_more:
            return
