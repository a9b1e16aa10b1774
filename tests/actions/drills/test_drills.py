"""Drills: a run on a faster clock that sends nothing and ends automatically."""

import datetime as dt
from typing import Any

import pytest

from incident.actions.drills import drills, scoring
from incident.actions.drills.drills import NewDrill
from incident.actions.journal import verifying
from incident.actions.notifications import answers
from incident.actions.notifications.notice_events import AnswerSource
from incident.actions.playbooks import commands, run_control, runs
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.actions.playbooks.replaying import replay_run
from incident.actions.reports import reports
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.notices import Notice
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer
from incident.store.queries.drills import Drill
from tests.core.cacao.build import MACHINE_AGENT, action, document, http, manual
from tests.world import BY, World, acknowledge_notice, only, rows

SECOND = dt.timedelta(seconds=1)
COORDINATOR = Viewer("coordinator")
HALF_HOUR = 1_800_000
CONTAIN = document(
    {
        "isolate": action(None, manual("Pull the cable."), name="Isolate", timeout=HALF_HOUR, on_success="tell",
                          on_failure="decide"),
        "decide": action("tell", manual("Decide."), name="Decide", timeout=HALF_HOUR),
        "tell": action("end", manual("Tell the owner."), name="Tell", timeout=HALF_HOUR, delay=600_000),
        "end": None,
    },
    name="Contain",
)  # fmt: skip
NEEDS = document(
    {"ask": action("done"), "done": None},
    name="Needs",
    playbook_variables={"__host__": {"type": "string", "external": True}},
)


@pytest.fixture
def world(sqlite_world: World) -> World:
    """The world on SQLite only; tests/store/queries/test_drills.py covers both databases."""
    return sqlite_world


def prepared(world: World, made: dict[str, Any] = CONTAIN, waits: tuple[float, ...] = (15, 15)) -> None:
    """A department named by the playbook's agent, with two levels, and the playbook."""
    world.department("Response", [("duty", 1), ("head", 2)], waits)
    world.playbook(made)


def start(world: World, made: dict[str, Any] = CONTAIN, speed: int = 60, **more: Any) -> Drill:
    new = NewDrill(titles={"en": "Exercise"}, playbook=made["id"], speed=speed, **more)
    return drills.start_drill(new, BY, world.now, world.zone)


def begin(world: World, speed: int = 60) -> Drill:
    prepared(world)
    return start(world, speed=speed)


def report(world: World, drill: Drill) -> scoring.Report:
    return scoring.report_on(only(Drill, id=drill.id), COORDINATOR, world.now)


def codes(found: scoring.Report) -> list[str]:
    return [lesson.code for lesson in found.lessons]


# ------------------------------------------------------------------------------------------------------ the clock
def test_half_an_hour_of_the_playbook_is_half_a_minute_at_sixty_times(world: World) -> None:
    begin(world)
    began = world.now
    assert only(Task).due_at == began + 30 * SECOND
    world.forward(seconds=29.9)
    world.fire()
    assert [task.title for task in rows(Task, state="open")] == ["Isolate"]
    world.forward(seconds=0.1)
    world.fire()
    assert [task.title for task in rows(Task, state="open")] == ["Decide"]


def test_the_next_level_is_told_so_much_sooner(world: World) -> None:
    begin(world, speed=20)
    assert only(Notice).next_at == world.now + 45 * SECOND
    assert [sending.message.contact for sending in world.send()] == ["duty"]
    assert world.after(seconds=44.9) == []
    assert [sending.message.contact for sending in world.after(seconds=0.1)] == ["head"]
    world.after(seconds=45)
    assert only(Notice).state == "exhausted"


def test_no_level_and_no_task_is_shorter_than_half_a_minute_however_fast_the_clock(world: World) -> None:
    begin(world, speed=1000)
    assert only(Notice).next_at == world.now + 30 * SECOND
    assert only(Task).due_at == world.now + 30 * SECOND
    assert [sending.message.contact for sending in world.send()] == ["duty"]
    world.after(seconds=29.9)
    assert (only(Task).state, only(Notice).level) == ("open", 1)
    world.after(seconds=0.1)
    assert only(Notice).level == 2
    assert [task.title for task in rows(Task, state="open")] == ["Decide"]
    world.complete(only(Task, state="open").id)
    world.after(seconds=1)
    assert [task.title for task in rows(Task, state="open")] == ["Tell"]


def test_a_delay_passes_so_much_sooner(world: World) -> None:
    begin(world)
    world.complete(only(Task).id)
    assert only(Timer, state="pending", kind="delay").due_at == world.now + 10 * SECOND
    world.after(seconds=10)
    assert [task.title for task in rows(Task, state="open")] == ["Tell"]


def test_at_the_speed_of_one_nothing_is_faster(world: World) -> None:
    begin(world, speed=1)
    assert only(Task).due_at == world.now + dt.timedelta(minutes=30)
    assert only(Notice).next_at == world.now + dt.timedelta(minutes=15)


def test_a_pause_keeps_what_was_left_on_the_drills_clock(world: World) -> None:
    drill = begin(world, speed=20)
    world.forward(seconds=50)
    run_control.pause_run(drill.run_id, "lunch", BY, world.now)
    world.forward(hours=1)
    world.fire()
    run_control.resume_run(drill.run_id, "back", BY, world.now)
    assert only(Task, state="open").due_at == world.now + 40 * SECOND
    world.after(seconds=40)
    assert [task.title for task in rows(Task, state="open")] == ["Decide"]


def test_a_replay_of_a_drills_run_finds_no_difference(world: World) -> None:
    drill = begin(world)
    world.after(seconds=7.123457)
    run_control.pause_run(drill.run_id, "", BY, world.now)
    run_control.resume_run(drill.run_id, "", BY, world.forward(seconds=3.5))
    world.after(seconds=31)
    while only(Drill).ended_at is None:
        world.after(seconds=31)
    replayed = replay_run(drill.run_id)
    assert replayed is not None
    assert len(replayed.turns) > 4
    assert replayed.differences == []
    assert [entry.at for entry in rows(Entry) if entry.event_type == "drill.ended"] == [world.now], (
        "the journal is real time"
    )
    assert verifying.verify_journal(None).is_intact


# ------------------------------------------------------------------------------- nothing leaves, nothing mixes
def test_what_is_sent_of_a_drill_is_marked_and_what_is_real_is_not(world: World) -> None:
    begin(world)
    assert [sending.is_leaving for sending in world.send()] == [False]
    world.open("Response")
    assert [sending.is_leaving for sending in world.send()] == [True]


def test_a_command_of_a_drill_is_marked_and_has_its_time_in_real_seconds(world: World) -> None:
    made = document(
        {"block": action("end", http(), agent=MACHINE_AGENT, timeout=HALF_HOUR), "end": None}, name="Block in time"
    )
    prepared(world, made)
    start(world, made)
    world.forward(seconds=10)
    [order] = commands.claim_commands(world.now, 1, lambda _kind, _order: True)
    assert (order.is_exercise, order.left) == (True, 20)
    assert only(Command).order["due_at"] == (world.now + 20 * SECOND).isoformat()


def test_what_no_machine_may_do_becomes_a_task_with_its_time_in_real_seconds(world: World) -> None:
    gate = "ssh--33333333-3333-4333-8333-333333333333"
    shell = action("end", {"type": "ssh", "command": "uptime"}, agent=gate, timeout=HALF_HOUR)
    made = document({"look": shell, "end": None}, name="Look")
    made["agent_definitions"][gate] = {"type": "ssh", "name": "gate", "address": {"ipv4": ["192.0.2.7"]}, "port": "22"}
    prepared(world, made)
    start(world, made)
    began = world.now
    world.forward(seconds=10)
    assert commands.claim_commands(world.now, 1, lambda _kind, _order: True) == []
    assert (only(Task).why, only(Task).due_at) == ("target.not_allowed", began + 30 * SECOND)


def test_exercises_have_numbers_of_their_own(world: World) -> None:
    begin(world)
    assert world.open().number == "INC-2026-000001"
    assert only(Incident, title="Exercise").number == "DRL-2026-000001"


def test_no_rule_applies_to_an_exercise(world: World) -> None:
    from incident.actions.directory import departments
    from incident.core.incidents.routing_document import read_rules

    prepared(world)
    world.department("press")
    rules = {"rules": [{"when": {}, "set": {"departments": ["press"], "grade": 1}}]}
    departments.put_rules(read_rules(rules), None, BY, world.now)
    start(world)
    assert only(Incident).grade is None
    assert [notice.department_id for notice in rows(Notice)] == [1]


def test_an_alert_never_joins_an_exercise(world: World) -> None:
    begin(world)
    decided = world.alert(title="Exercise")
    assert (decided.decision, decided.incident) == ("opened", "INC-2026-000001")


def test_no_report_is_linked_to_an_exercise(world: World) -> None:
    begin(world)
    added = reports.submit_report(reports.NewReport(text="A strange mail"), "AAAAA-BBBBB-CCCCC-DDDDD", world.now)
    with pytest.raises(RuleError, match=r"incident\.is_exercise"):
        reports.link_report(only(Incident).id, added.id, BY, world.now)


# ------------------------------------------------------------------------------------------------- start and end
def test_without_departments_those_of_the_playbooks_agents_are_told(world: World) -> None:
    world.department("press")
    begin(world)
    assert [notice.department_id for notice in rows(Notice)] == [2]
    entry = next(entry for entry in rows(Entry) if entry.event_type == "drill.started")
    assert '"departments":["Response"]' in entry.detail.replace(", ", ",").replace(": ", ":")


def test_the_departments_of_called_playbooks_are_told_too(world: World) -> None:
    world.department("Response")
    world.playbook(CONTAIN)
    outer = document(
        {"call": {"type": "playbook-action", "playbook_id": CONTAIN["id"], "on_completion": "end"}, "end": None},
        name="Outer",
        agent_definitions={},
    )
    world.playbook(outer)
    start(world, outer)
    assert [notice.department_id for notice in rows(Notice)] == [1]


def test_departments_that_are_named_are_told_instead(world: World) -> None:
    prepared(world)
    world.department("press")
    start(world, departments=["press"])
    assert {notice.department_id for notice in rows(Notice)} == {1, 2}, "who has a task is told in any case"


def test_a_drill_ends_with_its_run_and_closes_its_incident(world: World) -> None:
    drill = begin(world)
    world.complete(only(Task).id)
    world.after(seconds=10)
    world.complete(only(Task, state="open").id)
    ended, incident = only(Drill, id=drill.id), only(Incident)
    assert (ended.ended_at, ended.ended_by) == (world.now, BY)
    assert (incident.status, incident.resolution, incident.closed_at) == ("closed", "exercise", world.now)
    assert only(Notice).state == "withdrawn"
    assert rows(Timer, state="pending") == []


def test_a_drill_that_nobody_answers_ends_by_the_clock(world: World) -> None:
    drill = begin(world)
    for _ in range(4):
        world.after(seconds=31)
    assert only(Drill, id=drill.id).ended_by == "scheduler"
    assert only(Run).state == "failed"


def test_a_drill_lasts_while_another_run_lives_on_its_incident(world: World) -> None:
    drill = begin(world)
    second = runs.start_run(only(Incident).id, CONTAIN["id"], {}, BY, world.forward(seconds=10))
    runs.cancel_run(drill.run_id, "", BY, world.now)
    assert only(Drill).ended_at is None
    runs.cancel_run(second.id, "", BY, world.now)
    assert only(Drill).ended_at == world.now


def test_ending_a_drill_early_cancels_what_lives(world: World) -> None:
    drill = begin(world)
    drills.end_drill(drill.id, BY, world.forward(seconds=5))
    assert (only(Run).state, only(Incident).status, only(Drill).ended_at) == ("cancelled", "closed", world.now)
    with pytest.raises(RuleError, match=r"drill\.has_ended"):
        drills.end_drill(drill.id, BY, world.now)
    with pytest.raises(RuleError, match=r"drill\.unknown"):
        drills.end_drill(99, BY, world.now)
    assert codes(report(world, drill)) == ["not_acknowledged", "ended_early"]


def test_closing_the_incident_of_a_drill_ends_it(world: World) -> None:
    begin(world)
    world.close(only(Incident), "the fire alarm rang")
    assert (only(Drill).ended_at, only(Incident).resolution) == (world.now, "done")
    assert [entry.event_type for entry in rows(Entry)].count("incident.closed") == 1


def test_the_incident_of_a_drill_is_not_opened_again(world: World) -> None:
    from incident.actions.incidents import incidents

    drill = begin(world)
    drills.end_drill(drill.id, BY, world.now)
    with pytest.raises(RuleError, match=r"incident\.is_exercise"):
        incidents.reopen_incident(drill.incident_id, None, BY, world.now)


def test_a_playbook_that_is_over_at_once_makes_a_drill_that_is_over(world: World) -> None:
    made = document({"end": None}, name="Nothing to do")
    prepared(world, made)
    drill = start(world, made)
    assert drill.ended_at == world.now
    assert report(world, drill).own.score.took_for == dt.timedelta()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"playbook": "playbook--none"}, "playbook.unknown"),
        ({"speed": 0}, "drill.speed"),
        ({"departments": ["nowhere"]}, "department.unknown"),
    ],
)
def test_a_drill_that_cannot_be_is_refused_and_leaves_nothing(world: World, wrong: dict[str, Any], code: str) -> None:
    prepared(world)
    new = NewDrill(**{"titles": {"en": "Exercise"}, "playbook": CONTAIN["id"]} | wrong)
    with pytest.raises(RuleError) as refused:
        drills.start_drill(new, BY, world.now, world.zone)
    assert refused.value.code == code
    assert rows(Incident) == []


def test_a_playbook_that_asks_for_values_gets_them(world: World) -> None:
    prepared(world, NEEDS)
    with pytest.raises(PlaybookFaults):
        start(world, NEEDS)
    drill = start(world, NEEDS, values={"__host__": "web-1"})
    assert only(Run, id=drill.run_id).given == {"__host__": "web-1"}


# ------------------------------------------------------------------------------------------------------- the score
def finish(world: World, *, answering_after: float | None) -> None:
    """Play the drill that runs: answer after some real seconds, do each task a second after it opened."""
    if answering_after is not None:
        world.after(seconds=answering_after)
        acknowledge_notice(rows(Notice, state="open")[0].id, BY, "inbox", world.now)
    while tasks := rows(Task, state="open"):
        world.forward(seconds=1)
        world.complete(tasks[0].id)
        world.after(seconds=10)


def test_the_score_tells_the_time_to_acknowledge_and_what_was_in_time(world: World) -> None:
    drill = begin(world)
    finish(world, answering_after=5)
    found = report(world, drill)
    assert found.own.score.acknowledged_for == dt.timedelta(minutes=5)
    assert (found.own.score.in_time, found.own.score.asked) == (3, 3)
    assert found.own.score.real_for == 17 * SECOND
    assert codes(found) == ["all_in_time"]


def test_who_declines_has_answered(world: World) -> None:
    drill = begin(world)
    world.after(seconds=5)
    notice = rows(Notice, state="open")[0].id
    answers.answer_notice(notice, "declined", BY, AnswerSource("inbox"), world.now, "not ours")
    finish(world, answering_after=None)
    found = report(world, drill)
    assert found.own.score.acknowledged_for == dt.timedelta(minutes=5)
    assert codes(found) == ["all_in_time"]


def test_the_score_names_what_nobody_did(world: World) -> None:
    drill = begin(world)
    for _ in range(4):
        world.after(seconds=31)
    found = report(world, drill)
    assert found.own.score.share == 0
    assert [step.name for step in found.own.score.timed_out] == ["Isolate", "Decide"]
    assert codes(found) == ["not_acknowledged", "tasks_never", "run_unhandled"]
    assert found.lessons[1].arguments["tasks"] == ("Isolate", "Decide")


def test_the_first_who_can_be_told_answers_in_time_at_whatever_level(world: World) -> None:
    world.department("Response", [("head", 2)], (15, 15))
    world.playbook(CONTAIN)
    drill = start(world)
    finish(world, answering_after=5)
    assert only(Notice).level == 2
    assert [one.timing for one in report(world, drill).own.score.answers] == ["in_time"]


def test_a_real_run_and_a_drill_of_the_same_course_have_the_same_score(world: World) -> None:
    prepared(world)
    world.open("Response", playbook=CONTAIN["id"])
    world.after(minutes=20)
    world.complete(only(Task, state="open").id)
    world.after(minutes=10)
    world.complete(only(Task, state="open").id)
    drill = start(world)
    world.after(seconds=20)
    world.complete(only(Task, state="open").id)
    world.after(seconds=10)
    world.complete(only(Task, state="open").id)
    found = report(world, drill)
    ours, real = found.own.score, found.real[0].score
    assert (ours.took_for, [one.took for one in ours.tasks]) == (real.took_for, [one.took for one in real.tasks])
    assert [one.timing for one in ours.tasks] == [one.timing for one in real.tasks]
