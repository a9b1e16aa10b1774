"""A playbook as a list that people read."""

import datetime as dt

from incident.core.cacao import Bundle, Run, advance, parse, start
from incident.core.cacao.events import Cancelled, CommandEnded
from incident.web.pages.outline import lines_of, lines_of_run
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


def bundle() -> Bundle:
    return Bundle(parse(document(STEPS)))


def shown(run: Run | None = None) -> list[tuple[int, str]]:
    from flask import Flask
    from flask_babel import Babel

    app = Flask("t")
    Babel(app)
    with app.test_request_context():
        lines = lines_of(bundle().main) if run is None else lines_of_run(bundle(), run)
        return [(line.depth, line.name) for line in lines]


def states(run: Run) -> dict[str, str]:
    from flask import Flask
    from flask_babel import Babel

    app = Flask("t")
    Babel(app)
    with app.test_request_context():
        return {line.name: line.state for line in lines_of_run(bundle(), run)}


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
