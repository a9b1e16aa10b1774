"""Steps that a filing ends: their task, and its end in the transaction of the filing."""

import datetime as dt
from typing import Any

import pytest

from incident.actions.deadlines import clock_events, filing_corrections, filings, grading, profiles
from incident.actions.deadlines.filings import NewFiling
from incident.actions.drills.drills import NewDrill, start_drill
from incident.actions.playbooks import replaying, run_control, runs
from incident.actions.playbooks.filing_tasks import filing_title
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.config import shipped
from incident.core.cacao import load
from incident.core.cacao.vocabulary import CLOCK_EXTENSION
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.values.bilingual import SLASH
from incident.core.values.faults import RuleError
from incident.data.reporting_regimes import shipped_regimes
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.queries.drills import Drill
from incident.store.queries.filing_clocks import ended_filing_tasks
from tests.core.cacao.build import action, choice, document, manual, step_id, uid
from tests.world import BY, World, only, rows

OTHER = "person:2:Zhang San"


def filing(then: str | None, stage: str = "first", regime: str = "cn-cac-cii", **more: Any) -> dict[str, Any]:
    extension = {CLOCK_EXTENSION: {"clock": {"regime": regime, "stage": stage}}}
    return action(then, manual("call the authority"), step_extensions=extension, **more)


def playbook(**more: Any) -> dict[str, Any]:
    """A playbook that files, and then asks people to say so to the head of the house."""
    steps = {"file": filing(None, on_success="tell", on_failure="explain", **more), "tell": action("end"), "end": None}
    steps |= {"explain": action("over"), "over": None}
    return document(steps, playbook_variables={"__report__": {"type": "string"}})


def put_profile(world: World, operator_class: str = "cii") -> None:
    profiles.put_profile(OrganizationProfile(operator_class), BY, world.now)  # type: ignore[arg-type]


def aware(world: World, incident: Incident) -> None:
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "alarm", None, BY, world.now)


def clock_of(incident: Incident, stage: str = "first") -> clock_rows.IncidentClock:
    return next(one for one in clock_rows.clocks_of(incident.id) if one.stage == stage)


def file(world: World, incident: Incident, stage: str = "first", **more: Any) -> None:
    given = NewFiling("phone", world.now, "protection department", **more)
    filings.file_clock(clock_of(incident, stage).id, given, BY, world.now)


def steps(made: dict[str, Any]) -> dict[str, str]:
    """Return the states of the actions that the only run has entered."""
    entered = only(Run).document["steps"]
    keys = {name: uid("action", f"Test/{name}") for name in ("file", "tell", "explain")}
    return {name: entered[key][1] for name, key in keys.items() if key in entered}


def replays_alike() -> bool:
    """Whether the journal of the only run gives the stored run again."""
    found = replaying.replay_run(only(Run).id)
    return found is not None and not found.differences


@pytest.fixture
def place(world: World) -> Incident:
    put_profile(world)
    incident = world.open()
    aware(world, incident)
    return incident


def start(world: World, incident: Incident, made: dict[str, Any]) -> None:
    world.playbook(made)
    runs.start_run(incident.id, made["id"], {}, BY, world.now)


def test_the_task_is_called_after_the_report_in_both_languages_and_names_its_clock(
    world: World, place: Incident
) -> None:
    start(world, place, playbook())
    task = only(Task)
    assert task.title == (
        "File: First report, Report of incidents of critical infrastructure"
        " / 报送首次报告：网络安全事件报告（关键信息基础设施）"
    )
    assert (task.clock_regime, task.clock_stage, task.state) == ("cn-cac-cii", "first", "open")
    assert (task.instructions, task.expects) == ("call the authority", [])


def test_every_report_of_every_law_has_a_title_that_can_be_split_into_its_languages() -> None:
    for law in shipped_regimes().values():
        for stage in law.stages:
            title = filing_title(law.id, stage.key)
            assert title is not None
            assert title.count(SLASH) == 1
    assert filing_title("cn-cac-cii", "no-such") is None
    assert filing_title("no-such", "first") is None


def test_the_filing_ends_the_step_and_the_run_goes_on_with_the_next_one(world: World, place: Incident) -> None:
    made = playbook()
    start(world, place, made)
    world.forward(minutes=10)
    file(world, place, receipt_number="R-7")
    done = rows(Task, clock_stage="first")[0]
    assert (done.state, done.ended_at, done.ended_by) == ("succeeded", world.now, BY)
    assert steps(made) == {"file": "succeeded", "tell": "waiting"}
    ended = [one.event_type for one in rows(Entry) if one.event_type in ("clock.filed", "task.completed")]
    assert ended == ["clock.filed", "task.completed"]
    assert replays_alike()


def test_a_finished_step_stays_finished_when_its_filing_is_revoked_or_returned(world: World, place: Incident) -> None:
    made = playbook()
    start(world, place, made)
    file(world, place, receipt_number="R-7")
    [filing] = clock_rows.filings_of(place.id)
    filing_corrections.return_filing(filing.id, world.now, "item 3 is missing", BY, world.now)
    clock = clock_of(place)
    assert clock.state == "returned"
    assert [one.state for one in ended_filing_tasks([clock])] == ["succeeded"]
    row = filing_corrections.propose_revocation(filing.id, "another incident", "person:1:Li Wei", world.now)
    filing_corrections.confirm_revocation(row.id, "person:2:Wang Fang", world.now)
    assert clock_of(place).state in ("running", "undetermined")
    assert steps(made) == {"file": "succeeded", "tell": "waiting"}
    file(world, place, receipt_number="R-8")
    assert [one.state for one in rows(Task, clock_stage="first")] == ["succeeded"]
    assert replays_alike()


def test_an_announcement_by_word_of_mouth_leaves_the_step_waiting(world: World, place: Incident) -> None:
    made = playbook()
    start(world, place, made)
    file(world, place, is_oral=True)
    assert steps(made) == {"file": "waiting"}


def test_nobody_completes_it_without_the_filing_and_the_refusal_says_what_to_do(world: World, place: Incident) -> None:
    start(world, place, playbook())
    with pytest.raises(RuleError, match=r"task\.is_filing") as refused:
        world.complete(only(Task).id)
    assert refused.value.kind == "conflict"
    assert only(Task).state == "open"


def test_a_waived_clock_fails_the_step_with_its_own_reason(world: World, place: Incident) -> None:
    made = playbook(out_args=["__report__"])
    start(world, place, made)
    filings.suspend_clock(clock_of(place).id, "the police asked for a delay", BY, world.now)
    assert steps(made) == {"file": "waiting"}
    filings.waive_clock(clock_of(place).id, "not our system", BY, world.now)
    assert steps(made) == {"file": "failed", "explain": "waiting"}
    run = only(Run)
    assert run.document["steps"][step_id(made, "file")][-1] == "clock_waived"
    assert run.document["values"][""] == {"__report__": "waived"}
    assert rows(Task, clock_stage="first")[0].state == "failed"


def test_a_clock_that_no_longer_applies_ends_the_step_as_not_applicable(world: World, place: Incident) -> None:
    made = playbook(out_args=["__report__"])
    start(world, place, made)
    lower = grading.decide_grade(place.id, 4, "a test system", BY, world.now)
    if lower.state != "in_force":
        grading.confirm_grade(lower.id, OTHER, world.now)
    assert clock_of(place).state == "not_applicable"
    assert steps(made) == {"file": "not_applicable", "tell": "waiting"}
    assert only(Run).document["values"][""] == {"__report__": "not_applicable"}
    assert rows(Task, clock_stage="first")[0].state == "cancelled"


def test_a_filed_clock_ends_the_step_at_once_and_asks_nobody(world: World, place: Incident) -> None:
    file(world, place)
    made = playbook(out_args=["__report__"])
    start(world, place, made)
    assert steps(made) == {"file": "succeeded", "tell": "waiting"}
    assert only(Task).clock_stage is None
    assert only(Run).document["values"][""] == {"__report__": "filed"}
    assert replays_alike()


@pytest.mark.parametrize("operator_class", ["other", None])
def test_without_such_a_law_the_step_is_not_applicable(world: World, operator_class: str | None) -> None:
    if operator_class:
        put_profile(world, operator_class)
    incident = world.open()
    aware(world, incident)
    made = playbook()
    start(world, incident, made)
    assert steps(made) == {"file": "not_applicable", "tell": "waiting"}
    assert replays_alike()


def test_before_anybody_recorded_the_awareness_the_step_waits_for_the_clock_to_begin(world: World) -> None:
    put_profile(world)
    incident = world.open()
    made = playbook()
    start(world, incident, made)
    assert steps(made) == {"file": "waiting"}
    aware(world, incident)
    assert steps(made) == {"file": "waiting"}
    file(world, incident)
    assert steps(made) == {"file": "succeeded", "tell": "waiting"}


def test_steps_wait_for_the_clock_of_their_own_incident(world: World, place: Incident) -> None:
    made = playbook()
    start(world, place, made)
    other = world.open(title="Another one")
    aware(world, other)
    file(world, other)
    assert steps(made) == {"file": "waiting"}


def test_one_filing_ends_every_step_that_waits_for_it(world: World, place: Incident) -> None:
    both = {"type": "parallel", "next_steps": ["one", "two"], "on_completion": "tell"}
    made = document(
        {"both": both, "one": filing("a"), "a": None, "two": filing("b"), "b": None, "tell": action("end"), "end": None}
    )
    start(world, place, made)
    assert [one.state for one in rows(Task)] == ["open", "open"]
    file(world, place)
    assert [one.state for one in rows(Task)] == ["succeeded", "succeeded", "open"]


def test_a_filing_during_a_pause_counts_when_the_run_goes_on(world: World, place: Incident) -> None:
    made = playbook()
    start(world, place, made)
    run_control.pause_run(only(Run).id, "wait", BY, world.now)
    file(world, place)
    assert rows(Task, clock_stage="first")[0].state == "succeeded"
    run_control.resume_run(only(Run).id, "go on", BY, world.now)
    assert steps(made) == {"file": "succeeded", "tell": "waiting"}


def test_a_chain_of_laws_stops_at_the_one_that_applies(world: World, place: Incident) -> None:
    question = "__report__:value = 'not_applicable'"
    made = document(
        {
            "other": filing("if other", regime="cn-cac-other", out_args=["__report__"]),
            "if other": choice(question, "file", on_completion="tell"),
            "file": filing("filed", out_args=["__report__"]),
            "filed": None,
            "tell": action("end"),
            "end": None,
        },
        playbook_variables={"__report__": {"type": "string"}},
    )
    start(world, place, made)
    assert [(one.clock_regime, one.state) for one in rows(Task)] == [("cn-cac-cii", "open")]
    file(world, place)
    assert steps(made) == {"file": "succeeded", "tell": "waiting"}


def test_loops_around_a_filed_step_that_never_wait_are_ended(
    world: World, place: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MAX_CLOCK_ENDS", 8)
    file(world, place)
    loop = {"type": "while-condition", "condition": "__report__:value = 'filed'", "on_true": "file"}
    made = document(
        {
            "first": filing("loop", out_args=["__report__"]),
            "loop": loop | {"on_completion": "end"},
            "file": filing("again", out_args=["__report__"]),
            "again": None,
            "end": None,
        },
        playbook_variables={"__report__": {"type": "string"}},
    )
    start(world, place, made)
    run = only(Run)
    assert (run.state, run.document["reason"]) == ("cancelled", "turn_too_long")
    assert rows(Task, state="open") == []


def test_in_an_exercise_the_step_ends_so_that_the_exercise_goes_on(world: World) -> None:
    put_profile(world)
    made = playbook()
    world.playbook(made)
    world.department("soc", [("duty", 1)], [5])
    start_drill(NewDrill(playbook=made["id"], departments=["soc"]), BY, world.now, world.zone)
    assert steps(made) == {"file": "not_applicable", "tell": "waiting"}
    assert only(Drill).ended_at is None


def test_when_the_process_dies_before_the_commit_neither_filing_nor_step_has_ended(
    world: World, place: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = playbook()
    start(world, place, made)

    class PowerCut(BaseException):
        pass

    def cut(*_: Any, **__: Any) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(db.session, "commit", cut)
        with pytest.raises(PowerCut):
            file(world, place)
    db.session.rollback()
    assert (clock_of(place).state, steps(made)) == ("undetermined", {"file": "waiting"})
    assert clock_rows.filings_of(place.id) == []
    file(world, place)
    assert (clock_of(place).state, steps(made)) == ("filed", {"file": "succeeded", "tell": "waiting"})


def test_the_limit_of_the_playbook_ends_the_step_and_the_clock_runs_on(world: World, place: Incident) -> None:
    made = playbook(timeout=60_000)
    start(world, place, made)
    world.forward(minutes=2)
    world.fire()
    assert steps(made) == {"file": "timed_out", "explain": "waiting"}
    assert clock_of(place).state == "undetermined"
    file(world, place)
    assert steps(made) == {"file": "timed_out", "explain": "waiting"}


def test_a_playbook_that_waits_for_an_unknown_law_is_refused_with_the_name_of_the_step(world: World) -> None:
    for wrong, code in (({"regime": "cn-cac"}, "regime_unknown"), ({"stage": "first-one"}, "stage_unknown")):
        made = document({"file": filing("end", name="Report it", **wrong), "end": None})
        with pytest.raises(PlaybookFaults) as refused:
            world.playbook(made)
        [fault] = [one for one in refused.value.faults if one.is_error]
        assert (fault.code, fault.args["step"]) == (code, "Report it")


def test_a_summary_waits_until_handling_has_ended(world: World, place: Incident) -> None:
    made = playbook(stage="summary")
    start(world, place, made)
    assert clock_of(place, "summary").state == "waiting"
    assert steps(made) == {"file": "waiting"}
    world.forward(hours=1)
    clock_events.put_handled(place.id, world.now, None, BY, world.now)
    file(world, place, "summary")
    assert clock_of(place, "summary").due_at == world.now + dt.timedelta(days=30)
    assert steps(made) == {"file": "succeeded", "tell": "waiting"}


@pytest.fixture
def supplied(world: World) -> dict[str, Any]:
    """The supplied playbook for reports to authorities, with the departments that it asks."""
    made: dict[str, Any] = load((shipped("playbooks") / "notify-authority.yaml").read_bytes(), "yaml")
    for code in {one["name"] for one in made["agent_definitions"].values()}:
        world.department(code, [(f"duty of {code}", 1)], [5])
    world.playbook(made)
    return made


def waiting_for() -> set[str]:
    """Return the laws of the open tasks that a filing ends."""
    return {one.clock_regime for one in rows(Task, state="open") if one.clock_regime}


@pytest.mark.parametrize(
    ("operator_class", "regime"),
    [("cii", "cn-cac-cii"), ("central_state", "cn-cac-central"), ("other", "cn-cac-other")],
)
def test_the_supplied_playbook_asks_for_the_report_of_the_law_that_applies(
    world: World, supplied: dict[str, Any], operator_class: str, regime: str
) -> None:
    put_profile(world, operator_class)
    incident = world.open()
    runs.start_run(incident.id, supplied["id"], {"__matter__": "security"}, BY, world.now)
    aware(world, incident)
    [grade] = [one for one in rows(Task, state="open") if one.title.startswith("Grade it")]
    world.complete(grade.id, route="other")
    assert waiting_for() == {regime}
    file(world, incident)
    assert waiting_for() == set()
    assert not [one for one in rows(Task) if one.title.startswith("Report within")]


def test_where_no_deadline_runs_the_supplied_playbook_asks_people_as_before(
    world: World, supplied: dict[str, Any]
) -> None:
    incident = world.open()
    runs.start_run(incident.id, supplied["id"], {"__matter__": "personal-data"}, BY, world.now)
    [grade] = [one for one in rows(Task, state="open") if one.title.startswith("Grade it")]
    world.complete(grade.id, route="cii")
    titles = [one.title.partition(" / ")[0] for one in rows(Task, state="open")]
    assert {"Report within one hour", "Report the leak of personal information"} <= set(titles)
    assert waiting_for() == set()
