"""Checks of the journal that people asked for: made piece by piece, so that requests write in between."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from incident.actions.journal.checking import check_next_piece
from incident.store.db import write_lock
from incident.store.db.database import db


def check_journal(app: Flask, now: Callable[[], datetime], is_stopping: Callable[[], bool]) -> None:
    """Check the journal until the check that was asked for is finished or the process stops."""
    is_more = True
    while is_more and not is_stopping():
        with app.app_context():
            with write_lock.yielding(db.engine):
                is_more = check_next_piece(now())
            db.session.remove()
