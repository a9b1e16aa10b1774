"""Attacks on the sign-in throttle: many attempts at once, from many addresses, on another person's login."""

import datetime as dt
from functools import partial
from threading import Lock
from typing import Any

import pytest

from incident.actions.directory import people, sign_in_throttle
from incident.actions.directory.sign_in_throttle import TryKeys
from incident.actions.operations import housekeeping
from incident.core.directory.sign_in_throttle import FREE_TRIES, MAX_TRIES
from incident.core.values.faults import RuleError
from incident.store.directory.people import Throttle
from incident.store.directory.sign_in_failures import SignInFailures
from incident.store.directory.sign_in_tries import SignInTries
from incident.store.journal.journal import Entry
from incident.store.queries import health
from tests.world import BY, World, only, rows

PASSWORD = "correct horse battery"
ATTACKER = TryKeys("attacker li", "li")
OWNER = TryKeys("owner li", "li")
QUARTER = dt.timedelta(minutes=15)


class Hashes:
    """Replaces the password hash, and counts its calls."""

    def __init__(self) -> None:
        self.count = 0
        self.is_busy = False
        self._lock = Lock()

    def __call__(self, kept: str | None, password: str) -> bool:
        with self._lock:
            self.count += 1
        if self.is_busy:
            raise RuleError("hashing.busy", kind="unavailable")
        return kept == password


@pytest.fixture
def hashes(world: World, monkeypatch: pytest.MonkeyPatch) -> Hashes:
    """Li, whose password is its own hash, so that attempts are fast."""
    found = Hashes()
    monkeypatch.setattr(people, "is_password", found)
    monkeypatch.setattr(people, "hash_password", lambda password: password)
    monkeypatch.setattr(people, "is_outdated", lambda _kept: False)
    people.add_person("li", "Li Wei", "responder", None, PASSWORD, "zh_Hans_CN", BY, world.now)
    return found


def outcome(world: World, password: str, keys: TryKeys, login: str = "li") -> Any:
    try:
        return people.sign_in(login, password, keys, world.now)[0].login
    except RuleError as fault:
        return fault.code


def test_of_a_hundred_guesses_at_the_same_moment_no_more_are_looked_at_than_one_after_the_other(
    world: World, hashes: Hashes
) -> None:
    guess = partial(people.sign_in, "li", "wrong password", ATTACKER, world.now)
    codes = [one.code for one in world.at_once(*[guess] * 100)]
    assert hashes.count == FREE_TRIES
    assert sorted(set(codes)) == ["sign_in.too_soon", "sign_in.wrong"]
    assert codes.count("sign_in.wrong") == FREE_TRIES


def test_wrong_tries_of_others_lock_nobody_out(world: World, hashes: Hashes) -> None:
    for number in range(300):
        outcome(world, "wrong password", TryKeys(f"attacker {number}", "li"))
    assert outcome(world, PASSWORD, OWNER) == "li"


def test_the_waiting_grows_is_told_at_once_and_is_over_with_the_right_password(world: World, hashes: Hashes) -> None:
    waits = []
    for _ in range(FREE_TRIES + 9):
        assert outcome(world, "wrong password", ATTACKER) == "sign_in.wrong"
        try:
            sign_in_throttle.count_sign_in(ATTACKER, None, world.now)
        except RuleError as fault:
            waits.append(fault.arguments["retry_after"])
            world.forward(seconds=waits[-1])
    assert waits[:2] + waits[-2:] == [5, 10, 900, 900]
    assert hashes.count == FREE_TRIES + 9
    assert outcome(world, PASSWORD, ATTACKER) == "li"
    for _ in range(FREE_TRIES):
        assert outcome(world, "wrong password", ATTACKER) == "sign_in.wrong"


def test_who_waits_may_not_even_with_the_right_password_and_other_names_may(world: World, hashes: Hashes) -> None:
    for _ in range(FREE_TRIES):
        outcome(world, "wrong password", ATTACKER)
    assert outcome(world, PASSWORD, ATTACKER) == "sign_in.too_soon"
    assert outcome(world, "wrong password", TryKeys("attacker chen", "chen"), "chen") == "sign_in.wrong"
    world.forward(seconds=5)
    assert outcome(world, PASSWORD, ATTACKER) == "li"


def test_a_try_that_was_not_looked_at_does_not_count(world: World, hashes: Hashes) -> None:
    hashes.is_busy = True
    for _ in range(FREE_TRIES * 3):
        assert outcome(world, PASSWORD, OWNER) == "hashing.busy"
    hashes.is_busy = False
    assert outcome(world, PASSWORD, OWNER) == "li"


def test_after_a_day_all_is_forgotten_and_taken_off_the_table(world: World, hashes: Hashes) -> None:
    for _ in range(FREE_TRIES):
        outcome(world, "wrong password", ATTACKER)
    world.forward(hours=25)
    for _ in range(FREE_TRIES):
        assert outcome(world, "wrong password", ATTACKER) == "sign_in.wrong"
    world.forward(hours=25)
    housekeeping.run_housekeeping(world.now)
    assert rows(SignInTries) == []


def test_when_the_time_is_put_back_nobody_waits_for_the_old_time(world: World, hashes: Hashes) -> None:
    for _ in range(FREE_TRIES):
        outcome(world, "wrong password", ATTACKER)
    world.forward(hours=-5)
    assert outcome(world, PASSWORD, ATTACKER) == "li"


def test_from_a_hundred_tries_an_hour_for_one_name_on_it_is_trouble_and_nobody_is_refused(
    world: World, hashes: Hashes
) -> None:
    for number in range(MAX_TRIES - 1):
        outcome(world, "wrong password", TryKeys(f"attacker {number}", "li"))
        outcome(world, "wrong password", TryKeys(f"attacker of nobody {number}", "nobody"), "nobody")
    assert health.watchdog_measures(world.now).attacked_logins == ()
    outcome(world, "wrong password", TryKeys("last", "li"))
    outcome(world, "wrong password", TryKeys("last of nobody", "nobody"), "nobody")
    assert health.watchdog_measures(world.now).attacked_logins == (("li", MAX_TRIES),)
    assert outcome(world, PASSWORD, OWNER) == "li"
    world.forward(hours=1, seconds=1)
    assert health.watchdog_measures(world.now).attacked_logins == ()


def test_of_uses_at_the_same_moment_no_more_than_the_limit_are_let_through(world: World) -> None:
    done = world.at_once(*[partial(sign_in_throttle.count_use, "k", 10, QUARTER, world.now)] * 30)
    assert done.count(None) == 10
    assert only(Throttle).count == 10
    world.forward(days=2)
    sign_in_throttle.count_use("k", 10, QUARTER, world.now)
    assert only(Throttle).count == 1


def test_a_limit_is_refused_with_the_minutes_to_wait(world: World) -> None:
    for _ in range(3):
        sign_in_throttle.count_use("k", 3, QUARTER, world.now)
    with pytest.raises(RuleError) as raised:
        sign_in_throttle.count_use("k", 3, QUARTER, world.now)
    assert (raised.value.code, raised.value.arguments["minutes"]) == ("throttle.too_often", 15)


def failures(world: World) -> list[tuple[str, str]]:
    return [(entry.subject, entry.detail) for entry in rows(Entry) if entry.event_type == "sign_in.failed"]


def test_failed_sign_ins_leave_one_entry_an_hour_with_person_and_address(world: World, hashes: Hashes) -> None:
    somewhere = TryKeys("somewhere li", "li", "203.0.113.7")
    for count in range(4):
        outcome(world, f"wrong {count}", somewhere)
    [(subject, detail)] = failures(world)
    assert subject.startswith("person:")
    assert "203.0.113.7" in detail
    assert outcome(world, PASSWORD, OWNER) == "li"
    world.forward(minutes=61)
    outcome(world, "wrong", somewhere)
    assert len(failures(world)) == 2


def test_guesses_at_names_that_nobody_has_leave_one_entry_an_hour_and_none_of_the_names(
    world: World, hashes: Hashes
) -> None:
    for count in range(30):
        outcome(world, "wrong", TryKeys(f"place {count}", f"name {count}", f"198.51.100.{count}"), f"secret-{count}")
    [(subject, detail)] = failures(world)
    assert subject == "sign_in:unknown"
    assert "secret" not in subject + detail


def test_of_many_failures_at_the_same_moment_one_leaves_an_entry(world: World, hashes: Hashes) -> None:
    tries = [partial(outcome, world, f"wrong {count}", TryKeys(f"place {count}", "li")) for count in range(12)]
    world.at_once(*tries)
    assert len(failures(world)) == 1


def test_windows_that_are_over_are_forgotten(world: World, hashes: Hashes) -> None:
    outcome(world, "wrong", ATTACKER)
    assert len(rows(SignInFailures)) == 1
    housekeeping.run_housekeeping(world.now + dt.timedelta(hours=2))
    assert rows(SignInFailures) == []
