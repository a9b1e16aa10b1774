"""Prints the functions that a reader follows to understand the acknowledgement of a notice.

It acknowledges a notice through the JSON API, on a temporary SQLite home, and records every function of the package
`incident` that runs during the request: each once, in the order of the first call.

What counts: functions that a reader must open, from the endpoint on. What wraps every request in the same way is listed
after them: the modules in `AROUND`, and what these call in turn.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import inspect
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from incident import keyring
from incident.actions.directory import departments, tokens
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.app import create_app
from incident.config import Settings
from incident.store.db.database import db
from incident.store.notifications.notices import Notice
from incident.web.instance import KEY

PACKAGE = Path(keyring.__file__).resolve().parent
BY = "tools:call_path"
NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
CODE = "net"

AROUND = {
    "incident.web.security": "who may do it: sign-in, access to objects, headers",
    "incident.web.http": "limits, conditional requests, errors, idempotency",
    "incident.web.i18n": "the language of the response",
    "incident.web.instance": "the application and the time",
    "incident.web.api.arguments": "reading of the body",
    "incident.web.api.document_parts": "serialization",
    "incident.web.api.notifications.notice_documents": "serialization",
    "incident.actions.unit_of_work": "the transaction and the chain of the journal",
    "incident.store.db": "statements, sessions, the write lock",
    "incident.core.values": "value types, faults",
    "incident.app": "wake-up of the scheduler",
}
"""Modules and packages that wrap every request, and what each is for."""


@dataclass(frozen=True, order=True)
class Call:
    """A function that ran: its file inside the project, its module, and its name inside it."""

    file: str
    module: str
    function: str

    def is_in(self, package: str) -> bool:
        """Whether it belongs to a module, or to a module of this package."""
        return self.module == package or self.module.startswith(f"{package}.")


@dataclass
class CallPath:
    """The functions of one request, in the order of their first calls.

    `followed` are those that a reader opens; `around` are those that wrap every request.
    """

    followed: list[Call] = field(default_factory=list)
    around: list[Call] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """The files of the functions that a reader opens, without duplicates."""
        return list(dict.fromkeys(call.file for call in self.followed))


def record_path(start: CodeType) -> tuple[CallPath, contextlib.AbstractContextManager[None]]:
    """Return a path, and a context in which the functions that run are recorded in it.

    Args:
        start: the code of the endpoint's function, with which the reader begins.
    """
    path = CallPath()
    followed: dict[CodeType, None] = {}
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(str(PACKAGE)):
            return
        call = Call(
            str(Path(code.co_filename).relative_to(PACKAGE.parent)), str(frame.f_globals["__name__"]), code.co_qualname
        )
        is_around = any(map(call.is_in, AROUND))
        is_followed = code is start or (_caller(frame) in followed and not is_around)
        if code in followed or (code in seen and not is_followed):
            return
        seen.add(code)
        if is_followed:
            followed[code] = None
        if code.co_name.startswith("<"):  # a lambda or a comprehension is read with the function around it
            return
        if is_followed and call in path.around:
            path.around.remove(call)
        (path.followed if is_followed else path.around).append(call)

    @contextlib.contextmanager
    def recording() -> Iterator[None]:
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(before)

    return path, recording()


def _caller(frame: FrameType) -> CodeType | None:
    """Return the nearest function of the package that this one was called from, through libraries too."""
    above = frame.f_back
    while above is not None and not above.f_code.co_filename.startswith(str(PACKAGE)):
        above = above.f_back
    return None if above is None else above.f_code


def trace_acknowledgement(home: Path) -> CallPath:
    """Acknowledge a notice for real and return the functions that ran.

    Args:
        home: an empty folder for the database and the keys.
    """
    with _application(home) as app:
        with app.app_context():
            client, token = app.test_client(), tokens.make_token("reader", "department", CODE, BY, NOW).secret
            incident = incidents.open_incident(NewIncident(title="Scan", departments=(CODE,)), BY, NOW, ZoneInfo("UTC"))
            notice_id = db.session.scalars(db.select(Notice.id).where(Notice.incident_id == incident.id)).one()
            db.session.remove()
        url = f"/api/v1/notices/{notice_id}/acknowledge"
        path, recording = record_path(_endpoint(app, url))
        with recording:
            answer = client.post(url, headers={"Authorization": f"Bearer {token}"})
        if not (answer.json or {}).get("has_counted"):
            raise RuntimeError(f"the notice was not acknowledged: {answer.status} {answer.text}")
    return path


def _endpoint(app: Flask, url: str) -> CodeType:
    """Return the code of the function that answers a POST request, without its decorators."""
    name, _ = app.url_map.bind("localhost").match(url, method="POST")
    code: CodeType = inspect.unwrap(app.view_functions[name]).__code__
    return code


@contextlib.contextmanager
def _application(home: Path) -> Iterator[Flask]:
    """The application on a new database, with one department that has one contact."""
    (home / "keys.json").write_text(keyring.new_ring(), "utf-8")
    (home / "keys.json").chmod(0o600)
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'incident.db'}", public_url="http://localhost")
    app = create_app(settings, has_clock=True)
    with app.app_context():
        db.create_all()
        added = departments.add_department(CODE, "Network", None, BY, NOW)
        ring = app.extensions[KEY].ring
        departments.add_contact(added.id, "duty", "email", "duty@example.org", 1, "en", None, ring, BY, NOW)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def print_path(path: CallPath) -> None:
    """Print the functions of a path, and how many functions and files a reader follows."""
    for number, call in enumerate(path.followed, start=1):
        print(f"{number:3}  {call.file}  {call.function}")
    print(f"\n{len(path.followed)} calls through {len(path.files)} files\n\nAround every request:")
    for module, purpose in AROUND.items():
        calls = [call for call in path.around if call.is_in(module)]
        print(f"     {module}: {purpose} ({len(calls)})")
    print("\nThese functions, and what they call in turn:")
    for call in sorted(path.around):
        print(f"     {call.file}  {call.function}")


def main() -> int:
    """Acknowledge a notice and print the path."""
    with tempfile.TemporaryDirectory() as home:
        path = trace_acknowledgement(Path(home))
    print_path(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
