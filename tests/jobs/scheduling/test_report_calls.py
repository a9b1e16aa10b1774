"""The telephone system is asked for the calls that are due; the number leaves in that request alone."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from incident.actions.reports.identities import seal_contact
from incident.actions.reports.mailbox import withdraw_report
from incident.actions.reports.report_calls import claim_due_call, request_call
from incident.actions.reports.reports import NewReport, submit_report
from incident.actions.unit_of_work import transaction
from incident.app import tools_of
from incident.channels import Means
from incident.core.reports.calls import CALL_LEASE
from incident.identity_key import IdentityKey
from incident.jobs.scheduling.report_calls import place_calls
from incident.jobs.scheduling.workers import Telephone, Tools
from incident.outgoing import Outgoing
from incident.store.journal.journal import Entry
from incident.store.operations.instance import put_instance_setting
from incident.store.reports.report_calls import ReportCall
from incident.store.reports.report_messages import ReportMessage
from tests import receivers
from tests.world import World, only, rows

PHONE, OWN = "139-8765 4321", "+86 10 8012"
REQUESTER = "person:1:Li Wei"


def key_of(world: World) -> IdentityKey:
    return IdentityKey.load(world.settings.home / "identity.key")


def ask(world: World, contact: Mapping[str, str] | None = None) -> None:
    sealed = seal_contact(contact or {"phone": PHONE}, None, "sealed", key_of(world), world.now)
    report = submit_report(
        NewReport(text="a bank that is none"), f"mark {len(rows(ReportCall))}", world.now, contact=sealed
    )
    request_call(report.id, "to learn the time", OWN, REQUESTER, world.now)


def tools(world: World, url: str, headers: Mapping[str, str] | None = None) -> Tools:
    telephone = Telephone(url, headers or {}, lambda: key_of(world))
    means = Means(outgoing=Outgoing(), own_outgoing=Outgoing(allow_private=True, whole_limit=1.0))
    return replace(tools_of(world.app), telephone=telephone, means=means)


def place(world: World, url: str, headers: Mapping[str, str] | None = None) -> ReportCall:
    place_calls(world.app, tools(world, url, headers), lambda: world.now)
    return only(ReportCall)


def test_the_telephone_system_gets_both_numbers_once_and_the_database_neither(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ask(world)
    with receivers.receiver(status=202, body=b"calling 13987654321") as telephone:
        for _ in range(2):
            row = place(world, f"{telephone.url}/calls", {"Authorization": "Bearer t"})
        [asked] = telephone.requests
    assert json.loads(asked.body) == {"from": "+86108012", "to": "13987654321"}
    assert asked.headers["authorization"] == "Bearer t"
    assert asked.headers["idempotency-key"] == row.uuid
    assert (row.state, row.fault) == ("placed", None)
    said = [one.detail for one in rows(Entry)] + [one.event_type for one in rows(Entry)]
    assert "call.placed" in said
    assert "87654321" not in repr(said) + caplog.text


def test_a_telephone_system_that_is_away_is_tried_for_ten_minutes(world: World) -> None:
    ask(world)
    url = f"http://127.0.0.1:{receivers.closed_port()}/calls"
    row = place(world, url)
    assert (row.state, row.attempts) == ("waiting", 1)
    while row.state == "waiting":
        assert row.due_at is not None
        world.forward(seconds=(row.due_at - world.now).total_seconds())
        row = place(world, url)
    assert (row.state, row.fault) == ("failed", "call.unreachable")
    assert row.attempts > 3
    assert (world.now - row.requested_at).total_seconds() <= 600


@pytest.mark.parametrize(("status", "fault"), [(400, "call.refused"), (404, "call.refused"), (503, "call.uncertain")])
def test_a_telephone_system_that_refuses_is_asked_once(world: World, status: int, fault: str) -> None:
    ask(world)
    with receivers.receiver(status=status) as telephone:
        row = place(world, telephone.url)
        world.forward(hours=1)
        row = place(world, telephone.url)
        assert len(telephone.requests) == 1
    assert (row.state, row.fault) == ("failed", fault)


def test_a_telephone_system_that_hangs_may_have_called_and_is_not_asked_again(world: World) -> None:
    ask(world)
    with receivers.receiver(behave=lambda handler: handler.receiver.ended.wait(5) and None) as telephone:
        row = place(world, telephone.url)
    assert (row.state, row.fault) == ("failed", "call.uncertain")


def test_after_a_worker_that_died_in_the_middle_a_call_is_uncertain_and_not_placed_twice(world: World) -> None:
    ask(world)
    assert claim_due_call(key_of(world), world.now) is not None
    with receivers.receiver() as telephone:
        assert place(world, telephone.url).state == "calling"
        world.forward(seconds=CALL_LEASE.total_seconds())
        row = place(world, telephone.url)
        assert telephone.requests == []
    assert (row.state, row.fault) == ("failed", "call.uncertain")


def test_a_reporter_who_has_withdrawn_meanwhile_is_not_called(world: World) -> None:
    ask(world)
    withdraw_report(1, None, world.now)
    with receivers.receiver() as telephone:
        row = place(world, telephone.url)
        assert telephone.requests == []
    assert (row.state, row.fault) == ("failed", "call.withdrawn")


def test_what_is_no_number_is_not_dialled_and_not_repeated(world: World) -> None:
    ask(world, {"phone": "ask my neighbour at 139"})
    with receivers.receiver() as telephone:
        row = place(world, telephone.url)
        assert telephone.requests == []
    assert (row.state, row.fault) == ("failed", "call.number_unusable")


def test_a_demonstration_calls_nobody(world: World) -> None:
    ask(world)
    with transaction("tests", world.now):
        put_instance_setting("is_demonstration", "yes")
    with receivers.receiver() as telephone:
        row = place(world, telephone.url)
        assert telephone.requests == []
    assert (row.state, row.fault) == ("failed", "call.demonstration")


def test_a_number_that_no_key_opens_does_not_keep_other_calls_waiting(world: World) -> None:
    ask(world)
    (world.settings.home / "identity.key").unlink()  # as after a restore without it
    ask(world)
    with receivers.receiver() as telephone:
        place_calls(world.app, tools(world, telephone.url), lambda: world.now)
        assert len(telephone.requests) == 1
    assert [(one.state, one.fault) for one in rows(ReportCall)] == [
        ("failed", "call.number_unusable"),
        ("placed", None),
    ]


def test_the_reporter_is_notified_once_of_a_call_that_is_tried_again(world: World) -> None:
    ask(world)
    url = f"http://127.0.0.1:{receivers.closed_port()}/calls"
    for _ in range(2):
        place(world, url)
        world.forward(minutes=1)
    assert len(rows(ReportMessage)) == 1
