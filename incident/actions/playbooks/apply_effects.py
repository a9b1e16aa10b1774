"""Writes the engine's effects as rows: tasks, timers, machine commands, notices and journal entries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update

from incident.actions.playbooks.filing_tasks import clock_end, filing_title
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork
from incident.core.cacao.engine import effects as fx
from incident.core.cacao.engine.events import CommandEnded
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.playbooks import tasks, timers
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.tasks import Task

PEOPLE = ("group", "organization", "individual")


@dataclass(frozen=True)
class RunContext:
    """Context of a turn: the run's row, its incident, and the department for steps without one.

    The engine uses moments on the incident's clock, which in a drill is faster; rows have real time. `ended` collects
    the ends of steps that wait for a filing whose clock has ended already: the caller must advance the run by them.
    """

    run: Run
    incident: Incident
    lead: Callable[[], int | None]
    ended: list[CommandEnded] = field(default_factory=list)


def apply_effects(
    uow: UnitOfWork, place: RunContext, effects: Sequence[fx.Effect], cause: Mapping[str, Any], has_timers: bool = True
) -> list[Task]:
    """Write the effects of a turn of the engine within the caller's transaction.

    Return the new tasks, whose departments must be notified.

    Args:
        uow: the caller's unit of work.
        place: the context; the run's row has the engine's new state.
        effects: the effects, in order.
        cause: the cause of the turn, for the journal: an event as JSON, or the values at the start.
        has_timers: whether the run may have timers that are replaced; a new one has none.
    """
    run, incident = place.run, place.incident
    _enter(uow, run, incident, effects, cause)
    opened: list[Task] = []
    for effect in effects:
        match effect:
            case fx.OpenTask():
                clock = effect.clock
                end = None if clock is None else clock_end(incident, clock.regime, clock.stage)
                if end is None:
                    opened.append(_open_task(uow, place, effect))
                else:
                    place.ended.append(end.event(effect.step, effect.visit, effect.command))
            case fx.CancelTask():
                _cancel_task(uow, run, incident, effect)
            case fx.SetTimer():
                if has_timers:
                    _cancel_timer(uow, run, effect)
                    _move_tasks(uow, place, effect)
                _set_timer(uow, place, effect)
            case fx.CancelTimer():
                _cancel_timer(uow, run, effect)
            case fx.SendCommand():
                _send_command(uow, place, effect)
            case fx.CancelCommand():
                _cancel_command(uow, run, effect)
                _cancel_task(uow, run, incident, effect)  # people may have it by now (P10, P14)
    for task in opened:
        _enter_task(uow, task, incident)
    return opened


def _set_timer(uow: UnitOfWork, place: RunContext, effect: fx.SetTimer) -> None:
    pace = place.incident.pace
    due_at = pace.due(effect.due_at, uow.now) if effect.kind == "timeout" else pace.to_real(effect.due_at)
    run, incident = place.run, place.incident
    insert_timer(uow, effect.kind, due_at, "run", run.id, incident.id, step=effect.step, visit=effect.visit)


def _move_tasks(uow: UnitOfWork, place: RunContext, effect: fx.SetTimer) -> None:
    """Store in a step's open tasks their new due time, as after a pause (P9)."""
    if effect.kind != "timeout":
        return
    db.session.execute(
        update(Task)
        .where(Task.run_id == place.run.id, Task.step == effect.step, Task.visit == effect.visit, Task.state == "open")
        .values(due_at=place.incident.pace.due(effect.due_at, uow.now))
        .execution_options(synchronize_session=False)
    )


def _cancel_timer(uow: UnitOfWork, run: Run, effect: fx.SetTimer | fx.CancelTimer) -> None:
    uow.flush()
    timers.cancel_step_timer(run.id, effect.kind, effect.step, effect.visit, uow.now)


def _enter_task(uow: UnitOfWork, task: Task, incident: Incident) -> None:
    code = None
    if task.department_id is not None:
        code = db.session.get_one(Department, task.department_id).code
    uow.record("task.opened", f"task:{task.id}", {"title": task.title, "department": code}, incident.number)


def _enter(
    uow: UnitOfWork, run: Run, incident: Incident, effects: Sequence[fx.Effect], cause: Mapping[str, Any]
) -> None:
    """Record one entry for the turn: its cause, and every change of state; enough to replay the run."""
    kept = (fx.StepChanged, fx.RunChanged, fx.VariableSet, fx.Noted)
    changes = [fx.effect_to_json(effect) for effect in effects if isinstance(effect, kept)]
    has_started = "event" not in cause
    event_type = "run.started" if has_started else "run.advanced"
    if run.ended_at is not None and not has_started:
        event_type = "run.ended"
    detail = {"cause": dict(cause), "changes": changes, "state": run.state}
    uow.record(event_type, f"run:{run.id}", detail, incident.number)


def _open_task(uow: UnitOfWork, place: RunContext, effect: fx.OpenTask) -> Task:
    task = Task(
        incident_id=place.incident.id,
        run_id=place.run.id,
        step=effect.step,
        visit=effect.visit,
        command=effect.command,
        title=_title(effect)[:500],
        why=effect.why,
        instructions=effect.instructions,
        shown_command=effect.shown_command,
        agent=_names(effect.assignees) or (str(effect.agent.get("name", "")) if effect.agent else None),
        department_id=_responsible(uow, place, effect),
        expects=[{"name": name, "type": kind} for name, kind in effect.out_variables.items()],
        opened_at=uow.now,
        due_at=place.incident.pace.due_if(effect.due_at, uow.now),
        clock_regime=None if effect.clock is None else effect.clock.regime,
        clock_stage=None if effect.clock is None else effect.clock.stage,
    )
    return uow.add(task)


def _title(effect: fx.OpenTask) -> str:
    title = None if effect.clock is None else filing_title(effect.clock.regime, effect.clock.stage)
    return title or effect.title


def _names(assignees: Iterable[Mapping[str, Any]]) -> str | None:
    return ", ".join(str(one.get("name", "")) for one in assignees)[:500] or None


def _responsible(uow: UnitOfWork, place: RunContext, effect: fx.OpenTask) -> int | None:
    """Return the department of a task (P12): the first of the step's people that is one, else the incident's."""
    for one in effect.assignees:
        if one.get("type") in PEOPLE and one.get("name"):
            name = str(one["name"])
            department = uow.departments.get(name) or departments.department_by_code_or_name(name)
            if department is not None:
                return department.id
    return place.lead()


def _cancel_task(uow: UnitOfWork, run: Run, incident: Incident, effect: fx.CancelTask | fx.CancelCommand) -> None:
    cancelled = tasks.cancel_task(run.id, effect.step, effect.visit, effect.command, uow.now)
    for task_id in cancelled:
        uow.record("task.cancelled", f"task:{task_id}", {}, incident.number)


def _send_command(uow: UnitOfWork, place: RunContext, effect: fx.SendCommand) -> None:
    due_at = place.incident.pace.due_if(effect.due_at, uow.now)
    order = {
        "body": effect.body,
        "agent": effect.agent,
        "targets": list(effect.targets),
        "authentication": effect.authentication,
        "out_variables": effect.out_variables,
        "due_at": None if due_at is None else due_at.isoformat(),
    }
    command = Command(
        run_id=place.run.id,
        incident_id=place.incident.id,
        step=effect.step,
        visit=effect.visit,
        command=effect.command,
        kind=effect.kind,
        order=order,
        next_attempt_at=uow.now,
    )
    db.session.add(command)
    uow.wake_scheduler()


def _cancel_command(uow: UnitOfWork, run: Run, effect: fx.CancelCommand) -> None:
    db.session.execute(
        update(Command)
        .where(
            Command.run_id == run.id,
            Command.step == effect.step,
            Command.visit == effect.visit,
            Command.command == effect.command,
            Command.state.in_(("pending", "sending")),
        )
        .values(state="cancelled", ended_at=uow.now)
        .execution_options(synchronize_session=False)
    )
