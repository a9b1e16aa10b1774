"""One run of one playbook, described by the names of its steps; and playbook shapes that several tests use."""

from __future__ import annotations

from typing import Any

from incident.core.cacao import PlaybookBundle, Profile, Transition, advance, start
from incident.core.cacao.engine.events import CommandEnded, Event, Outcome
from tests.core.cacao.build import MACHINE, NOW, Json, action, bundle, minutes, step_id


class Story:
    """One run of one playbook, described by the names of its steps; `at` is in minutes from the start."""

    def __init__(self, made: Json, *called: Json, profile: Profile = MACHINE, values: Json | None = None) -> None:
        self.made = made
        self.called = called
        self.profile = profile
        self.bundle: PlaybookBundle = bundle(made, *called)
        self.turn: Transition = start(self.bundle, values or {}, NOW, profile)
        self.last = NOW

    def key(self, name: str) -> str:
        outer, slash, inner = name.rpartition("/")
        return f"{step_id(self.made, outer)}/{step_id(self.called[0], inner)}" if slash else step_id(self.made, inner)

    def send(self, event: Event, at: float = 1) -> Transition:
        self.last = NOW + minutes(at)
        self.turn = advance(self.bundle, self.turn.run, event, self.last, self.profile)
        return self.turn

    def end(
        self, name: str, outcome: Outcome = "succeeded", at: float = 1, command: int = 0, **values: str
    ) -> Transition:
        key = self.key(name)
        return self.send(CommandEnded(key, self.visit(name), command, outcome, values), at)

    def visit(self, name: str) -> int:
        return self.turn.run.steps[self.key(name)].visit

    def states(self, *names: str) -> list[str | None]:
        steps = self.turn.run.steps
        return [steps[self.key(name)].state if self.key(name) in steps else None for name in names]

    @property
    def state(self) -> str:
        return self.turn.run.state


Steps = dict[str, Json | None]
VARIABLE = {"__n__": {"type": "integer", "value": "0"}}


def two_ways(**more: Any) -> Steps:
    return {"a": action(None, on_success="e", on_failure="f", **more), "f": action("e"), "e": None}


def loop(**more: object) -> Steps:
    return {
        "w": {"type": "while-condition", "condition": "__n__:value < 2", "on_true": "a", "on_completion": "e", **more},
        "a": action("ae", out_args=["__n__"]),
        "ae": None,
        "e": None,
    }


def fork(**more: object) -> Steps:
    return {
        "p": {"type": "parallel", "next_steps": ["a", "b"], "on_success": "e", "on_failure": "f", **more},
        "a": action("ae"),
        "ae": None,
        "b": action("be"),
        "be": None,
        "f": action("e"),
        "e": None,
    }
