"""Machine commands that people have to perform after all (P10, P14)."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from incident.actions.notifications import notices
from incident.actions.playbooks import playbook_loader, runs
from incident.actions.unit_of_work import transaction
from incident.core.cacao import Fault, Playbook, PlaybookBundle, Profile, tasks_instead
from incident.core.cacao.engine.ordering import is_for_machine, shown
from incident.core.cacao.engine.run import Run as Engine
from incident.core.cacao.faults import pointer, warning
from incident.core.cacao.model import Step
from incident.core.drills.drill import in_real_time
from incident.core.playbooks.endpoint import definitions_of
from incident.core.playbooks.secret_place import ssh_target_place
from incident.core.playbooks.ssh_target import SSH_KINDS, allowed_target, ssh_place
from incident.core.playbooks.task import NO_KEY, NO_PLACE, NO_SECRET, NOT_ALLOWED, OTHER_PLACE, UNSURE
from incident.executors.http_api import secret_use
from incident.store.db.database import db
from incident.store.incidents import incidents
from incident.store.operations import secrets
from incident.store.playbooks.runs import LIVE, Command, Run
from incident.store.playbooks.ssh_targets import targets_at
from incident.store.playbooks.tasks import Task

_OF_SECRETS = frozenset({NO_SECRET, NO_PLACE, OTHER_PLACE})


def reason(row: Command, is_repeatable: Callable[[str, Mapping[str, Any]], bool]) -> str | None:
    """Return why a due command is for people (`core/playbooks/task.py`); None when a machine may perform it now.

    Args:
        row: the command.
        is_repeatable: returns for a kind and its order whether repeating it does no harm (P14).
    """
    if row.state == "sending":
        return None if is_repeatable(row.kind, row.order) else UNSURE
    return refusal(row.kind, row.order)


def refusal(kind: str, order: Mapping[str, Any]) -> str | None:
    """Return why this program may not perform a command at its destination; None when it may."""
    look = _ssh_refusal if kind in SSH_KINDS else _secret_refusal
    authentication = order.get("authentication") or {}
    refusals = [look(one, authentication.get(str(one.get("id")))) for one in definitions_of(order)]
    return next((one for one in refusals if one is not None), None)


def _ssh_refusal(definition: Mapping[str, Any], authentication: Mapping[str, Any] | None) -> str | None:
    place = ssh_place(definition, authentication)
    rows = [] if place is None else targets_at(place.host, place.port)
    names = {(row.host, row.port, row.user): row.secret_name for row in rows}
    found = allowed_target(place, [row.as_target(None) for row in rows])
    if found is None:
        return NOT_ALLOWED
    name = names[found.host, found.port, found.user]
    why = _refusal_of_secret(name, ssh_target_place(found.host, found.port))
    return NO_KEY if why == NO_SECRET else why


def _secret_refusal(definition: Mapping[str, Any], authentication: Mapping[str, Any] | None) -> str | None:
    wanted = secret_use(definition, authentication)
    return None if wanted is None else _refusal_of_secret(*wanted)


def _refusal_of_secret(name: str, place: str) -> str | None:
    return secrets.refusal(secrets.secrets_by_name([name]).get(name), place)


def warnings_of(bundle: PlaybookBundle, profile: Profile) -> list[Fault]:
    """Return which commands of a playbook, and of those it calls, people will have to perform (P10).

    Places that a variable names are checked when the command is due.
    """
    found: list[Fault] = []
    for playbook in (bundle.main, *bundle.called.values()):
        found += tasks_instead(playbook, profile)
        for step in playbook.steps.values():
            for index, command in enumerate(step.commands):
                why = is_for_machine(playbook, step, command, profile) and _refusal_in(playbook, step, command.kind)
                if why:
                    code = "command_without_secret" if why in _OF_SECRETS else "command_by_people"
                    place = pointer("workflow", step.id, "commands", index)
                    found.append(warning(code, place, "P10", type=command.kind, why=why))
    return found


def _refusal_in(playbook: Playbook, step: Step, kind: str) -> str | None:
    goals = [playbook.targets[one] for one in step.targets] or [playbook.agents[step.agent or ""]]
    order = {
        "targets": [one.body for one in goals if not one.names],
        "authentication": {one.id: playbook.authentication.get(one.authentication or "") for one in goals},
    }
    return refusal(kind, order)


def ask_people(command_id: int, why: str, by: str, now: dt.datetime) -> None:
    """Replace a command by a task that shows it, unless it has been claimed or cancelled meanwhile.

    Args:
        command_id: the command.
        why: the reason (`core/playbooks/task.py`).
        by: who.
        now: when (UTC).
    """
    with transaction(by, now) as uow:
        row = db.session.get_one(Command, command_id)
        incident = incidents.lock_incident(row.incident_id)
        db.session.refresh(row)
        if row.state not in ("pending", "sending") or row.next_attempt_at > now:
            return
        run = db.session.get_one(Run, row.run_id)
        row.state, row.ended_at, row.detail = "ended", now, why
        uow.record("command.ended", f"command:{row.id}", {"result": "by_hand", "why": why}, incident.number)
        if run.state not in LIVE:
            return
        task = _task(run, row, why, now)
        db.session.add(task)
        db.session.flush()
        detail = {"title": task.title, "command": row.id, "why": why}
        uow.record("task.opened", f"task:{task.id}", detail, incident.number)
        notices.notify_tasks(uow, incident, [task])


def _task(run: Run, row: Command, why: str, now: dt.datetime) -> Task:
    state = Engine.from_json(run.document)
    step = _step(run, state, row.step)
    agent = row.order.get("agent") or {}
    incident = runs.incident_of(run)
    return Task(
        incident_id=run.incident_id,
        run_id=run.id,
        step=row.step,
        visit=row.visit,
        command=row.command,
        title=(step.name or step.description or row.kind)[:500],
        why=why,
        instructions=step.description,
        shown_command=shown(row.order["body"]),
        agent=str(agent.get("name") or "") or None,
        department_id=runs.lead_of(incident),
        expects=[{"name": name, "type": kind} for name, kind in (row.order.get("out_variables") or {}).items()],
        opened_at=now,
        due_at=in_real_time(state, incident.pace).steps[row.step].due_at,
    )


def _step(run: Run, state: Engine, key: str) -> Step:
    prefix = state.scopes[state.steps[key].scope].prefix
    playbook = playbook_loader.pinned(run.pins).playbook(state.calls.get(prefix, ""))
    return playbook.steps[state.steps[key].step_id]
