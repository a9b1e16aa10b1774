"""Exports and files of documents that people asked for: made one by one, so that requests write in between."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from incident.actions.documents.document_files import make_next_file
from incident.actions.incidents.exports import make_next_piece
from incident.jobs.scheduling.workers import Tools
from incident.store.db import write_lock
from incident.store.db.database import db


def make_exports(app: Flask, tools: Tools, now: Callable[[], datetime], is_stopping: Callable[[], bool]) -> None:
    """Make the exports that wait, until there are none or the process stops."""
    is_more = True
    while is_more and not is_stopping():
        with app.app_context():
            with write_lock.yielding(db.engine):
                is_more = make_next_piece(now(), tools.zone, tools.catalogues)
            db.session.remove()


def make_document_files(app: Flask, now: Callable[[], datetime], is_stopping: Callable[[], bool]) -> None:
    """Make the files of documents that wait, until there are none or the process stops."""
    is_more = True
    while is_more and not is_stopping():
        with app.app_context():
            is_more = make_next_file(now())
            db.session.remove()
