"""The demonstration is loaded by ordinary actions, in order of time, only into an empty home."""

import datetime as dt

import pytest

from incident import data
from incident.actions.journal import verifying
from incident.actions.notifications import on_duty
from incident.actions.operations import demonstration, timers
from incident.actions.report_recipients import recipient_directory
from incident.config import shipped
from incident.core.cacao import load
from incident.core.documents.numbering import SERIES
from incident.core.duty.on_duty import Gap
from incident.core.values.faults import RuleError
from incident.data.reporting_regimes import shipped_regimes
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.directory import people
from incident.store.directory.departments import department_by_code
from incident.store.documents.series import all_series
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.operations import instance
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer
from incident.store.reports.reports import Report
from tests.world import World, only, rows

on_sqlite_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = dt.datetime(2026, 11, 21, 8, 30, tzinfo=dt.UTC)


def load_into(world: World) -> None:
    documents = [load(file.read_bytes(), "yaml") for file in sorted(shipped("playbooks").glob("*.yaml"))]
    demonstration.load_demonstration(data.demonstration(), documents, world.post, world.zone, NOW)


def incident_of(title: str) -> Incident:
    [found] = [incident for incident in rows(Incident) if incident.title.startswith(title)]
    return found


def gaps_of(code: str) -> tuple[Gap, ...]:
    department = department_by_code(code)
    assert department is not None
    plan = on_duty.plan_of(department)
    assert plan is not None
    return plan.gaps(NOW, NOW + dt.timedelta(days=90))


def test_the_demonstration_shows_every_state_that_there_is(world: World) -> None:
    assert demonstration.is_empty()
    load_into(world)
    assert not demonstration.is_empty()
    found = rows(Incident)
    assert {incident.status for incident in found} == {"new", "handling", "closed"}
    assert {incident.grade for incident in found} == {1, 2, 3, 4}
    assert [incident.title for incident in found if incident.is_unreached] == [
        "Request from abroad for server logs of a hosting customer"
    ]
    assert [incident.tlp for incident in found].count("red") == 1
    assert {notice.state for notice in rows(Notice)} >= {"open", "acknowledged", "exhausted"}
    assert {report.state for report in rows(Report)} == {"received", "accepted", "handled"}
    assert {run.state for run in rows(Run)} == {"succeeded", "waiting"}
    assert any(task.state == "open" for task in rows(Task))
    assert {code: len(gaps_of(code)) for code in ("cert", "it-ops", "duty-office")} == {
        "cert": 0,
        "it-ops": 1,
        "duty-office": 0,
    }
    assert verifying.verify_journal(None).is_intact
    assert {person.role for person in people.first_of_each_role()} >= {
        *("administrator", "coordinator", "responder", "department", "reader")
    }


@on_sqlite_alone
def test_nothing_of_the_demonstration_leaves_and_all_of_the_past_has_been_told(world: World) -> None:
    load_into(world)
    assert instance.instance_setting("is_demonstration") is True
    first = rows(Entry)[0]
    assert first.event_type == "demonstration.started"
    assert {message.state for message in rows(Message)} == {"sent"}


@on_sqlite_alone
def test_the_journal_of_the_demonstration_is_whole_and_in_the_order_of_time(world: World) -> None:
    load_into(world)
    moments = [entry.at for entry in rows(Entry)]
    assert moments == sorted(moments)
    assert moments[-1] <= NOW
    assert verifying.verify_journal(None).is_intact


@on_sqlite_alone
def test_a_visitor_sees_an_escalation_within_minutes_and_tasks_that_run_out(world: World) -> None:
    load_into(world)
    pending = rows(Timer, state="pending")
    assert all(timer.due_at > NOW for timer in pending)
    soon = [timer for timer in pending if timer.due_at <= NOW + dt.timedelta(minutes=6)]
    assert [timer.kind for timer in soon].count("escalate") == 2
    fraud = incident_of("冒充医保部门")
    assert only(Notice, incident_id=fraud.id).level == 1
    timers.fire_due(NOW + dt.timedelta(minutes=3))
    assert only(Notice, incident_id=fraud.id).level == 2


@on_sqlite_alone
def test_a_home_that_holds_something_is_refused(world: World) -> None:
    world.department("net", [("duty", 1)])
    with pytest.raises(RuleError) as refused:
        load_into(world)
    assert refused.value.code == "demonstration.not_empty"
    assert refused.value.kind == "conflict"
    assert instance.instance_setting("is_demonstration") is None
    db.session.rollback()


def test_a_newcomer_sees_deadlines_that_run_one_that_was_filed_and_who_receives_reports(world: World) -> None:
    load_into(world)
    flood = {one.stage: one for one in clock_rows.clocks_of(incident_of("Denial of service").id)}
    assert (flood["first"].state, flood["upward"].state, flood["summary"].state) == ("filed", "filed", "waiting")
    assert [one.receipt_number for one in clock_rows.filings_of(flood["first"].incident_id)][1] == "2026-0117"
    beacon = {one.stage: one for one in clock_rows.clocks_of(incident_of("Beacon to a known").id)}
    assert beacon["first"].state == "undetermined"
    assert beacon["first"].due_at == NOW + dt.timedelta(minutes=39)
    directory = recipient_directory()
    first = shipped_regimes()["cn-cac-cii"].stage("first")
    assert [one.departments for one in directory.resolutions(first)] == [("content-office",), ("cyber-police",)]


def test_a_newcomer_can_sign_every_kind_of_document(world: World) -> None:
    load_into(world)
    assert {one.series for one in all_series()} == set(SERIES)
