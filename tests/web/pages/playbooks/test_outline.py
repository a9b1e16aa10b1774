"""A playbook as a readable list."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from incident.core.cacao import PlaybookBundle, Run, advance, parse, start
from incident.core.cacao.engine.events import Cancelled, CommandEnded
from incident.core.values.bilingual import in_language
from incident.web.pages.playbooks.outline import lines_of, lines_of_run
from incident.web.pages.playbooks.picture import picture_of
from tests.core.cacao.build import MACHINE, action, choice, document

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)

STEPS = {
    "look": action(None, name="Look", on_success="ask", on_failure="rescue"),
    "ask": choice("1 = 1", "both", on_completion="end", name="Is it so?"),
    "both": {"type": "parallel", "next_steps": ["left", "right"], "on_completion": "end_both", "name": "Both"},
    "left": action("end_left", name="Left"),
    "right": action("end_right", name="Right"),
    "rescue": action("end_rescue", name="Rescue"),
    **dict.fromkeys(("end", "end_both", "end_left", "end_right", "end_rescue")),
}


def bundle() -> PlaybookBundle:
    return PlaybookBundle(parse(document(STEPS)))


@contextmanager
def page() -> Iterator[None]:
    """The context in which words are looked up."""
    app = Flask("t")
    Babel(app)
    with app.test_request_context():
        yield


def shown() -> list[tuple[int, str]]:
    with page():
        return [(line.depth, line.name) for line in lines_of(bundle().main)]


def states(run: Run) -> dict[str, str]:
    with page():
        return {line.name: line.state for line in lines_of_run(bundle(), run)}


def picture() -> dict[str, Any]:
    with page():
        written = picture_of(bundle().main)
    assert written is not None
    drawn: dict[str, Any] = json.loads(written)
    return drawn


def test_the_main_line_comes_first_branches_are_set_in_and_failures_come_last() -> None:
    assert shown() == [(0, "Look"), (0, "Is it so?"), (1, "Both"), (2, "Left"), (2, "Right"), (1, "Rescue")]


def test_a_run_shows_where_it_stands() -> None:
    run = start(bundle(), {}, NOW, MACHINE).run
    look = next(key for key in run.steps if key.startswith("action"))
    assert states(run)["Look"] == "waiting"
    run = advance(bundle(), run, CommandEnded(look, 1, 0, "succeeded", {}), NOW, MACHINE).run
    found = states(run)
    assert (found["Look"], found["Left"], found["Rescue"]) == ("succeeded", "waiting", "ahead")


def test_what_was_not_reached_when_the_run_ended_never_will_be() -> None:
    run = start(bundle(), {}, NOW, MACHINE).run
    run = advance(bundle(), run, Cancelled("enough"), NOW, MACHINE).run
    assert states(run)["Rescue"] == "skipped"


def test_a_picture_has_every_step_and_every_way_between_them() -> None:
    drawn = picture()
    assert {node["name"] for node in drawn["nodes"]} == {"", "Look", "Is it so?", "Both", "Left", "Right", "Rescue"}
    names = {node["id"]: node["name"] for node in drawn["nodes"]}
    ways = {(names[way["from"]], names[way["to"]], way["kind"]) for way in drawn["ways"]}
    assert ("Look", "Is it so?", "then") in ways
    assert ("Look", "Rescue", "failure") in ways
    assert {("Both", "Left", "branch"), ("Both", "Right", "branch")} <= ways


def test_a_playbook_of_many_steps_is_not_drawn() -> None:
    steps = {f"s{one}": action(f"s{one + 1}") for one in range(90)} | {"s90": None}
    with page():
        assert picture_of(parse(document(steps))) is None


@pytest.mark.parametrize(
    ("name", "language", "part"),
    [
        ("Isolate / 隔离", "en", "Isolate"),
        ("Isolate / 隔离", "zh_Hans_CN", "隔离"),
        ("隔离 / Isolate", "en", "Isolate"),
        ("and / or", "zh_Hans_CN", "and / or"),
        ("隔离", "en", "隔离"),
        ("a / b / 隔离", "en", "a / b / 隔离"),
    ],
)
def test_a_name_in_two_languages_is_drawn_in_one(name: str, language: str, part: str) -> None:
    assert in_language(name, language) == part


def test_a_step_that_leads_nowhere_is_listed_and_drawn_with_its_branches_alone() -> None:
    steps = {"ask": choice("1 = 1", "yes", name="Is it so?"), "yes": action("end", name="Yes"), "end": None}
    playbook = parse(document(steps))
    with page():
        assert [line.name for line in lines_of(playbook)] == ["Is it so?", "Yes"]
        drawn = json.loads(picture_of(playbook) or "")
    assert sorted(way["kind"] for way in drawn["ways"]) == ["branch", "then", "then"]


def test_a_drawn_step_names_its_techniques() -> None:
    steps = {"look": action("end", name="Look"), "end": None}
    steps["look"]["external_references"] = [{"name": "MITRE ATT&CK", "external_id": "T1566.001"}]  # type: ignore[index]
    with page():
        drawn = json.loads(picture_of(parse(document(steps))) or "")
    assert any(node["words"].endswith(" · T1566.001 Spearphishing Attachment") for node in drawn["nodes"])
