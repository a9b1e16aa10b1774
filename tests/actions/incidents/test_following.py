"""Followers of an incident and mentioned people are notified once, and only while they may see it."""

import datetime as dt
import json

import pytest

from incident.actions.deadlines import grading
from incident.actions.directory import people
from incident.actions.incidents import incidents
from incident.actions.incidents.assignment_undo import undo_assignment
from incident.actions.incidents.following import follow_incident, read_news
from incident.actions.operations.housekeeping import run_housekeeping
from incident.core.incidents.news import KEPT_FOR, READ_KEPT_FOR
from incident.core.values.access import Role, Viewer
from incident.store.db.counting import count_some
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import NewsItem
from incident.store.journal import journal
from incident.store.queries.news_list import unread_news, unread_news_ids
from incident.store.queries.visibility import visible_incidents
from tests.world import BY, World, rows


def person(world: World, login: str, role: Role = "reader") -> Person:
    """Add a person."""
    return people.add_person(login, f"Person {login}", role, None, None, "en", BY, world.now)


@pytest.fixture(autouse=True)
def _actor(world: World) -> None:
    """Add the person who makes the changes."""
    assert BY.startswith(f"person:{person(world, 'li', 'coordinator').id}:")


def follows(world: World, incident: Incident, who: Person) -> None:
    """Let a person follow an incident."""
    follow_incident(incident.id, who.id, BY, world.now)


def told(who: Person, role: Role = "reader") -> list[tuple[str, str]]:
    """What a person has not read yet, the newest first."""
    viewer = Viewer(role, frozenset(), who.id)
    found: list[tuple[str, str]] = [(row[0].kind, row[0].words) for row in unread_news(viewer, 100)]
    assert count_some(unread_news_ids(viewer, visible_incidents(viewer))) == len(found)
    return found


def test_followers_are_told_of_grade_status_and_closing_and_nobody_else_is(world: World) -> None:
    incident, follower, other = world.open(grade=3), person(world, "follower"), person(world, "other")
    follows(world, incident, follower)
    follows(world, incident, follower)
    for minute, change in enumerate(
        (
            lambda: world.change(incident, grade=2, title="Graver"),
            lambda: incidents.acknowledge_incident(incident.id, None, BY, "api", world.now),
            lambda: world.close(incident),
            lambda: world.change(world.open(), grade=1),
        )
    ):
        world.now += dt.timedelta(minutes=minute)
        change()
    assert told(follower) == [("closed", "done"), ("status", "handling"), ("grade", "2")]
    assert told(other) == []


def test_followers_are_told_of_a_new_owner_and_that_there_is_none_any_more(world: World) -> None:
    incident, follower, boss = world.open(grade=3), person(world, "follower"), person(world, "boss", "coordinator")
    follows(world, incident, follower)
    given = world.change(incident, owner="boss")
    assert told(follower) == [("owner", "Person boss")]
    undo_assignment(incident.id, given.version, BY, world.now)
    assert told(follower) == [("owner", "")]
    incidents.acknowledge_incident(incident.id, None, f"person:{boss.id}:Boss", "api", world.now, person_id=boss.id)
    assert told(follower) == [("status", "handling"), ("owner", "Person boss")]


def test_followers_are_told_of_a_grade_that_was_decided_by_grading(world: World) -> None:
    incident, follower = world.open(grade=4), person(world, "follower")
    follows(world, incident, follower)
    grading.put_answers(incident.id, {"persons_leaked": 10**7}, BY, world.now)
    grading.decide_grade(incident.id, 2, None, BY, world.now)
    assert told(follower) == [("grade", "2")]


def test_an_unread_change_of_a_kind_is_replaced_by_the_next_and_what_is_read_is_gone(world: World) -> None:
    incident, follower = world.open(grade=4), person(world, "follower")
    follows(world, incident, follower)
    for grade in (3, 2):
        world.change(incident, grade=grade)
    assert told(follower) == [("grade", "2")]
    read_news(follower.id, incident.id, BY, world.now)
    assert told(follower) == []
    world.change(incident, grade=1)
    assert told(follower) == [("grade", "1")]


def test_who_made_the_change_and_who_does_not_follow_any_more_is_told_nothing(world: World) -> None:
    incident, actor, former = world.open(grade=4), person(world, "actor", "responder"), person(world, "former")
    for one in (actor, former):
        follows(world, incident, one)
    follow_incident(incident.id, former.id, BY, world.now, is_wanted=False)
    incidents.change_incident(incident.id, {"grade": 1}, None, f"person:{actor.id}:Actor", world.now)
    assert rows(NewsItem) == []


def test_a_follower_who_may_no_longer_see_the_incident_is_told_nothing_and_loses_what_was_unread(world: World) -> None:
    incident, follower, boss = world.open(grade=4), person(world, "follower"), person(world, "boss", "coordinator")
    for one in (follower, boss):
        follows(world, incident, one)
    world.change(incident, grade=3)
    assert told(follower) == [("grade", "3")]
    world.change(incident, tlp="red")
    world.change(incident, grade=2)
    incidents.add_note(incident.id, "For @follower and @boss", BY, world.now)
    assert told(follower) == []
    assert told(boss, "coordinator") == [("mentioned", "For @follower and @boss"), ("grade", "2")]
    world.change(incident, tlp="amber")
    assert told(follower) == [("grade", "3")]


def test_a_note_tells_those_it_mentions_who_may_see_it_and_the_journal_says_whom(world: World) -> None:
    incident, first = world.open(tlp="red"), person(world, "first")
    person(world, "second")
    world.change(incident, people=["first"])
    incidents.add_note(incident.id, "@first and @second and @third: look", BY, world.now)
    assert told(first) == [("mentioned", "@first and @second and @third: look")]
    assert len(rows(NewsItem)) == 1
    [entry] = journal.latest_entries_of(incident.number, 1)
    assert json.loads(entry.detail)["mentions"] == ["first"]


@pytest.mark.parametrize(("is_read", "kept_for"), [(True, READ_KEPT_FOR), (False, KEPT_FOR)], ids=["read", "unread"])
def test_news_are_deleted_after_their_time(world: World, is_read: bool, kept_for: dt.timedelta) -> None:
    incident, follower = world.open(grade=4), person(world, "follower")
    follows(world, incident, follower)
    world.change(incident, grade=1)
    if is_read:
        read_news(follower.id, None, BY, world.now)
    run_housekeeping(world.now + kept_for)
    assert len(rows(NewsItem)) == 1
    run_housekeeping(world.now + kept_for + dt.timedelta(seconds=1))
    assert rows(NewsItem) == []
