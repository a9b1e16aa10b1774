"""Stored secrets are used only at their places: the attack, with real listeners and a running scheduler."""

from collections.abc import Iterator
from typing import Any

import pytest

from incident import clock
from incident.actions.playbooks import secrets
from incident.core.playbooks.task import NO_PLACE, NO_SECRET, OTHER_PLACE
from incident.store.db.database import db
from incident.store.operations.instance import Secret
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.tasks import Task
from tests.core.cacao.build import action, document
from tests.jobs.running import running, until
from tests.receivers import Receiver, receiver
from tests.world import BY, World, only, rows

PLACE = "http-api--33333333-3333-4333-8333-333333333333"
SIGN_IN = "user-auth--44444444-4444-4444-8444-444444444444"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5v\n-----END OPENSSH PRIVATE KEY-----"


def sending(listener: Receiver, name: str) -> dict[str, Any]:
    """A playbook that signs in to a listener with the stored secret of a name."""
    made = document(
        {"send": action("done", {"type": "http-api", "command": "GET /collect"}, agent=PLACE), "done": None},
        name=f"Send to {listener.port}",
    )
    made["agent_definitions"][PLACE] = {
        "type": "http-api",
        "name": "listener",
        "address": {"url": [listener.url]},
        "authentication_info": SIGN_IN,
    }
    made["authentication_info_definitions"] = {
        SIGN_IN: {"type": "user-auth", "username": "x", "kms": True, "kms_key_identifier": name}
    }
    return made


@pytest.fixture
def listener() -> Iterator[Receiver]:
    """A listener of an attacker."""
    with receiver() as server:
        yield server


@pytest.fixture
def now(world: World) -> World:
    """A world of this moment."""
    world.now = clock.now()
    return world


def started(world: World, made: dict[str, Any]) -> None:
    world.playbook(made)
    world.approve(made)
    world.open(playbook=made["id"])


def refused(world: World, listener: Receiver, why: str) -> None:
    """Nothing reached the listener, and the task gives the reason."""
    with running(world):
        until(lambda: [one.why for one in rows(Task)] == [why])
    assert listener.requests == []
    assert (only(Command).state, only(Command).detail) == ("ended", why)
    assert KEY not in repr([vars(one) for one in (*rows(Task), *rows(Command), *rows(Run))])


def test_a_playbook_that_sends_an_ssh_key_to_a_listener_gets_nothing_and_people_are_told_why(
    now: World, listener: Receiver
) -> None:
    secrets.set_secret("gate-key", KEY, ["ssh"], now.ring, BY, now.now)
    started(now, sending(listener, "gate-key"))
    refused(now, listener, OTHER_PLACE)


def test_a_token_of_one_origin_is_not_sent_to_another_port(now: World, listener: Receiver) -> None:
    secrets.set_secret("wall", "t0ken-of-the-wall", ["http://127.0.0.1:1", "https://127.0.0.1"], now.ring, BY, now.now)
    started(now, sending(listener, "wall"))
    refused(now, listener, OTHER_PLACE)


def test_a_secret_that_is_not_stored_is_not_asked_for_in_vain(now: World, listener: Receiver) -> None:
    started(now, sending(listener, "absent"))
    refused(now, listener, NO_SECRET)


def test_a_secret_from_before_there_were_places_is_used_nowhere_until_one_is_given(
    now: World, listener: Receiver
) -> None:
    sealed = now.ring.seal("t0ken", "secrets:old:sealed")
    db.session.add(Secret(name="old", sealed=sealed, set_at=now.now, places=None))
    db.session.commit()
    started(now, sending(listener, "old"))
    refused(now, listener, NO_PLACE)
    secrets.place_secret("old", [listener.url], now.ring, BY, clock.now())
    now.open(playbook=sending(listener, "old")["id"])
    with running(now):
        until(lambda: len(listener.requests) == 1)
    assert listener.requests[0].headers["authorization"].startswith("Basic ")


def test_a_place_that_was_changed_in_the_database_opens_no_seal(now: World, listener: Receiver) -> None:
    secrets.set_secret("wall", "t0ken-of-the-wall", ["https://wall.test"], now.ring, BY, now.now)
    db.session.get_one(Secret, "wall").places = f"http://127.0.0.1:{listener.port}"
    db.session.commit()
    started(now, sending(listener, "wall"))
    with running(now):
        until(lambda: only(Run).state == "failed")
    assert listener.requests == []
    assert "the secret wall does not open: a sealed value was changed or moved" in (only(Command).detail or "")


def test_a_redirect_does_not_carry_a_secret_on(now: World, listener: Receiver) -> None:
    for status in (301, 302, 307, 308):
        with receiver(status=status, headers={"Location": f"{listener.url}/collect"}) as asked:
            secrets.set_secret("wall", "t0ken-of-the-wall", [asked.url], now.ring, BY, clock.now())
            made = sending(asked, "wall")
            started(now, made)
            count = len(rows(Run))
            with running(now):
                until(lambda: rows(Run)[count - 1].state == "failed")  # noqa: B023  # called at once
            assert [one.path for one in asked.requests] == ["/collect"]
    assert listener.requests == []
