"""One action is one transaction: atomic, idempotent under a key, with its journal entries chained last."""

import contextlib
import datetime as dt
import hashlib
import json
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from incident.actions.directory import departments, tokens
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.journal.verifying import verify_journal
from incident.actions.playbooks import runs
from incident.actions.reports import reports
from incident.actions.unit_of_work import (
    IdempotencyKeyReused,
    IdempotentRequest,
    ResponseReplay,
    StoredResponse,
    transaction,
)
from incident.app import listening
from incident.store.db.database import Base, db
from incident.store.directory.departments import Contact, Department
from incident.store.incidents.incidents import Incident
from incident.store.journal import journal
from incident.store.journal.journal import Entry
from incident.store.operations.instance import IdempotencyRecord
from incident.store.playbooks.runs import Run
from incident.store.playbooks.timers import Timer
from incident.store.reports.reports import Report
from tests.core.cacao.build import action, document
from tests.world import BY, World, only, rows

PLAYBOOK = document({"look": action("done", timeout=60_000), "done": None}, name="Look")


def counts() -> dict[str, int]:
    """How many rows each table has."""
    db.session.rollback()
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def once_for(
    world: World, key: str = "k1", request: bytes = b"POST /x {}", owner: str = "token:1"
) -> IdempotentRequest:
    def render(result: object) -> StoredResponse:
        return StoredResponse(201, json.dumps({"made": str(getattr(result, "id", result)), "word": "回执"}))

    return IdempotentRequest(owner, key, request, render, world.ring)


def test_a_fault_at_the_very_end_leaves_no_row_of_the_transaction(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(PLAYBOOK)
    head = journal.head()
    assert head is not None
    stray = Entry(seq=head.count + 3, at=world.now, actor="x", event_type="x", subject="x", detail="{}", hash="0" * 64)
    with transaction("x", world.now):
        db.session.add(stray)
    before = counts()
    with pytest.raises(IntegrityError):
        world.open("net", playbook=PLAYBOOK["id"])
    assert counts() == before


def test_an_incident_its_run_task_timers_notice_and_message_come_in_one_commit(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(PLAYBOOK)
    before = counts()
    world.open("net", playbook=PLAYBOOK["id"])
    added = {name: after - before[name] for name, after in counts().items() if after != before[name]}
    assert {name: added.get(name) for name in ("incidents", "runs", "tasks", "timers", "notices", "messages")} == {
        "incidents": 1,
        "runs": 1,
        "tasks": 1,
        "timers": 2,
        "notices": 1,
        "messages": 1,
    }
    entries = rows(Entry, incident="INC-2026-000001")
    assert [entry.event_type for entry in entries] == [
        "incident.opened",
        "run.started",
        "task.opened",
        "notice.created",
    ]
    assert {(entry.actor, entry.at) for entry in entries} == {(BY, world.now)}


def test_an_error_rolls_its_transaction_back_and_the_next_one_starts_clean(world: World) -> None:
    def fail() -> None:
        with transaction(BY, world.now) as uow:
            db.session.add(Department(code="lost", name="Lost", created_at=world.now))
            db.session.flush()
            uow.record("department.added", "department:lost", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    world.department("kept")
    assert [row.code for row in rows(Department)] == ["kept"]
    assert [entry.subject for entry in rows(Entry)] == ["department:kept"]


def test_only_an_action_that_adds_a_timer_or_a_message_wakes_the_scheduler(world: World) -> None:
    world.department("net", [("duty", 1)])
    with contextlib.closing(listening(world.settings)()) as listener:
        listener.wait(0.0)
        world.department("quiet")
        assert listener.wait(0.1) is False
        world.open("net")
        assert listener.wait(5.0) is True


def test_a_timer_that_the_next_sweeps_will_find_in_time_wakes_nobody(world: World) -> None:
    for code, minutes in (("far", 10), ("near", 0.1)):
        world.contact(world.department(code, waits=[minutes]), channel="inbox")
    with contextlib.closing(listening(world.settings)()) as listener:
        listener.wait(0.0)
        world.open("far")
        assert listener.wait(0.1) is False
        world.open("near")
        assert listener.wait(5.0) is True


def test_the_same_key_gives_the_first_answer_again_secret_and_all(world: World) -> None:
    secrets = []

    def make() -> None:
        def render(made: tokens.CreatedToken) -> StoredResponse:
            secrets.append(made.secret)
            return StoredResponse(201, json.dumps({"token": made.secret}))

        idempotency = IdempotentRequest("token:1", "k", b"POST /tokens {}", render, world.ring)
        tokens.make_token("shipper", "source", None, BY, world.now, idempotency)

    make()
    world.forward(hours=23, minutes=59)
    with pytest.raises(ResponseReplay) as answered:
        make()
    assert answered.value.answer == StoredResponse(201, json.dumps({"token": secrets[0]}))
    assert len(secrets) == 1
    kept = only(IdempotencyRecord)
    assert secrets[0] not in kept.sealed_response


def test_the_same_key_with_another_body_is_refused_and_does_nothing(world: World) -> None:
    departments.add_department("net", "Network", None, BY, world.now, once_for(world, request=b"one"))
    with pytest.raises(IdempotencyKeyReused):
        departments.add_department("web", "Web", None, BY, world.now, once_for(world, request=b"two"))
    assert only(Department).code == "net"


def test_a_key_belongs_to_its_owner(world: World) -> None:
    departments.add_department("net", "Network", None, BY, world.now, once_for(world, owner="token:1"))
    departments.add_department("web", "Web", None, BY, world.now, once_for(world, owner="token:2"))
    assert len(rows(Department)) == 2


def test_a_key_is_free_again_after_a_day(world: World) -> None:
    departments.add_department("net", "Network", None, BY, world.now, once_for(world))
    world.forward(hours=24)
    departments.add_department("web", "Web", None, BY, world.now, once_for(world, request=b"another"))
    assert len(rows(Department)) == 2
    assert only(IdempotencyRecord).stored_at == world.now


def test_a_failed_action_stores_no_response_so_that_it_can_be_retried(world: World) -> None:
    department = world.department("net")
    head = journal.head()
    assert head is not None
    with transaction("x", world.now):
        db.session.add(
            Entry(seq=head.count + 1, at=world.now, actor="x", event_type="x", subject="x", detail="{}", hash="0" * 64)
        )
    add = partial(departments.add_contact, department.id, "duty", "inbox", None, 1, "en", None, world.ring, BY)
    with pytest.raises(IntegrityError):
        add(world.now, once_for(world))
    assert (rows(IdempotencyRecord), rows(Contact)) == ([], [])


@pytest.mark.parametrize("kind", ["contact", "incident", "note", "report", "run", "token", "department", "link"])
def test_two_equal_requests_at_the_same_moment_do_it_once_and_both_get_one_answer(world: World, kind: str) -> None:
    department = world.department("net", [("duty", 1)])
    incident = world.open("net")
    world.playbook(PLAYBOOK)
    report = reports.submit_report(reports.NewReport(text="fraud"), "ABCD", world.now)
    before = counts()
    at, by = world.now, BY
    use_cases = {
        "contact": lambda idempotency: departments.add_contact(
            department.id, "hook", "webhook", "https://h.test", 1, "en", "whsec_x", world.ring, by, at, idempotency
        ),
        "department": lambda idempotency: departments.add_department("web", "Web", None, by, at, idempotency),
        "incident": lambda idempotency: incidents.open_incident(
            NewIncident(title="one"), by, at, world.zone, idempotency
        ),
        "note": lambda idempotency: incidents.add_note(incident.id, "seen", by, at, idempotency),
        "report": lambda idempotency: reports.submit_report(reports.NewReport(text="scam"), "EFGH", at, idempotency),
        "run": lambda idempotency: runs.start_run(incident.id, PLAYBOOK["id"], {}, by, at, idempotency),
        "token": lambda idempotency: tokens.make_token("t", "source", None, by, at, idempotency),
        "link": lambda idempotency: reports.link_report(incident.id, report.id, by, at, idempotency),
    }
    idempotency = once_for(world)
    done = world.at_once(*[partial(use_cases[kind], idempotency)] * 4)
    answered = [one.answer for one in done if isinstance(one, ResponseReplay)]
    assert [type(one) for one in done].count(ResponseReplay) == 3, done
    assert len(set(answered)) == 1
    assert len(rows(IdempotencyRecord)) == 1
    table = {
        "contact": "contacts", "incident": "incidents", "report": "reports", "run": "runs", "token": "tokens",
        "department": "departments", "link": "report_links",
    }.get(kind)  # fmt: skip
    if table:
        assert counts()[table] == before[table] + 1
    assert verify_journal().is_intact


def test_eight_writers_at_once_make_one_chain_that_verifies(world: World) -> None:
    world.department("net", [("duty", 1)])

    def write(number: int) -> None:
        for turn in range(6):
            incidents.open_incident(
                NewIncident(title=f"{number}/{turn}", departments=("net",)), BY, world.now, world.zone
            )

    done = world.at_once(*[partial(write, number) for number in range(8)])
    assert done == [None] * 8
    verdict = verify_journal()
    assert verdict.is_intact
    entries = rows(Entry)
    assert [entry.seq for entry in entries] == list(range(1, verdict.count + 1))
    numbers = [row.number for row in rows(Incident)]
    assert sorted(numbers) == [f"INC-2026-{count:06d}" for count in range(1, 49)]
    assert len(rows(Timer)) == 48


def test_a_moment_without_time_zone_is_refused_by_the_table(world: World) -> None:
    with pytest.raises(Exception, match="without time zone"), transaction(BY, world.now):
        db.session.add(Report(receipt_hash="x", text="x", channel="web", received_at=dt.datetime(2026, 3, 1)))  # noqa: DTZ001


def test_a_run_keeps_moments_in_utc_whatever_zone_they_were_given_in(world: World) -> None:
    world.department("net")
    beijing = dt.timezone(dt.timedelta(hours=8))
    incident = world.open("net", occurred_at=dt.datetime(2026, 3, 2, 8, 30, tzinfo=beijing))
    assert only(Incident, id=incident.id).occurred_at == dt.datetime(2026, 3, 2, 0, 30, tzinfo=dt.UTC)
    assert rows(Run) == []


def test_what_is_kept_of_a_request_tells_nothing_to_who_tries_every_request(world: World) -> None:
    request = b"POST /x\n{'pin': 1234}"
    world_once = IdempotentRequest("token:1", "k:1", request, lambda made: StoredResponse(201, made.code), world.ring)
    departments.add_department("web", "Web", None, BY, world.now, world_once)
    kept = only(IdempotencyRecord).request_hash
    assert kept.startswith("1~")
    assert hashlib.sha256(request).hexdigest() not in kept
    with pytest.raises(ResponseReplay):
        departments.add_department("web", "Web", None, BY, world.now, world_once)


def test_an_answer_that_an_earlier_version_kept_is_given_again(world: World) -> None:
    request = b"POST /x"
    idempotency = IdempotentRequest("token:1", "k:1", request, lambda made: StoredResponse(201, made.code), world.ring)
    departments.add_department("web", "Web", None, BY, world.now, idempotency)
    with transaction(BY, world.now):
        row = only(IdempotencyRecord)
        row.request_hash = hashlib.sha256(request).hexdigest()
        row.sealed_response = world.ring.seal("201 web", idempotency.place)
    with pytest.raises(ResponseReplay) as before:
        departments.add_department("web", "Web", None, BY, world.now, idempotency)
    assert before.value.answer == StoredResponse(201, "web")
    other = IdempotentRequest("token:1", "k:1", b"POST /y", lambda made: StoredResponse(201, made.code), world.ring)
    with pytest.raises(IdempotencyKeyReused):
        departments.add_department("web", "Web", None, BY, world.now, other)
