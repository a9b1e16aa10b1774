"""Trusted signers, and which playbooks start if signatures are required."""

import copy
import datetime as dt
import json
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from incident.actions.directory import departments
from incident.actions.playbooks import playbook_loader, playbooks, runs, signatures, signers
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.core.cacao.signing.sign import sign
from incident.core.incidents.routing_document import read_rules
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.playbooks.playbooks import Playbook, current_playbook
from incident.store.playbooks.runs import Run
from incident.store.playbooks.signers import TrustedSigner
from tests.core.cacao.build import action, document
from tests.core.cacao.signers import about, key, public_pem
from tests.world import BY, START, World, only, rows

LOOK = document({"look": action("done"), "done": None}, name="Look")
CALLER = document(
    {"call": {"type": "playbook-action", "playbook_id": LOOK["id"], "on_completion": "done"}, "done": None},
    name="Caller",
)


def signed(made: dict[str, Any], which: int = 0, **more: Any) -> dict[str, Any]:
    return sign(made, key(which=which), about(created=START - dt.timedelta(days=1), **more))


def trust(world: World, which: int = 0, name: str = "Response centre", **more: Any) -> TrustedSigner:
    window = {"valid_from": None, "valid_until": None} | more
    return signers.add_signer(name, public_pem(which=which), by=BY, now=world.now, **window)


@pytest.fixture
def strict(world: World) -> World:
    """A world in which only signed playbooks start."""
    signatures.demand(db.engine, True)
    return world


def start(world: World, made: dict[str, Any]) -> Run:
    started = runs.start_run(world.open().id, made["id"], {}, BY, world.now)
    assert isinstance(started, Run)
    return started


def why(world: World, made: dict[str, Any]) -> list[str]:
    """The fault codes of a playbook that does not start; the attempt leaves nothing."""
    with pytest.raises(PlaybookFaults) as raised:
        start(world, made)
    assert rows(Run) == []
    return [fault.code for fault in raised.value.faults]


# ------------------------------------------------------------------------------------------------------------ signers
def test_a_signer_is_added_and_revoked_once_and_both_stand_in_the_journal(world: World) -> None:
    row = trust(world)
    assert (row.kind, row.fingerprint) == ("Ed25519", key().public.fingerprint)
    with pytest.raises(RuleError, match=r"signer\.exists"):
        trust(world, name="The same key")
    signers.revoke_signer(row.id, BY, world.now)
    with pytest.raises(RuleError, match=r"signer\.is_revoked"):
        signers.revoke_signer(row.id, BY, world.now)
    with pytest.raises(RuleError, match=r"signer\.unknown"):
        signers.revoke_signer(row.id + 1, BY, world.now)
    kept = [(one.event_type, json.loads(one.detail)["fingerprint"]) for one in rows(Entry, subject=f"signer:{row.id}")]
    assert kept == [("signer.added", row.fingerprint), ("signer.revoked", row.fingerprint)]


def test_a_key_whose_trust_was_revoked_can_be_trusted_again(world: World) -> None:
    signers.revoke_signer(trust(world).id, BY, world.now)
    again = trust(world)
    assert [one.revoked_at is None for one in rows(TrustedSigner)] == [False, True]
    assert again.as_signer().key.fingerprint == key().public.fingerprint


def test_the_same_key_many_times_at_the_same_moment_is_trusted_once(world: World) -> None:
    add = partial(signers.add_signer, "Centre", public_pem(), None, None, BY, world.now)
    done = world.at_once(*[add] * 4)
    assert sum(isinstance(one, TrustedSigner) for one in done) == 1
    assert len(rows(TrustedSigner)) == 1


# -------------------------------------------------------------------------------------------------------------- start
def test_where_nothing_is_asked_for_a_playbook_starts_unsigned(world: World) -> None:
    world.playbook(LOOK)
    assert start(world, LOOK).state == "waiting"


def test_a_signed_playbook_of_a_trusted_signer_starts(strict: World) -> None:
    trust(strict)
    strict.playbook(signed(LOOK))
    assert start(strict, LOOK).state == "waiting"


def test_an_unsigned_playbook_does_not_start(strict: World) -> None:
    trust(strict)
    strict.playbook(LOOK)
    assert why(strict, LOOK) == ["playbook_unsigned"]


def test_a_playbook_that_was_changed_by_one_byte_after_signing_does_not_start(strict: World) -> None:
    trust(strict)
    changed = signed(LOOK)
    changed["name"] = "Look!"
    strict.playbook(changed)
    assert why(strict, LOOK) == ["signature_changed"]


def test_a_playbook_of_somebody_who_is_not_trusted_does_not_start(strict: World) -> None:
    trust(strict, which=1)
    strict.playbook(signed(LOOK))
    assert why(strict, LOOK) == ["signer_unknown"]


def test_trust_that_was_withdrawn_since_the_import_counts_no_more_and_live_runs_go_on(strict: World) -> None:
    row = trust(strict)
    strict.playbook(signed(LOOK))
    run = start(strict, LOOK)
    signers.revoke_signer(row.id, BY, strict.now)
    with pytest.raises(PlaybookFaults, match="signer_revoked"):
        start(strict, LOOK)
    strict.complete(1)
    assert only(Run, id=run.id).state == "succeeded"


def test_a_signature_that_has_run_out_since_the_import_counts_no_more(strict: World) -> None:
    trust(strict)
    strict.playbook(signed(LOOK, valid_until=strict.now + dt.timedelta(hours=1)))
    strict.forward(hours=1)
    assert why(strict, LOOK) == ["signature_late"]


def test_a_signer_whose_time_has_come_to_its_end_counts_no_more(strict: World) -> None:
    trust(strict, valid_until=strict.now + dt.timedelta(hours=1))
    strict.playbook(signed(LOOK))
    strict.forward(hours=1)
    assert why(strict, LOOK) == ["signer_late"]


def test_every_playbook_that_is_called_must_be_signed_too(strict: World) -> None:
    trust(strict)
    strict.playbook(LOOK)
    strict.playbook(signed(CALLER))
    assert why(strict, CALLER) == ["playbook_unsigned"]
    strict.playbook(signed(LOOK))
    assert start(strict, CALLER).state == "waiting"


def test_a_version_may_come_again_with_signatures_and_is_the_one_that_starts_then(strict: World) -> None:
    trust(strict)
    strict.playbook(LOOK)
    strict.playbook(signed(LOOK))
    current = current_playbook(LOOK["id"])
    assert current is not None
    assert (len(rows(Playbook)), "signatures" in current.document) == (2, True)
    assert start(strict, LOOK).pins["main"] == current.content_hash
    other = copy.deepcopy(LOOK) | {"description": "another"}
    with pytest.raises(RuleError, match=r"playbook\.version_exists"):
        strict.playbook(signed(other))


def test_a_playbook_that_a_rule_names_and_that_may_not_start_does_not_keep_the_incident_closed(strict: World) -> None:
    strict.department("net", [("duty", 1)])
    strict.playbook(LOOK)
    book = {"rules": [{"when": {}, "set": {"departments": ["net"], "playbook": LOOK["id"]}}]}
    departments.put_rules(read_rules(book), None, BY, strict.now)
    decided = strict.alert()
    assert decided.decision == "opened"
    incident = only(Incident, number=decided.incident)
    assert (incident.is_unreached, rows(Run)) == (False, [])
    entry = only(Entry, event_type="run.refused")
    assert (entry.incident, entry.subject) == (incident.number, f"playbook:{LOOK['id']}")
    assert [one["code"] for one in json.loads(entry.detail)["faults"]] == ["playbook_unsigned"]


def test_a_playbook_that_is_asked_for_and_may_not_start_refuses_the_incident(strict: World) -> None:
    strict.playbook(LOOK)
    with pytest.raises(PlaybookFaults, match="playbook_unsigned"):
        strict.open(playbook=LOOK["id"])
    assert rows(Incident) == []


def test_what_was_changed_in_the_database_is_neither_started_nor_gone_on_with(world: World) -> None:
    world.playbook(LOOK)
    start(world, LOOK)
    changed = copy.deepcopy(LOOK) | {"name": "Look!"}
    with db.engine.begin() as connection:
        connection.execute(update(Playbook).values(document=changed))
    for kept in (playbook_loader._parsed, playbook_loader._pinned):
        kept.cache_clear()
    db.session.expire_all()
    with pytest.raises(PlaybookFaults, match="playbook_altered"):
        start(world, LOOK)
    with pytest.raises(PlaybookFaults, match="playbook_altered"):
        world.complete(1)


# ------------------------------------------------------------------------------------------------------------- import
def test_signatures_are_looked_at_when_a_playbook_is_added(world: World) -> None:
    trust(world)
    good, changed = signed(LOOK), signed(CALLER, which=1) | {"name": "Call"}
    assert signatures.import_warnings(good, world.now) == signatures.import_warnings(LOOK, world.now) == []
    [warning] = signatures.import_warnings(changed, world.now)
    assert (warning.code, warning.is_error) == ("signature_changed", False)
    world.playbook(good)
    [notified] = json.loads(only(Entry, event_type="playbook.added").detail)["signatures"]
    assert notified == {
        "signee": "Response centre",
        "algorithm": "Ed25519",
        "state": "holds",
        "signer": "Response centre",
        "code": "",
    }


def test_a_playbook_that_will_not_start_is_added_with_a_warning(strict: World) -> None:
    [warning] = signatures.import_warnings(LOOK, strict.now)
    assert (warning.code, warning.is_error) == ("playbook_unsigned", False)
    assert playbooks.add_playbook(LOOK, BY, strict.now).cacao_id == LOOK["id"]
