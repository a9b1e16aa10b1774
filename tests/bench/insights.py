"""Insights over many incidents: the month by role, the report, and the time that counting all of them again takes."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from incident import clock
from incident.actions.directory import departments, people
from incident.actions.insights.keeping import rebuild_sums
from incident.core.insights.months import Month
from incident.core.journal import chain
from incident.store.db.database import WRITE, db
from incident.store.directory.people import person_by_login
from incident.store.incidents.incidents import Incident, IncidentDepartment
from incident.store.journal.journal import Entry, JournalHead
from incident.store.notifications.notices import Notice
from incident.web.instance import KEY, Instance
from tests.bench import seed, server
from tests.bench.first_views import FirstViews
from tests.bench.table import Row

COUNT: Final = 100_000
CHUNK = 5_000
CATEGORIES: Final = (*(f"measured-{number}" for number in range(12)), None)
PAGES: Final = {"month": "/insights?month={}", "report": "/insights/report?month={}"}


def measure_insights(folder: Path, count: int = COUNT) -> Iterator[Row]:
    """Count incidents of a year in 40 departments and 13 categories, and open the last whole month."""
    home = folder / "insights"
    home.mkdir(mode=0o700)
    app, now = seed.app_of(home), clock.now()
    here: Instance = app.extensions[KEY]
    with app.app_context():
        sessions = _people(now)
        _incidents(count, now)
        began = time.perf_counter()
        rebuild_sums(here.settings.zone, seed.BY, now)
        took = time.perf_counter() - began
        yield Row(f"insights: {count:,} incidents counted again", f"{took:.0f} s ({count / took:,.0f} a second)")
        db.session.remove()
        db.engine.dispose()
    month = Month.of(now.date()).moved(-1)
    with server.serving(home) as running, server.bare(folder) as beside:
        views = FirstViews(running, beside)
        for role, session in sessions.items():
            for name, path in PAGES.items():
                row = views.measure(f"insights: {name}, {role}", path.format(month), session)
                assert row is not None, name
                yield row


def _people(now: dt.datetime) -> dict[str, str]:
    for number in range(seed.DEPARTMENTS):
        departments.add_department(f"dept-{number}", f"Department {number}", None, seed.BY, now)
    sessions = {}
    for role, code in {"coordinator": None, "reader": None, "department": "dept-0"}.items():
        people.add_person(f"bench.{role}", f"Person {role}", role, code, None, "en", seed.BY, now)
        person = person_by_login(f"bench.{role}")
        assert person is not None
        sessions[role] = people.open_session(person, now)
    return sessions


def _incidents(count: int, now: dt.datetime) -> None:
    """Insert incidents with a notice each and their entries in the journal, whose chain nobody verifies here."""
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    head = db.session.get(JournalHead, 1)
    assert head is not None
    seq = head.count
    for first in range(1, count + 1, CHUNK):
        numbers = range(first, first + CHUNK)
        db.session.execute(insert(Incident), [_incident(one, _opened(one, count, now)) for one in numbers])
        on_it = [{"incident_id": one, "department_id": one % seed.DEPARTMENTS + 1, "place": 0} for one in numbers]
        db.session.execute(insert(IncidentDepartment), on_it)
        db.session.execute(insert(Notice), [_notice(one, _opened(one, count, now)) for one in numbers])
        entries = [entry for one in numbers for entry in _entries(one, _opened(one, count, now))]
        rows = [entry | {"seq": seq + place, "hash": chain.GENESIS} for place, entry in enumerate(entries, 1)]
        db.session.execute(insert(Entry), rows)
        seq += len(rows)
    head.count = seq
    db.session.commit()


def _opened(number: int, count: int, now: dt.datetime) -> dt.datetime:
    return now - dt.timedelta(minutes=5 * (count - number))


def _incident(number: int, opened_at: dt.datetime) -> dict[str, Any]:
    closed_at = opened_at + dt.timedelta(hours=number * 7 % 90 + 1) if number % 10 else None
    return {
        "id": number,
        "number": f"MEA-{number}",
        "title": "Measured",
        "description": "",
        "category": CATEGORIES[number % len(CATEGORIES)],
        "grade": number % 4 + 1,
        "status": "handling" if closed_at is None else "closed",
        "tlp": "red" if number % 97 == 0 else "amber",
        "source": "manual",
        "opened_at": opened_at,
        "changed_at": closed_at or opened_at,
        "handled_at": opened_at + dt.timedelta(hours=number * 5 % 40) if number % 3 else None,
        "closed_at": closed_at,
        "is_unreached": False,
        "speed": 60 if number % 1_000 == 1 else None,
        "version": 1,
    }


def _notice(number: int, opened_at: dt.datetime) -> dict[str, Any]:
    return {
        "id": number,
        "subject_type": "incident",
        "subject_id": number,
        "purpose": "handling",
        "incident_id": number,
        "department_id": number % seed.DEPARTMENTS + 1,
        "state": "acknowledged",
        "policy": {},
        "level": 1,
        "round": 1,
        "is_unreached": False,
        "opened_at": opened_at,
        "version": 1,
    }


def _entries(number: int, opened_at: dt.datetime) -> Iterator[dict[str, Any]]:
    facts = {"actor": seed.BY, "incident": f"MEA-{number}", "subject": f"notice:{number}", "detail": "{}"}
    yield facts | {"event_type": "notice.created", "at": opened_at}
    if number % 5 == 0:
        yield facts | {"event_type": "notice.escalated", "at": opened_at + dt.timedelta(minutes=15)}
    yield facts | {"event_type": "notice.acknowledged", "at": opened_at + dt.timedelta(seconds=number * 37 % 5_000)}
