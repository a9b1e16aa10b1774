"""Complexity of the engine: generous limits that only a change of complexity exceeds."""

from __future__ import annotations

import json
import time

from incident.core.cacao import Profile, advance, check, load, parse, start
from incident.core.cacao.engine.effects import OpenTask
from incident.core.cacao.engine.events import CommandEnded
from incident.core.cacao.model import PlaybookBundle
from tests.core.cacao.build import NOW, Json, action, document, of_kind


def chain(length: int) -> Json:
    steps: dict[str, Json | None] = {f"a{at}": action(f"a{at + 1}" if at + 1 < length else "e") for at in range(length)}
    return document({**steps, "e": None})


def _events(length: int) -> float:
    """Return the seconds of CPU that the median event costs in a chain."""
    bundle, profile = PlaybookBundle(parse(chain(length), is_checked=True)), Profile()
    turn = start(bundle, {}, NOW, profile)
    costs: list[float] = []
    while not turn.run.is_finished:
        [task] = of_kind(turn, OpenTask)
        event = CommandEnded(task.step, task.visit, task.command, "succeeded")
        began = time.process_time()
        turn = advance(bundle, turn.run, event, NOW, profile)
        costs.append(time.process_time() - began)
    assert turn.run.state == "succeeded"
    return sorted(costs)[len(costs) // 2]


def test_an_event_costs_little_and_hardly_more_in_a_longer_playbook() -> None:
    short, long = _events(20), _events(200)
    assert long < 0.003
    assert long < 4 * short


def test_a_thousand_steps_are_parsed_and_checked_at_once() -> None:
    text = json.dumps(chain(1000))
    began = time.process_time()
    document_read = load(text)
    assert check(document_read) == []
    parse(document_read, is_checked=True)
    assert time.process_time() - began < 1.5


def test_thousands_of_steps_that_wait_for_nothing_cost_no_stack() -> None:
    count = 4900
    steps: dict[str, Json | None] = {}
    for at in range(count):
        after = f"i{at + 1}" if at + 1 < count else "e"
        steps[f"i{at}"] = {
            "type": "if-condition",
            "condition": "__n__:value = 0",
            "on_true": f"x{at}",
            "on_completion": after,
        }
        steps[f"x{at}"] = None
    made = document({**steps, "e": None}, playbook_variables={"__n__": {"type": "integer", "value": "0"}})
    assert start(PlaybookBundle(parse(made, is_checked=True)), {}, NOW, Profile()).run.state == "succeeded"


def test_steps_nested_two_thousand_deep_cost_no_stack() -> None:
    count = 2000
    steps: dict[str, Json | None] = {}
    for at in range(count):
        inner = f"i{at + 1}" if at + 1 < count else "a"
        steps[f"i{at}"] = {
            "type": "if-condition",
            "condition": "__n__:value = 0",
            "on_true": inner,
            "on_completion": f"x{at}",
        }
        steps[f"x{at}"] = None
    steps["a"], steps["y"] = action("y"), None
    made = document(steps, playbook_variables={"__n__": {"type": "integer", "value": "0"}})
    bundle = PlaybookBundle(parse(made, is_checked=True))
    turn = start(bundle, {}, NOW, Profile())
    [task] = of_kind(turn, OpenTask)
    assert advance(bundle, turn.run, CommandEnded(task.step, 1, 0, "failed"), NOW, Profile()).run.state == "failed"
