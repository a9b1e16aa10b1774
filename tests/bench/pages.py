"""Benchmarks of pages as people first see them: server time by role, and the weight of the heaviest ones."""

import datetime as dt
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flask import Flask
from sqlalchemy import insert, select

from incident import clock
from incident.actions.directory import people, rotas
from incident.actions.drills import drills
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.playbooks import playbooks
from incident.actions.reports import reports
from incident.actions.systems import systems
from incident.core.cacao.text.text import load
from incident.core.duty.rota import Rota
from incident.core.incidents.listing.tabs import COLUMNS
from incident.store.db.database import WRITE, db
from incident.store.directory.departments import department_by_code
from incident.store.directory.people import person_by_login
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice
from incident.web.instance import KEY, Instance
from incident.web.pages.directory.set_up import shipped_files
from incident.web.security.auth import SESSION_COOKIE
from tests.bench import server
from tests.bench.first_views import FirstViews
from tests.bench.seed import BY, DEPARTMENTS, PLAYBOOK, Seeded
from tests.bench.table import Row
from tests.bench.weights import KB, fetching
from tests.web.weights import weigh

WAITING = 2_000
NOTES = 500
STEPS = 200
SYSTEMS = 1_000
REPORTS = 500
DRILLS = 10
ROWS = 60
"""The most rows of a list."""

LIST = re.compile(r'<tbody\b.*?</tbody>|<ul class="rows".*?</ul>', re.DOTALL)
ROW = re.compile(r"<(?:tr|li)\b")

HEAVY = 60
"""Limit (kB) of the page of an incident with many entries and a long run."""

ROLES = {"administrator": None, "coordinator": None, "responder": None, "reader": None, "department": "dept-0"}


@dataclass(frozen=True)
class Furnished:
    """The sessions of people by role, and the addresses of pages by their names."""

    sessions: Mapping[str, str]
    paths: Mapping[str, str]
    heavy: str


def measure_pages(app: Flask, running: server.Running, beside: server.Running, seeded: Seeded) -> Iterator[Row]:
    """Measure the pages that a role reaches from the menu and from the list.

    Args:
        app: on the home that is served.
        running: the server.
        beside: a bare Flask application.
        seeded: the contents of the home.
    """
    with app.app_context():
        made = furnish(app, seeded)
        db.session.remove()
        db.engine.dispose()
    views = FirstViews(running, beside)
    for role, session in made.sessions.items():
        for name, path in made.paths.items():
            row = views.measure(f"page: {name}, {role}", path, session)
            if row is not None:
                yield row
    yield from _weights(running, made)


def _weights(running: server.Running, made: Furnished) -> Iterator[Row]:
    fetch = fetching(running.port, {"Cookie": f"{SESSION_COOKIE}={made.sessions['coordinator']}"})
    found = weigh(fetch, made.heavy).page
    what = f"weight: incident with {NOTES} entries and a run of {STEPS} steps"
    yield Row(what, f"{found / KB:.1f} kB", f"under {HEAVY} kB", found < HEAVY * KB)
    for path in ("/incidents", "/incidents?tab=closed", "/incidents?tab=all", "/inbox", "/systems"):
        shown = longest_list(fetch(path, {}).decode())
        yield Row(f"rows of {path}", str(shown), f"1 to {ROWS}", 0 < shown <= ROWS)


def longest_list(page: str) -> int:
    """Return the number of rows of the longest table or list of a page."""
    return max((len(ROW.findall(one)) for one in LIST.findall(page)), default=0)


# ------------------------------------------------------------------------------------------------------- the contents
def furnish(app: Flask, seeded: Seeded) -> Furnished:
    """Add what pages show beside incidents: people, waiting notices, playbooks, a rota, systems, reports and drills."""
    now = clock.now()
    here: Instance = app.extensions[KEY]
    sessions = {}
    for role, code in ROLES.items():
        people.add_person(f"bench.{role}", f"Person {role}", role, code, None, "en", BY, now)
        person = person_by_login(f"bench.{role}")
        assert person is not None
        sessions[role] = people.open_session(person, now)
    shipped = [playbooks.add_playbook(load(file.read_bytes()), BY, now).cacao_id for file in shipped_files()]
    on_duty = {
        "name": "Week",
        "people": ["bench.department"],
        "starts_on": "2026-01-05",
        "every": "P7D",
        "handover": "08:30",
    }
    first = department_by_code("dept-0")
    assert first is not None
    rotas.put_rota(first.id, Rota.from_json({"rotations": [on_duty]}), None, BY, now)
    _notices(now)
    for number in range(SYSTEMS):
        systems.add_system({"code": f"SYS-{number}", "name": f"System {number}", "owner": "dept-0"}, BY, now)
    for number in range(REPORTS):
        reports.submit_report(reports.NewReport(text=f"A strange mail {number}"), secrets.token_hex(10), now)
    for _ in range(DRILLS):
        drills.start_drill(drills.NewDrill(playbook=PLAYBOOK["id"]), BY, now, here.settings.zone)
    heavy = _heavy(now, here)
    return Furnished(sessions, _paths(seeded, heavy, shipped[0]), f"/incidents/{heavy}")


def _notices(now: dt.datetime) -> None:
    """Let many departments have to answer open incidents, each at another moment."""
    db.session.rollback()
    db.session.connection(execution_options={WRITE: True})
    open_ids = db.session.scalars(select(Incident.id).where(Incident.status != "closed").limit(WAITING)).all()
    policy = {"levels": [{"wait": "P2D"}], "repeat": 0}
    rows = [
        {
            "subject_type": "incident",
            "subject_id": one,
            "purpose": "handling",
            "incident_id": one,
            "department_id": one % DEPARTMENTS + 1,
            "state": "exhausted" if one % 3 == 0 else "open",
            "policy": policy,
            "level": 1,
            "round": 1,
            "is_unreached": False,
            "opened_at": now,
            "notified_at": now,
            "next_at": None if one % 3 == 0 else now + dt.timedelta(days=1, seconds=place),
            "version": 1,
        }
        for place, one in enumerate(open_ids)
    ]
    db.session.execute(insert(Notice), rows)
    db.session.commit()


def _heavy(now: dt.datetime, here: Instance) -> str:
    playbooks.add_playbook(_long_playbook(), BY, now)
    new = NewIncident(title="An incident with a long run", departments=["dept-0"], playbook=_long_playbook()["id"])
    opened = incidents.open_incident(new, BY, now, here.settings.zone)
    for number in range(NOTES):
        incidents.add_note(opened.id, f"Note {number}: 巡查正常 looked again, nothing new.", BY, now)
    return opened.number


def _long_playbook() -> dict[str, Any]:
    """A playbook of many steps one after the other."""
    ids = [f"action--22222222-2222-4222-8222-{number:012d}" for number in range(STEPS)]
    start, end = "start--11111111-1111-4111-8111-111111111113", "end--11111111-1111-4111-8111-111111111116"
    pattern = PLAYBOOK["workflow"]["action--11111111-1111-4111-8111-111111111114"]
    steps = {
        one: pattern | {"name": f"Look at host {place}", "on_success": after, "on_failure": end}
        for place, (one, after) in enumerate(pairwise([*ids, end]))
    }
    workflow = {start: {"type": "start", "on_completion": ids[0]}, **steps, end: {"type": "end"}}
    named = {"id": "playbook--33333333-3333-4333-8333-333333333333", "name": "Long"}
    return PLAYBOOK | named | {"workflow": workflow}


def _paths(seeded: Seeded, heavy: str, shipped: str) -> dict[str, str]:
    return {
        "overview": "/",
        "wall display": "/wall",
        "list": "/incidents",
        "list, mine": "/incidents?tab=mine",
        "list, unanswered": "/incidents?tab=unanswered",
        "list, closed": "/incidents?tab=closed",
        "list, all": "/incidents?tab=all",
        "list by grade": "/incidents?grade=1",
        "list by department": "/incidents?department=dept-3",
        "list by region and sector": "/incidents?region=33&sector=energy",
        "list, words": "/incidents?q=phishing",
        "list, gravest first": "/incidents?sort=grade",
        "list, last changed first": "/incidents?sort=changed",
        "list, oldest first": "/incidents?sort=oldest",
        "list, all columns": f"/incidents?columns={','.join(COLUMNS)}",
        "exercises": "/incidents?exercise=true",
        "palette, words": "/search/results?q=phishing",
        "palette, number": "/search/results?q=INC-2026-000042",
        "new incident": "/incidents/new",
        "incident": f"/incidents/{seeded.long_incident}",
        "incident with a long run": f"/incidents/{heavy}",
        "inbox": "/inbox",
        "inbox, overdue tasks": "/inbox?view=all&exercise=false&due=overdue",
        "deadlines": "/clocks",
        "reports": "/reports",
        "departments": "/departments",
        "one department": "/departments/dept-0",
        "rota": "/departments/dept-0/rota",
        "playbooks": "/playbooks",
        "one playbook": f"/playbooks/{shipped}",
        "simulation": f"/playbooks/{shipped}/simulate",
        "editor of a playbook": f"/playbooks/{shipped}/edit",
        "shipped playbooks": "/setup/playbooks",
        "drills": "/drills",
        "one drill": "/drills/1",
        "rules": "/rules",
        "sources": "/sources",
        "maintenance": "/maintenance-windows",
        "systems": "/systems",
        "one system": "/systems/SYS-1",
        "journal": "/journal",
        "messages": "/outbox",
        "people": "/people",
        "tokens": "/tokens",
        "subscriptions": "/subscriptions",
        "access log": "/access-log",
        "system health": "/health",
        "account": "/account",
    }
