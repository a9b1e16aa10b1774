"""Two people approve a playbook with machine commands once secrets or targets exist; its runs wait until then."""

import datetime as dt
from functools import partial
from typing import Any

import pytest

from incident.actions.playbooks import approving, playbook_loader, runs, secrets, signers, start_requests
from incident.actions.playbooks.approval_status import approval_status, demand_approval
from incident.actions.playbooks.ssh_targets import allow_target
from incident.core.cacao.signing.sign import sign
from incident.core.values.faults import RuleError
from incident.store.approvals import Approval
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.notices import Notice
from incident.store.playbooks.playbooks import current_version
from incident.store.playbooks.runs import Run
from incident.store.queries.start_requests import StartRequest
from tests.core.cacao.build import MACHINE_AGENT, action, document, http, manual
from tests.core.cacao.signers import about, key, public_pem
from tests.world import BY, World, only, rows

OTHER = "person:2:Zhang San"
BLOCK = document({"block": action("end", http(), agent=MACHINE_AGENT), "end": None}, "Block the network")
LOOK = document({"look": action("end", manual("Look")), "end": None}, "Look")


@pytest.fixture
def guarded(world: World) -> World:
    """A world in which a secret is deposited, so that machine commands matter."""
    secrets.set_secret("wall", "t0ken", ["https://wall.example.org"], world.ring, BY, world.now)
    world.department("net", [("duty", 1)])
    world.playbook(BLOCK)
    return world


def hash_of(world: World, made: dict[str, Any]) -> str:
    version = current_version(made["id"])
    assert version is not None
    return approval_status(playbook_loader.bundle_for(version), runs.PROFILE, world.now).content_hash


def approve(world: World, made: dict[str, Any], by: str) -> int:
    """Approve a playbook; return how many approvals are still missing."""
    return approving.approve_playbook(made["id"], hash_of(world, made), by, world.now).missing


def event_types() -> list[str]:
    return [row.event_type for row in rows(Entry)]


def test_an_unapproved_playbook_keeps_no_incident_from_being_opened_and_starts_with_the_second_approval(
    guarded: World,
) -> None:
    incident = guarded.open("net", playbook=BLOCK["id"])
    assert (rows(Run), len(rows(Notice))) == ([], 1), "the department is notified all the same"
    assert (only(StartRequest).state, only(StartRequest).incident_id) == ("scheduled", incident.id)
    assert "run.scheduled" in event_types()
    assert approve(guarded, BLOCK, BY) == 1
    assert rows(Run) == []
    assert approve(guarded, BLOCK, OTHER) == 0
    assert (only(Run).incident_id, only(StartRequest).state) == (incident.id, "started")
    assert event_types().count("playbook.approved") == 2
    guarded.open("net", playbook=BLOCK["id"])
    assert len(rows(Run)) == 2, "what is approved starts at once"


def test_a_request_waits_with_its_values_and_starts_with_them(guarded: World) -> None:
    asks = document(
        {"block": action("end", http(), agent=MACHINE_AGENT), "end": None},
        "Block one",
        playbook_variables={"__port__": {"type": "integer", "external": True}},
    )
    guarded.playbook(asks)
    incident = guarded.open("net")
    with pytest.raises(playbook_loader.PlaybookFaults):
        runs.start_run(incident.id, asks["id"], {"__port__": "many"}, BY, guarded.now)
    assert rows(StartRequest) == [], "a value that does not fit is refused at once, not at the approval"
    runs.start_run(incident.id, asks["id"], {"__port__": 25}, BY, guarded.now)
    with pytest.raises(RuleError) as again:
        runs.start_run(incident.id, asks["id"], {"__port__": 80}, BY, guarded.now)
    assert (again.value.code, again.value.kind) == ("run.is_scheduled", "conflict")
    approve(guarded, asks, BY)
    approve(guarded, asks, OTHER)
    assert only(Run).given == {"__port__": 25}


def test_one_person_counts_once_and_a_token_not_at_all(guarded: World) -> None:
    assert approve(guarded, BLOCK, BY) == 1
    for by, code in ((BY, "approval.is_given"), ("person:1:Li Wei-Ming", "approval.is_given")):
        with pytest.raises(RuleError) as refused:
            approve(guarded, BLOCK, by)
        assert refused.value.code == code
    with pytest.raises(RuleError) as refused:
        approve(guarded, BLOCK, "token:1:robot")
    assert refused.value.code == "approval.not_by_person"
    assert len(rows(Approval)) == 1


def test_the_console_is_the_second_person_and_journalled_as_such(guarded: World) -> None:
    assert approve(guarded, BLOCK, "cli") == 1
    with pytest.raises(RuleError):
        approve(guarded, BLOCK, "cli")
    assert approve(guarded, BLOCK, BY) == 0
    assert [row.actor for row in rows(Entry) if row.event_type == "playbook.approved"] == ["cli", BY]


def test_a_new_version_needs_new_approvals_also_of_a_called_playbook(guarded: World) -> None:
    calls = document(
        {"first": {"type": "playbook-action", "playbook_id": BLOCK["id"], "on_completion": "end"}, "end": None},
        "Call it",
    )
    guarded.playbook(calls)
    for by in (BY, OTHER):
        approve(guarded, calls, by)
    read = hash_of(guarded, calls)
    guarded.playbook(BLOCK | {"modified": "2026-02-02T00:00:00.000Z", "description": "Block it, all of it"})
    incident = guarded.open("net", playbook=calls["id"])
    assert (rows(Run), only(StartRequest).incident_id) == ([], incident.id)
    with pytest.raises(RuleError) as stale:
        approving.approve_playbook(calls["id"], read, "person:3:Wang", guarded.now)
    assert (stale.value.code, stale.value.kind) == ("approval.is_stale", "conflict")
    for by in (BY, OTHER):
        approve(guarded, calls, by)
    assert len(rows(Run)) == 1


@pytest.mark.parametrize("starting", ["nothing at stake", "by people", "switched off", "in a drill"])
def test_what_needs_no_approval_starts_at_once(world: World, starting: str) -> None:
    world.department("net", [("duty", 1)])
    made = LOOK if starting == "by people" else BLOCK
    world.playbook(made)
    if starting != "nothing at stake":
        secrets.set_secret("wall", "t0ken", ["https://wall.example.org"], world.ring, BY, world.now)
    try:
        demand_approval(db.engine, starting != "switched off")
        world.open("net", playbook=made["id"], speed=60 if starting == "in a drill" else None)
    finally:
        demand_approval(db.engine, True)
    assert len(rows(Run)) == 1


def test_what_people_carry_out_cannot_be_approved(guarded: World) -> None:
    guarded.playbook(LOOK)
    with pytest.raises(RuleError) as refused:
        approve(guarded, LOOK, BY)
    assert (refused.value.code, refused.value.kind) == ("approval.not_needed", "conflict")


def test_a_target_allowed_for_ssh_is_at_stake_but_not_one_that_a_playbook_defines(world: World) -> None:
    world.department("net", [("duty", 1)])
    world.playbook(BLOCK)
    world.open("net", playbook=BLOCK["id"])
    assert len(rows(Run)) == 1, "the playbook defines where it sends to, and nothing else is at stake"
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    allow_target("gate.example.org", 22, "root", "gate-key", key, BY, world.now)
    world.open("net", playbook=BLOCK["id"])
    assert (len(rows(Run)), only(StartRequest).state) == (1, "scheduled")


def test_a_playbook_needs_no_approval_while_the_signer_is_trusted_and_what_it_calls_is_signed_too(
    guarded: World,
) -> None:
    calls = document({"first": {"type": "playbook-action", "playbook_id": BLOCK["id"], "on_completion": "end"},
                      "end": None}, "Call it")  # fmt: skip
    for made in (BLOCK, calls):
        guarded.playbook(sign(made, key(), about(created=guarded.now - dt.timedelta(days=1))))
    guarded.open("net", playbook=BLOCK["id"])
    assert rows(Run) == [], "a signature of nobody who is trusted counts for nothing"
    trusted = signers.add_signer("Centre", public_pem(), None, None, BY, guarded.now)
    guarded.open("net", playbook=BLOCK["id"])
    guarded.open("net", playbook=calls["id"])
    assert len(rows(Run)) == 2
    guarded.playbook(BLOCK | {"modified": "2026-02-02T00:00:00.000Z"})
    guarded.open("net", playbook=calls["id"])
    assert len(rows(Run)) == 2, "it calls a version that nobody signed"
    signers.revoke_signer(trusted.id, BY, guarded.now)
    guarded.open("net", playbook=calls["id"])
    assert len(rows(Run)) == 2


def test_a_declined_start_is_not_started_by_the_approval_nor_that_of_a_closed_incident(guarded: World) -> None:
    for _ in range(2):
        guarded.open("net", playbook=BLOCK["id"])
    first, second = rows(StartRequest)
    start_requests.decline_request(first.id, "Not on this network", BY, guarded.now)
    guarded.close(only(Incident, id=second.incident_id), "over")
    for by in (BY, OTHER):
        approve(guarded, BLOCK, by)
    assert rows(Run) == []
    assert [row.state for row in rows(StartRequest)] == ["declined", "scheduled"]


def test_one_incident_on_which_it_cannot_start_keeps_no_other_from_it(guarded: World) -> None:
    asks = document(
        {"block": action("end", http(), agent=MACHINE_AGENT), "end": None},
        "Block one",
        playbook_variables={"__port__": {"type": "integer", "external": True}},
    )
    guarded.playbook(asks)
    for port in (25, 80):
        runs.start_run(guarded.open("net").id, asks["id"], {"__port__": port}, BY, guarded.now)
    broken = rows(StartRequest)[0]
    db.session.get_one(StartRequest, broken.id).given = {"__port__": "many"}
    db.session.commit()
    for by in (BY, OTHER):
        approve(guarded, asks, by)
    assert [row.state for row in rows(StartRequest)] == ["refused", "started"]
    assert only(Run).given == {"__port__": 80}
    assert "run.refused" in event_types()


def test_two_who_approve_at_once_and_one_who_opens_meanwhile_leave_nothing_waiting(guarded: World) -> None:
    for _ in range(3):
        guarded.open("net", playbook=BLOCK["id"])
    read = hash_of(guarded, BLOCK)
    done = guarded.at_once(
        lambda: approving.approve_playbook(BLOCK["id"], read, BY, guarded.now),
        lambda: approving.approve_playbook(BLOCK["id"], read, OTHER, guarded.now),
        lambda: guarded.open("net", playbook=BLOCK["id"]).id,
        lambda: guarded.open("net", playbook=BLOCK["id"]).id,
    )
    assert not [one for one in done if isinstance(one, BaseException)]
    assert len(rows(Run)) == 5
    assert {row.state for row in rows(StartRequest)} == {"started"}


def test_of_many_who_decide_on_one_request_at_the_same_moment_one_does(guarded: World) -> None:
    approve(guarded, BLOCK, BY)
    for turn in range(3):
        incident = guarded.open("net")
        guarded.playbook(LOOK) if not turn else None
        request = start_requests.request_start(incident.id, LOOK["id"], None, OTHER, guarded.now).id
        decline = partial(start_requests.decline_request, request, "no", BY, guarded.now)
        start = partial(runs.start_run, incident.id, LOOK["id"], {}, BY, guarded.now)
        done = guarded.at_once(decline, start, decline, decline, start)
        row = only(StartRequest, id=request)
        assert row.state in ("declined", "started")
        assert len(rows(Entry, event_type="run.request_declined", incident=incident.number)) == (
            row.state == "declined"
        )
        assert len(rows(Run, incident_id=incident.id)) == 1
        refused = {one.code for one in done if isinstance(one, RuleError)}
        assert refused <= {"start_request.has_ended", "run.is_started"}, done
