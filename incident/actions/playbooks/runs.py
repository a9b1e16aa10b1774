"""Runs: start one on an incident, advance it with an event, cancel it."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from incident.actions.notifications import notices
from incident.actions.playbooks import ending, playbook_loader, signatures
from incident.actions.playbooks.apply_effects import RunContext, apply_effects
from incident.actions.playbooks.approval_status import ApprovalStatus, approval_status
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, retry_on_conflict, transaction
from incident.core.cacao import PlaybookBundle, Profile, StartRefused
from incident.core.cacao.engine import engine
from incident.core.cacao.engine.events import (
    Cancelled,
    Event,
    Overridden,
    Retried,
    event_to_json,
)
from incident.core.cacao.engine.run import Run as Engine
from incident.core.cacao.engine.run_builder import Transition
from incident.core.incidents.incident import refuse_closed
from incident.core.values.faults import RuleError, refuse_stale
from incident.store.db.database import db
from incident.store.incidents import incidents, lookups
from incident.store.incidents.incidents import Incident
from incident.store.playbooks import playbooks
from incident.store.playbooks import runs as store
from incident.store.playbooks.playbooks import Version
from incident.store.playbooks.runs import LIVE, Run
from incident.store.playbooks.tasks import Task
from incident.store.queries import start_requests
from incident.store.queries.start_requests import StartRequest

PROFILE = Profile(executors=frozenset({"http-api", "openc2-http", "ssh", "bash"}))
"""The commands that this program performs itself, and the limits of a run (P3, P6)."""

MAX_CLOCK_ENDS = 1_000
"""Steps that end at once within one transaction because their statutory clock had ended."""

DOUBLE_WITHIN = dt.timedelta(seconds=10)
"""A repeated start within this time, without a key of its own, counts as a mistake."""


def start_in(
    uow: UnitOfWork, incident: Incident, playbook: Version, values: Mapping[str, Any], lead: Callable[[], int | None]
) -> tuple[Run | StartRequest, list[Task]]:
    """Start a playbook on an incident within the caller's transaction, or record that it waits for approval.

    Return the run, or the waiting request; and the tasks whose departments must be notified. A drill needs no approval,
    because its commands reach no machine.

    Args:
        uow: the caller's unit of work.
        incident: the incident.
        playbook: the version to start.
        values: of its external variables, by name.
        lead: returns the department (id) for tasks of steps that name nobody.

    Raises:
        PlaybookFaults: when it is revoked or outside its validity period, lacks a trusted signature where one is
            required, calls a missing playbook, or a value does not fit.
        RuleError: `run.is_scheduled` (conflict) when it waits for approval on this incident already.
    """
    start = _prepare(uow, incident, playbook, values)
    if incident.speed is None:
        status = approval_status(start.bundle, PROFILE, uow.now, is_locked=True)
        if status.missing:
            return _schedule(uow, incident, playbook, values, status), []
    return _begin(uow, incident, playbook, values, start, lead)


def begin_in(
    uow: UnitOfWork, incident: Incident, playbook: Version, values: Mapping[str, Any], lead: Callable[[], int | None]
) -> tuple[Run, list[Task]]:
    """Start a playbook as `start_in` does, when its approval is complete."""
    return _begin(uow, incident, playbook, values, _prepare(uow, incident, playbook, values), lead)


@dataclass(frozen=True)
class _Start:
    """A start that the engine accepts; nothing of it is in the database yet."""

    bundle: PlaybookBundle
    turn: Transition


def _prepare(uow: UnitOfWork, incident: Incident, playbook: Version, values: Mapping[str, Any]) -> _Start:
    bundle = playbook_loader.bundle_for(playbook)
    if unsigned := signatures.start_faults(bundle, uow.now):
        raise playbook_loader.PlaybookFaults(unsigned)
    try:
        return _Start(bundle, engine.start(bundle, values, incident.pace.to_drill(uow.now), PROFILE))
    except StartRefused as refused:
        raise playbook_loader.PlaybookFaults(list(refused.faults)) from refused


def _begin(
    uow: UnitOfWork,
    incident: Incident,
    playbook: Version,
    values: Mapping[str, Any],
    start: _Start,
    lead: Callable[[], int | None],
) -> tuple[Run, list[Task]]:
    turn, pins = start.turn, playbook_loader.pins_of(start.bundle) | {"profile": _profile_json(PROFILE)}
    run = Run(
        incident_id=incident.id,
        playbook_id=playbook.id,
        pins=pins,
        name=playbook.name,
        state=turn.run.state,
        document=turn.run.to_json(),
        given=dict(values),
        started_at=uow.now,
        ended_at=incident.pace.to_real_if(turn.run.ended_at),
        is_red=playbook_loader.is_red(start.bundle),
    )
    uow.add(run)
    cause = {"playbook": playbook.cacao_id, "pins": pins, "values": dict(values)}
    place = RunContext(run, incident, lead)
    tasks = apply_effects(uow, place, turn.effects, cause, has_timers=False)
    return run, _with_clocks_ended(uow, place, tasks)


def _schedule(
    uow: UnitOfWork, incident: Incident, playbook: Version, values: Mapping[str, Any], status: ApprovalStatus
) -> StartRequest:
    """Record that a playbook starts with these values once approved; a request to start it waits from now on."""
    row = start_requests.waiting_request(incident.id, playbook.cacao_id)
    if row is not None and row.state == "scheduled":
        raise RuleError("run.is_scheduled", kind="conflict", pointer="/playbook")
    if row is None:
        row = uow.add(
            StartRequest(
                incident_id=incident.id,
                playbook=playbook.cacao_id,
                name=playbook.name,
                asked_at=uow.now,
                asked_by=uow.by,
                state="scheduled",
                given=dict(values),
            )
        )
    else:
        row.state, row.given = "scheduled", dict(values)
    detail = {"request": row.id, "name": playbook.name, "hash": status.content_hash, "missing": status.missing}
    uow.record("run.scheduled", f"playbook:{playbook.cacao_id}", detail | {"values": dict(values)}, incident.number)
    return row


def record_refusal(
    uow: UnitOfWork, incident: Incident, playbook: Version, refused: playbook_loader.PlaybookFaults
) -> None:
    """Record on an incident's timeline why a playbook that nobody waits for now did not start."""
    faults = [{"code": one.code, "pointer": one.pointer, "args": dict(one.args)} for one in refused.faults]
    detail = {"name": playbook.name, "faults": faults}
    uow.record("run.refused", f"playbook:{playbook.cacao_id}", detail, incident.number)


def profile_of(run: Run) -> Profile:
    """Return the profile that a run started with and keeps."""
    kept = run.pins["profile"]
    return Profile(
        executors=frozenset(kept["executors"]),
        default_timeout=dt.timedelta(seconds=kept["default_timeout"]),
        while_rounds=kept["while_rounds"],
        while_limit=dt.timedelta(seconds=kept["while_limit"]),
    )


@lru_cache(maxsize=8)
def _profile_json(profile: Profile) -> Mapping[str, Any]:
    return {
        "executors": sorted(profile.executors),
        "default_timeout": int(profile.default_timeout.total_seconds()),
        "while_rounds": profile.while_rounds,
        "while_limit": int(profile.while_limit.total_seconds()),
    }


def incident_of(run: Run) -> Incident:
    """Return the incident of a run."""
    return db.session.get_one(Incident, run.incident_id)


def advance_in(uow: UnitOfWork, run: Run, event: Event) -> bool:
    """Advance a run with an event within the caller's transaction; return whether the event changed it.

    A failed run is resumed by a retry or an override; any other ended one is unchanged.
    """
    incident = db.session.get_one(Incident, run.incident_id)
    place = RunContext(run, incident, lambda: lead_of(incident))
    tasks = _advance(uow, place, event)
    if tasks is None:
        return False
    notices.notify_tasks(uow, incident, _with_clocks_ended(uow, place, tasks))
    ending.end_if_over(uow, incident)
    return True


def _with_clocks_ended(uow: UnitOfWork, place: RunContext, tasks: list[Task]) -> list[Task]:
    """Advance a run by the steps whose clock had ended; return the tasks that are open then.

    Loops around such a step never wait: beyond `MAX_CLOCK_ENDS` the run is cancelled.
    """
    for count in range(MAX_CLOCK_ENDS + 1):
        if not place.ended:
            break
        event = place.ended.pop(0) if count < MAX_CLOCK_ENDS else Cancelled("turn_too_long")
        tasks += _advance(uow, place, event) or []
    return [one for one in tasks if one.state == "open"]


def _advance(uow: UnitOfWork, place: RunContext, event: Event) -> list[Task] | None:
    """Advance a run by one turn; return the tasks that it opened, None when the event changed nothing."""
    run, incident = place.run, place.incident
    bundle, before, profile = playbook_loader.pinned(run.pins), Engine.from_json(run.document), profile_of(run)
    now = incident.pace.to_drill(uow.now)
    if run.state in LIVE:
        turn = engine.advance(bundle, before, event, now, profile)
    elif isinstance(event, Retried | Overridden):
        turn = engine.reopen_run(bundle, before, event, now, profile)
    else:
        return None
    if turn.run == before and not turn.effects:
        return None
    run.document, run.state = turn.run.to_json(), turn.run.state
    run.ended_at = incident.pace.to_real_if(turn.run.ended_at)
    run.version += 1
    return apply_effects(uow, place, turn.effects, event_to_json(event))


def lead_of(incident: Incident) -> int | None:
    """Return the department (id) that was named first on an incident, None when there is none."""
    return next(iter(lookups.responsible_on(incident.id)), None)


def lock_run(run_id: int) -> Run:
    """Lock the incident of a run and return the run, so that its events are applied one after the other.

    Raises:
        RuleError: `run.unknown` (not found).
    """
    run = db.session.get(Run, run_id)
    if run is None:
        raise RuleError("run.unknown", {"id": run_id}, kind="not_found")
    incidents.lock_incident(run.incident_id)
    db.session.refresh(run)
    return run


def start_run(
    incident_id: int,
    playbook_id: str,
    values: Mapping[str, Any],
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    version: int | None = None,
) -> Run | StartRequest:
    """Start the newest version of a playbook on an open incident; one that needs approval waits as a request.

    Raises:
        RuleError: `playbook.unknown` (invalid), `incident.is_closed`, `run.is_started` (conflict) when it was started a
            moment ago and no key says that this is another start, `version.stale`, or as `start_in`.
    """

    def use_case() -> Run | StartRequest:
        with transaction(by, now, idempotency) as uow:
            incident = incidents.lock_incident(incident_id)
            refuse_stale(incident.version, version)
            refuse_closed(incident.status)
            playbook = playbooks.current_version(playbook_id)
            if playbook is None:
                raise RuleError("playbook.unknown", {"playbook": playbook_id}, pointer="/playbook")
            if idempotency is None or idempotency.key is None:
                _refuse_double(incident, playbook, values, now)
            started, tasks = start_in(uow, incident, playbook, values, lambda: lead_of(incident))
            if isinstance(started, Run):
                start_requests.end_request(incident.id, playbook_id, by, now)
                notices.notify_tasks(uow, incident, tasks)
            uow.store_response(started)
        return started

    return retry_on_conflict(use_case)


def _refuse_double(incident: Incident, playbook: Version, values: Mapping[str, Any], now: dt.datetime) -> None:
    """Refuse a duplicate start by a double click, two people at once or a repeated request.

    A cancelled run is no duplicate: it was started by mistake, and is started again on purpose.
    """
    recent_runs = store.runs_between(incident.id, playbook.id, now - DOUBLE_WITHIN, now)
    if any(run.given == dict(values) and run.state != "cancelled" for run in recent_runs):
        seconds = int(DOUBLE_WITHIN.total_seconds())
        raise RuleError("run.is_started", {"seconds": seconds}, pointer="/playbook", kind="conflict")


def cancel_run(run_id: int, reason: str, by: str, now: dt.datetime, version: int | None = None) -> Run:
    """Cancel a live run.

    Raises:
        RuleError: `run.unknown` (not found), `run.has_ended` (conflict), `version.stale`.
    """
    with transaction(by, now) as uow:
        run = lock_run(run_id)
        refuse_stale(run.version, version)
        if run.state not in LIVE:
            raise RuleError("run.has_ended", {"state": run.state}, kind="conflict")
        advance_in(uow, run, Cancelled(reason))
    return run
