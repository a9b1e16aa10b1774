"""Playbook runs, recomputed from their journal."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from incident.cli.root import main, make_app, speech

if TYPE_CHECKING:
    from incident.actions.playbooks.replaying import Replayed
    from incident.core.cacao.engine.effects import Effect

_MAX_SHOWN = 200


@main.group()
def run() -> None:
    """Playbook runs."""


@run.command("replay")
@click.argument("run_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
def run_replay(run_id: int) -> None:
    """Recompute the run ID from its journal, print each step, and name differences from the stored run.

    Exit status 1 if they differ.
    """
    from incident.actions.playbooks.playbook_loader import VersionGone
    from incident.actions.playbooks.replaying import replay_run

    app = make_app()
    with app.app_context():
        try:
            replayed = replay_run(run_id)
        except VersionGone as gone:
            click.echo(f"error: playbook version {gone} no longer exists", err=True)
            sys.exit(1)
    if replayed is None:
        click.echo(f"error: no run has the ID {run_id}", err=True)
        sys.exit(2)
    for line in _lines(replayed):
        click.echo(line)
    if not replayed.differences:
        click.echo(f"No difference: {len(replayed.turns)} turns reproduce the stored run.")
        return
    for one in replayed.differences:
        click.echo(f"DIFFERENT {one.part}: stored {_shown(one.kept)}, replayed {_shown(one.replayed)}", err=True)
    sys.exit(1)


def _lines(replayed: "Replayed") -> Iterator[str]:
    for at, cause, turn in zip(replayed.moments, replayed.causes, replayed.turns, strict=True):
        yield f"{_clock(at)}  {_cause(cause)}"
        for effect in turn.effects:
            if (line := _change(effect)) is not None:
                yield f"    {line}"


def _clock(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _cause(cause: Mapping[str, Any]) -> str:
    """Return the cause of a turn; an event names its step and visit."""
    if "event" not in cause:
        values = ", ".join(f"{name} = {_shown(value)}" for name, value in cause["values"].items())
        return f"started {cause['playbook']}" + (f" with {values}" if values else "")
    words = [str(cause["event"]).replace("_", " ")]
    words += [f"{name} {cause[name]}" for name in ("kind", "step", "visit", "outcome", "reason") if cause.get(name)]
    words += [f"{name} = {_shown(value)}" for name, value in (cause.get("variables") or {}).items()]
    return ", ".join(words)


def _change(effect: "Effect") -> str | None:
    from incident.core.cacao.engine.effects import Noted, RunChanged, StepChanged, VariableSet
    from incident.core.cacao.words import reason, sentence_of

    match effect:
        case StepChanged() | RunChanged():
            what = f"step {effect.step} #{effect.visit}" if isinstance(effect, StepChanged) else "run"
            why = f" ({reason(effect.reason, speech())})" if effect.reason else ""
            return f"{what}: {effect.before or 'new'} -> {effect.after}{why}"
        case VariableSet():
            return f"{effect.name} = {_shown(effect.value)}"
        case Noted():
            return sentence_of(effect.code, effect.args, speech())
    return None


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
