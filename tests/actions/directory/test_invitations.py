"""Open links that set a password, and sessions that an administrator ends."""

import datetime as dt

import pytest

from incident.actions.directory import accounts, invitations, people
from incident.core.values.faults import RuleError
from incident.store.directory.invitations import latest_links
from incident.store.directory.people import Person, live_session, person_by_login
from incident.store.journal.journal import Entry
from incident.store.queries.settings_counts import settings_counts
from tests.world import BY, World, rows


def invited(world: World, login: str = "ann") -> int:
    return people.add_person(login, login.title(), "responder", None, None, "en", BY, world.now).id


def test_a_link_says_where_it_was_sent_until_a_newer_one_replaces_it(world: World) -> None:
    ann = invited(world)
    accounts.make_password_link(ann, BY, world.now, "ann@example.org")
    assert latest_links([ann])[ann].sent_to == "ann@example.org"
    accounts.make_password_link(ann, BY, world.now)
    assert latest_links([ann])[ann].sent_to is None


def count_invited(now: dt.datetime) -> tuple[int, int]:
    counts = settings_counts(now)
    return counts.invited, counts.expired


def test_people_are_invited_expired_or_here(world: World) -> None:
    ann, bob = invited(world), invited(world, "bob")
    assert count_invited(world.now) == (0, 2)
    token = accounts.make_password_link(ann, BY, world.now)
    accounts.make_password_link(bob, BY, world.now)
    assert count_invited(world.now) == (2, 0)
    accounts.set_password_by_link(token, "a long enough password", world.now)
    assert count_invited(world.now) == (1, 0)
    assert count_invited(world.now + accounts.INVITATION_FOR) == (0, 1)


def test_a_withdrawn_link_sets_no_password_and_is_withdrawn_once(world: World) -> None:
    token = accounts.make_password_link(ann := invited(world), BY, world.now)
    for _ in range(2):
        invitations.withdraw_link(ann, BY, world.now)
    with pytest.raises(RuleError) as refused:
        accounts.set_password_by_link(token, "a long enough password", world.now)
    assert refused.value.code == "link.dead"
    assert [one.subject for one in rows(Entry) if one.event_type == "password.link_withdrawn"] == [f"person:{ann}"]


def test_signing_in_is_remembered_when_its_session_is_long_over(world: World) -> None:
    invited(world)
    person = person_by_login("ann")
    assert person is not None
    people.open_session(person, world.now)
    (kept,) = rows(Person)
    assert kept.signed_in_at == world.now


def test_an_administrator_signs_somebody_out_on_every_device(world: World) -> None:
    ann = invited(world)
    person = person_by_login("ann")
    assert person is not None
    tokens = [people.open_session(person, world.now + dt.timedelta(minutes=at)) for at in range(2)]
    for _ in range(2):
        invitations.sign_out_everywhere(ann, BY, world.now)
    assert [live_session(people.hash_of(one), world.now) for one in tokens] == [None, None]
    assert len([one for one in rows(Entry) if one.event_type == "session.revoked"]) == 1


def test_nobody_is_signed_out_who_does_not_exist(sqlite_world: World) -> None:
    for use_case in (invitations.withdraw_link, invitations.sign_out_everywhere):
        with pytest.raises(RuleError) as refused:
            use_case(99, BY, sqlite_world.now)
        assert refused.value.code == "person.unknown"
