"""The instance under test: the demonstration, and the identifiers in it."""

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from incident import data
from incident.actions.operations import demonstration
from incident.config import shipped
from incident.core.cacao import load
from incident.core.reports.limits import ReportLimits
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department
from incident.store.directory.people import Person
from incident.store.directory.tokens import Token
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.reports.reports import Report
from incident.web.instance import KEY
from tests.plugins.app import AT, made_app, speaking

TOKEN_ID = 1_987_654_321
UNLIMITED = 10**9


@dataclass(frozen=True)
class Furnished:
    """The address of an instance, the headers of the caller, and real values by name."""

    url: str
    headers: dict[str, str]
    values: dict[str, list[Any]]


@contextlib.contextmanager
def furnished(role: str = "administrator") -> Iterator[Furnished]:
    """An instance with the demonstration and a fixed time, so that a run with the same seed is identical."""
    with (
        tempfile.TemporaryDirectory() as home,
        mock.patch("incident.clock.now", return_value=AT),
        made_app(Path(home), report_limits=ReportLimits(UNLIMITED, UNLIMITED)) as app,
    ):
        with app.app_context():
            here = app.extensions[KEY]
            playbooks = [load(file.read_bytes(), "yaml") for file in sorted(shipped("playbooks").glob("*.yaml"))]
            demonstration.load_demonstration(data.demonstration(), playbooks, here.post, here.settings.zone, AT)
            values = real_values()
            db.session.remove()
        caller = speaking(app)(role)
        with app.app_context():
            _move_token()
        with _served(app) as url:
            yield Furnished(url, caller.headers, values)


@contextlib.contextmanager
def _served(app: Flask) -> Iterator[str]:
    """Serve an app on a port of loopback while this is open; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Silent(WSGIRequestHandler):
    """Writes no line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Write nothing."""


def _move_token() -> None:
    """Give the newest token an id that no call draws: revoking it would end the whole run."""
    newest = db.session.scalars(select(Token).order_by(Token.id.desc()).limit(1)).one()
    newest.id = TOKEN_ID
    db.session.commit()
    db.session.remove()


def real_values() -> dict[str, list[Any]]:
    """Return existing values, by their parameter names."""
    return {
        "number": _all(Incident.number),
        "code": _all(Department.code),
        "playbook_id": _all(Playbook.cacao_id),
        "login": _all(Person.login),
        "contact_id": _all(Contact.id),
        "notice_id": _all(Notice.id),
        "report_id": _all(Report.id),
        "run_id": _all(Run.id),
        "task_id": _all(Task.id),
    }


def _all(column: Any) -> list[Any]:
    return sorted(set(db.session.scalars(select(column))))
