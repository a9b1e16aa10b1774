"""People, sessions, links, tokens."""

import datetime as dt
from functools import partial

import pytest

from incident.actions.directory import accounts, passwords, people, tokens
from incident.actions.directory.sign_in_throttle import TryKeys
from incident.core.values.faults import RuleError
from incident.store.directory import people as rows_of_people
from incident.store.directory.people import Person, Session
from incident.store.directory.tokens import Token, live_token
from incident.store.journal.journal import Entry
from tests.world import BY, World, only, rows

PASSWORD = "correct horse battery"
HERE = TryKeys("here", "somebody")


def add(world: World, login: str = "li", role: str = "responder", password: str | None = PASSWORD) -> Person:
    return people.add_person(login, "Li Wei", role, None, password, "zh_Hans_CN", BY, world.now)


def code_of(use_case: partial) -> str:
    with pytest.raises(RuleError) as raised:
        use_case()
    return raised.value.code


def test_a_password_is_kept_as_argon2id_and_opens_a_session_that_can_be_revoked(world: World) -> None:
    person = add(world)
    assert (person.password_hash or "").startswith("$argon2id$")
    signed_in, token = people.sign_in("li", PASSWORD, HERE, world.now)
    assert signed_in.id == person.id
    session = rows_of_people.live_session(people.hash_of(token), world.now)
    assert session is not None
    assert session.token_hash != token
    people.revoke_session(session.id, BY, world.now)
    assert rows_of_people.live_session(people.hash_of(token), world.now) is None
    people.revoke_session(session.id, BY, world.now)
    assert len(rows(Entry, event_type="session.revoked")) == 1


def test_a_session_ends_by_itself_after_twelve_hours(world: World) -> None:
    add(world)
    _, token = people.sign_in("li", PASSWORD, HERE, world.now)
    just_before = world.now + people.SESSION_FOR - dt.timedelta(seconds=1)
    session = rows_of_people.live_session(people.hash_of(token), world.now)
    assert session is not None
    accounts.note_use(session.id, just_before)
    assert rows_of_people.live_session(people.hash_of(token), just_before)
    assert rows_of_people.live_session(people.hash_of(token), world.now + people.SESSION_FOR) is None


def test_a_wrong_password_and_an_unknown_login_are_the_same_fault(world: World) -> None:
    add(world)
    add(world, "by-link", password=None)
    for login in ("li", "nobody", "by-link"):
        assert code_of(partial(people.sign_in, login, "x" * 12, HERE, world.now)) == "sign_in.wrong"
    assert rows(Session) == []


@pytest.mark.parametrize(
    ("role", "department", "password", "code"),
    [
        ("king", None, PASSWORD, "role.unknown"),
        ("department", None, PASSWORD, "department.needed"),
        ("department", "nix", PASSWORD, "department.unknown"),
        ("reader", None, "short", "password.short"),
    ],
)
def test_a_person_who_does_not_fit_is_refused(
    world: World, role: str, department: str | None, password: str, code: str
) -> None:
    use_case = partial(people.add_person, "li", "Li", role, department, password, "en", BY, world.now)
    assert (code_of(use_case), rows(Person)) == (code, [])


def test_a_login_is_taken_once_also_at_the_same_moment(world: World) -> None:
    done = world.at_once(*[partial(add, world, password=None)] * 4)
    assert [type(one) for one in done].count(Person) == 1
    assert {one.code for one in done if isinstance(one, RuleError)} == {"person.exists"}


def test_the_set_up_link_makes_one_administrator_also_when_two_use_it_at_the_same_moment(world: World) -> None:
    links = [people.make_link("setup", None, people.SETUP_FOR, BY, world.now) for _ in range(2)]
    done = world.at_once(
        *[partial(people.set_up, link, f"admin{link[:4]}", "Admin", PASSWORD, "en", world.now) for link in links * 2]
    )
    assert [type(one) for one in done].count(Person) == 1, done
    assert {(one.code, one.kind) for one in done if isinstance(one, RuleError)} == {("link.dead", "gone")}
    assert (only(Person).role, only(Entry, event_type="person.added").actor) == ("administrator", "setup")


def test_a_set_up_link_dies_after_a_week_and_signs_nobody_in(world: World) -> None:
    link = people.make_link("setup", None, people.SETUP_FOR, BY, world.now)
    assert code_of(partial(people.sign_in_by_link, link, world.now)) == "link.dead"
    late = world.now + people.SETUP_FOR
    assert code_of(partial(people.set_up, link, "admin", "Admin", PASSWORD, "en", late)) == "link.dead"


def test_a_link_of_the_demonstration_signs_in_and_a_random_one_does_not(world: World) -> None:
    person = add(world, password=None)
    link = people.make_link("demonstration", person.id, people.DEMONSTRATION_FOR, BY, world.now)
    assert people.sign_in_by_link(link, world.now)[0].id == person.id
    assert code_of(partial(people.sign_in_by_link, "x" * 43, world.now)) == "link.dead"


def test_a_token_is_kept_as_a_hash_and_dies_when_it_is_revoked(world: World) -> None:
    made = tokens.make_token("shipper", "source", None, BY, world.now)
    assert made.secret.startswith("int_")
    assert only(Token).token_hash == people.hash_of(made.secret)
    assert live_token(people.hash_of(made.secret)) is not None
    for _ in range(2):
        tokens.revoke_token(made.row.id, BY, world.now)
    assert live_token(people.hash_of(made.secret)) is None
    assert len(rows(Entry, event_type="token.revoked")) == 1
    assert code_of(partial(tokens.revoke_token, 99, BY, world.now)) == "token.unknown"


def test_no_secret_stands_in_the_journal(world: World) -> None:
    add(world)
    _, session = people.sign_in("li", PASSWORD, HERE, world.now)
    secrets = [PASSWORD, session, tokens.make_token("t", "reader", None, BY, world.now).secret]
    secrets.append(people.make_link("setup", None, people.SETUP_FOR, BY, world.now))
    text = " ".join(f"{entry.actor} {entry.subject} {entry.detail}" for entry in rows(Entry))
    assert not [secret for secret in secrets if secret in text]


def test_a_login_that_is_not_here_takes_as_long_as_a_wrong_password() -> None:
    assert not passwords.is_outdated(passwords._NOBODY)  # the same work, by the parameters of today
