"""Drills: a real run on an exercise incident with a faster clock; nothing leaves the machine."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from incident.actions.incidents.open_incident import NewIncident, open_in
from incident.actions.playbooks import ending, playbook_loader, runs
from incident.actions.playbooks.apply_effects import PEOPLE
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.cacao import PlaybookBundle
from incident.core.cacao.engine.events import Cancelled
from incident.core.drills.drill import RED_TITLE, SPEED_USUAL, TITLE, require_speed, title_of
from incident.core.values.access import PLAYBOOK_RED
from incident.core.values.faults import RuleError
from incident.core.values.text import TITLE_LIMIT
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents import incidents
from incident.store.playbooks import playbooks
from incident.store.playbooks import runs as run_rows
from incident.store.playbooks.playbooks import Playbook
from incident.store.queries.drills import Drill


@dataclass(frozen=True, kw_only=True)
class NewDrill:
    """The parameters of a new drill.

    Args:
        titles: of the exercise incident by language, the first for a name in one language; `{playbook}` is the name.
        red_titles: the same without a name, for a playbook that is marked `TLP:RED`.
        playbook: its CACAO id; the newest version is used.
        speed: how many times faster its clock runs, 1 to 1000.
        departments: codes of the notified ones; None for those that the playbook's agents name.
        values: of the playbook's external variables.
        person_id: who starts it.
    """

    playbook: str
    titles: Mapping[str, str] = field(default_factory=lambda: {"en": TITLE})
    red_titles: Mapping[str, str] = field(default_factory=lambda: {"en": RED_TITLE})
    speed: int = SPEED_USUAL
    departments: Sequence[str] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    person_id: int | None = None


def start_drill(
    new: NewDrill, by: str, now: dt.datetime, zone: ZoneInfo, idempotency: IdempotentRequest | None = None
) -> Drill:
    """Start a drill: its incident, its run and its first notices and tasks in one transaction.

    Raises:
        RuleError: `playbook.unknown`, `department.unknown`, `drill.speed`.
        PlaybookFaults: when the playbook cannot start, or a value does not fit.
    """

    def use_case() -> Drill:
        with transaction(by, now, idempotency) as uow:
            drill = _start(uow, new, zone)
            uow.store_response(drill)
        return drill

    return retry_on_conflict(use_case)


def _start(uow: UnitOfWork, new: NewDrill, zone: ZoneInfo) -> Drill:
    playbook = playbooks.current_playbook(new.playbook)
    if playbook is None:
        raise RuleError("playbook.unknown", {"playbook": new.playbook}, pointer="/playbook")
    codes = new.departments
    if codes is None:
        codes = [one.code for one in departments_of(playbook_loader.bundle_for(playbook))]
    titles = new.red_titles if playbook.tlp == PLAYBOOK_RED else new.titles
    facts = NewIncident(
        title=title_of(titles, playbook.name)[:TITLE_LIMIT],
        departments=list(codes),
        playbook=new.playbook,
        values=new.values,
        person_id=new.person_id,
        speed=require_speed(new.speed, "/speed"),
    )
    incident = open_in(uow, facts, zone)
    run = run_rows.runs_of(incident.id)[0]
    drill = Drill(
        incident_id=incident.id,
        run_id=run.id,
        playbook_id=playbook.id,
        started_at=uow.now,
        started_by=uow.by,
    )
    uow.add(drill)
    detail = {"playbook": playbook.cacao_id, "speed": new.speed, "departments": list(codes)}
    uow.record("drill.started", f"drill:{drill.id}", detail, incident.number)
    ending.end_if_over(uow, incident)
    return drill


def end_drill(drill_id: int, by: str, now: dt.datetime) -> Drill:
    """End a drill before its run has ended: live work on its incident is cancelled.

    Raises:
        RuleError: `drill.unknown` (not found), `drill.has_ended` (conflict).
    """
    with transaction(by, now) as uow:
        drill = db.session.get(Drill, drill_id)
        if drill is None:
            raise RuleError("drill.unknown", {"id": drill_id}, kind="not_found")
        incident = incidents.lock_incident(drill.incident_id)
        db.session.refresh(drill)
        if drill.ended_at is not None:
            raise RuleError("drill.has_ended", kind="conflict")
        for run in run_rows.live_runs_of(incident.id):
            runs.advance_in(uow, run, Cancelled(""))
        ending.end_if_over(uow, incident)
    return drill


def departments_of(bundle: PlaybookBundle) -> list[Department]:
    """Return the departments named by the agents of a playbook, and of those it calls, in their order."""
    names = [
        str(agent.body.get("name"))
        for playbook in (bundle.main, *bundle.called.values())
        for agent in (*playbook.agents.values(), *playbook.targets.values())
        if agent.body.get("type") in PEOPLE and agent.body.get("name")
    ]
    found = [departments.department_by_code_or_name(name) for name in dict.fromkeys(names)]
    return list({one.id: one for one in found if one is not None}.values())


def playbook_of(drill: Drill) -> Playbook:
    """Return the playbook version of a drill."""
    return db.session.get_one(Playbook, drill.playbook_id)
