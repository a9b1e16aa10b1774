"""Clears the disk of the database of passages that were sealed later."""

from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Flask

from incident.actions.reports.passages import clear_passages
from incident.store.db.database import db


def clear_disk(app: Flask, now: Callable[[], datetime]) -> None:
    """Clear the free space of what was sealed; where that is not possible now, the next interval tries again."""
    with app.app_context():
        try:
            if not clear_passages(now()):
                structlog.get_logger().warning("the disk still holds a passage that was sealed: it is tried again")
        finally:
            db.session.remove()
