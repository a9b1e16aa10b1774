"""Fill a home before measurements: departments and a playbook by actions, incidents by bulk rows."""

import datetime as dt
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, text

from incident import clock
from incident.actions.directory import departments, tokens
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.playbooks import playbooks
from incident.actions.unit_of_work import transaction
from incident.app import create_core, migrate
from incident.config import Settings
from incident.core.incidents import search_tokenizer
from incident.core.insights.counting import RULES
from incident.core.notifications.policy import Level, Policy
from incident.store.db.database import WRITE, db
from incident.store.incidents.incidents import Incident, IncidentDepartment, Indicator
from incident.store.incidents.numbers import Counter
from incident.store.insights.sums import begin_state
from incident.store.journal.journal import last_change_of
from incident.store.queries.search import HIDDEN
from incident.web.instance import KEY, Instance
from tests.bench.texts import note_of, text_of

BY = "cli"
CHUNK = 5_000
NOTES = 198
DEPARTMENTS = 40

SECTORS = ("energy", "energy/electricity", "finance", "water", "transport", "transport/rail", "communication")
PROVINCES = (11, 21, 31, 33, 44, 51)
WAVES = 20
"""Campaigns, each a stretch of time: all incidents of an early one lie far down in the list."""

PLAYBOOK: dict[str, Any] = {
    "type": "playbook",
    "spec_version": "cacao-2.0",
    "id": "playbook--11111111-1111-4111-8111-111111111111",
    "name": "Measured",
    "created_by": "identity--11111111-1111-4111-8111-111111111112",
    "created": "2026-01-01T00:00:00.000Z",
    "modified": "2026-01-01T00:00:00.000Z",
    "workflow_start": "start--11111111-1111-4111-8111-111111111113",
    "workflow": {
        "start--11111111-1111-4111-8111-111111111113": {
            "type": "start",
            "on_completion": "action--11111111-1111-4111-8111-111111111114",
        },
        "action--11111111-1111-4111-8111-111111111114": {
            "type": "action",
            "name": "Isolate the host",
            "timeout": 3_600_000,
            "agent": "organization--11111111-1111-4111-8111-111111111115",
            "commands": [{"type": "manual", "command": "Pull the cable; leave the power on."}],
            "on_success": "end--11111111-1111-4111-8111-111111111116",
            "on_failure": "end--11111111-1111-4111-8111-111111111116",
        },
        "end--11111111-1111-4111-8111-111111111116": {"type": "end"},
    },
    "agent_definitions": {
        "organization--11111111-1111-4111-8111-111111111115": {"type": "organization", "name": "dept-0"}
    },
}


@dataclass(frozen=True)
class Seeded:
    """The contents of a filled home that measurements need."""

    token: str
    source_token: str
    long_incident: str
    count: int


def app_of(home: Path, url: str | None = None) -> Flask:
    """The application without doors on a home, at the newest migration."""
    settings = Settings(home=home, database_url=url or f"sqlite:///{home / 'incident.db'}", timezone="UTC")
    app = create_core(settings)
    migrate(app)
    return app


def seed(app: Flask, count: int) -> Seeded:
    """Fill an empty home.

    Args:
        app: on the home.
        count: how many incidents.
    """
    now = clock.now()
    here: Instance = app.extensions[KEY]
    with app.app_context():
        for number in range(DEPARTMENTS):
            added = departments.add_department(f"dept-{number}", f"Department {number}", None, BY, now)
            departments.add_contact(added.id, "Desk", "inbox", None, 1, "en", None, here.ring, BY, now)
            departments.put_policy(added.id, Policy((Level(dt.timedelta(days=2)),)), None, BY, now)
        playbooks.add_playbook(PLAYBOOK, BY, now)
        token = tokens.make_token("bench", "coordinator", None, BY, now).secret
        source_token = tokens.make_token("bench of alerts", "source", None, BY, now).secret
        _rows(count, now)
        long = NewIncident(title="An incident with a long journal", departments=["dept-0"], playbook=PLAYBOOK["id"])
        opened = incidents.open_incident(long, BY, now, here.settings.zone)
        for number in range(NOTES):
            incidents.add_note(opened.id, f"Note {number}: 巡查正常 looked again, nothing new.", BY, now)
        _count_nothing(now, here)
        db.session.remove()
        db.engine.dispose()
    return Seeded(token, source_token, opened.number, count)


def _count_nothing(now: dt.datetime, here: Instance) -> None:
    """Take all incidents for counted, so that nothing is measured while they are (`tests/bench/insights.py` does)."""
    with transaction(BY, now):
        begin_state(last_change_of(None), now, here.settings.zone.key, RULES, None)


def _made(first: int) -> list[tuple[int, str, str, list[tuple[str, str]], str]]:
    rows = []
    for number in range(first, first + CHUNK):
        title, description, seen = text_of(number)
        words = search_tokenizer.words_of([_number(number), title, description, *(value for _, value in seen)])
        if (note := note_of(number)) is not None:
            words += [HIDDEN + word for word in search_tokenizer.words_of([note])]
        rows.append((number, title, description, seen, " ".join(words)))
    return rows


def _number(count: int) -> str:
    return f"INC-{clock.now().year}-{count:06d}"


def _region(number: int) -> str:
    """A county after GB/T 2260."""
    return f"{PROVINCES[number // 2 % len(PROVINCES)]}{number // 14 % 9 + 1:02d}{number // 126 % 8 + 1:02d}"


def _status(number: int) -> str:
    """Of ten incidents nine are closed; of the others every third is new, the rest are in progress."""
    if number % 10:
        return "closed"
    return "handling" if number // 10 % 3 else "new"


def _rows(count: int, now: dt.datetime) -> None:
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for chunk in pool.imap(_made, range(1, count + 1, CHUNK)):
            _insert(chunk, count, now)
    db.session.add(Counter(name=f"INC-{now.year}", value=count))
    db.session.commit()
    if db.session.get_bind().dialect.name == "sqlite":
        db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def _insert(chunk: list[Any], count: int, now: dt.datetime) -> None:
    db.session.execute(insert(Incident), list(_incidents(chunk, count, now)))
    on_it = [{"incident_id": row[0], "department_id": row[0] % DEPARTMENTS + 1, "place": 0} for row in chunk]
    db.session.execute(insert(IncidentDepartment), on_it)
    seen = [{"incident_id": row[0], "kind": kind, "value": value} for row in chunk for kind, value in row[3]]
    db.session.execute(insert(Indicator), seen)
    if db.session.get_bind().dialect.name == "sqlite":
        filing = "INSERT INTO incident_words (rowid, words) VALUES (:id, :words)"
        words = [{"id": row[0], "words": row[4]} for row in chunk]
    else:
        filing = "INSERT INTO incident_words (id, words) VALUES (:id, CAST(:words AS tsvector))"
        words = [{"id": row[0], "words": " ".join(f"'{word}'" for word in row[4].split())} for row in chunk]
    db.session.execute(text(filing), words)


def _incidents(chunk: list[Any], count: int, now: dt.datetime) -> Iterator[dict[str, Any]]:
    for number, title, description, _, _ in chunk:
        opened_at = now - dt.timedelta(minutes=5 * (count - number))
        status = _status(number)
        ended_at = opened_at + dt.timedelta(hours=number % 48 + 1) if status == "closed" else None
        yield {
            "id": number,
            "number": _number(number),
            "title": title,
            "description": description,
            "category": ("MPRANS", "NAPHISH", "DSDATALEAK", "NASCAN", None)[number % 5],
            "grade": number % 4 + 1,
            "status": status,
            "tlp": "red" if number % 997 == 0 else "amber",
            "source": "manual",
            "opened_at": opened_at,
            "changed_at": ended_at or opened_at,
            "closed_at": ended_at,
            "resolution": None if ended_at is None else ("resolved", "false alarm", "duplicate")[number % 3],
            "is_unreached": number % 5_000 == 0,
            "sector": SECTORS[number // 3 % len(SECTORS)] if number % 3 == 0 else None,
            "region": _region(number) if number % 2 == 0 else None,
            "campaign": f"wave-{number * WAVES // count}" if number % 10 == 0 else None,
            "speed": 60 if number % 1_000 == 1 else None,
            "version": 1,
        }
