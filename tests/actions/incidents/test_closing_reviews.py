"""The review after closing: its text, its actions, and the reminders that reach their owners."""

import datetime as dt
from typing import Any

import pytest

from incident.actions.directory import people
from incident.actions.incidents import closing_reviews, incidents
from incident.actions.incidents.closing_reviews import NewReviewAction
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents.closing_reviews import ClosingReview, ReviewAction
from incident.store.incidents.followers import IncidentFollower
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import NewsItem
from incident.store.journal.journal import Entry
from incident.store.playbooks.timers import Timer
from incident.store.queries.own_review_actions import own_open_actions
from tests.world import BY, World, only, rows

DAY = dt.timedelta(days=1)


@pytest.fixture
def closed(world: World) -> Incident:
    people.add_person("li", "Li Wei", "responder", None, None, "en", BY, world.now)
    people.add_person("wang", "Wang Fang", "responder", None, None, "en", BY, world.now)
    return world.close(world.open())


def add(world: World, incident: Incident, owner: str = "wang", **more: Any) -> ReviewAction:
    given: dict[str, Any] = {"title": "Patch", "owner": owner, "due_at": world.now + 7 * DAY} | more
    return closing_reviews.add_review_action(incident.id, NewReviewAction(**given), BY, world.now)


def code_of(world: World, incident: Incident, **more: Any) -> str:
    with pytest.raises(RuleError) as raised:
        add(world, incident, **more)
    return raised.value.code


def told(person_id: int) -> list[str]:
    return [one.kind for one in rows(NewsItem, person_id=person_id)]


def test_a_review_is_written_replaced_and_needs_a_closed_incident(world: World, closed: Incident) -> None:
    for text in ("quick", "quick", "slow"):
        closing_reviews.write_review(closed.id, text, "", BY, world.now)
    assert only(ClosingReview).went_well == "slow"
    assert len(rows(Entry, event_type="incident.reviewed")) == 2
    with pytest.raises(RuleError, match=r"review\.nothing_written"):
        closing_reviews.write_review(closed.id, " ", "", BY, world.now)
    with pytest.raises(RuleError, match=r"review\.needs_closed"):
        closing_reviews.write_review(world.open().id, "good", "", BY, world.now)


def test_the_owner_is_told_at_once_a_day_before_and_when_it_is_due(world: World, closed: Incident) -> None:
    row = add(world, closed)
    assert add(world, closed).id == row.id  # a double click
    assert told(2) == ["action"]
    assert only(IncidentFollower).person_id == 2
    assert [one.id for one, _ in own_open_actions(Viewer("responder", person_id=2), 9)] == [row.id]
    world.forward(days=6)
    world.fire()
    assert told(2) == ["action", "action_due"]
    world.forward(days=1)
    world.fire()
    assert told(2) == ["action", "action_due", "action_due"]
    assert world.fire() == 0
    assert len(rows(Entry, event_type="incident.review_reminded")) == 2


def test_what_is_done_or_removed_reminds_nobody(world: World, closed: Incident) -> None:
    done, removed = add(world, closed), add(world, closed, title="Train")
    closing_reviews.end_review_action(done.id, BY, world.now)
    closing_reviews.end_review_action(done.id, BY, world.now)
    closing_reviews.remove_review_action(removed.id, BY, world.now)
    with pytest.raises(RuleError, match=r"review\.action_missing"):
        closing_reviews.remove_review_action(removed.id, BY, world.now)
    assert len(rows(Entry, event_type="incident.review_action_done")) == 1
    assert {one.state for one in rows(Timer)} == {"cancelled"}
    world.forward(days=8)
    world.fire()
    assert "action_due" not in told(2)
    assert own_open_actions(Viewer("responder", person_id=2), 9) == []


def test_a_chosen_reminder_and_a_near_due_remind_in_time(world: World, closed: Incident) -> None:
    chosen = add(world, closed, remind_at=world.now + 2 * DAY)
    near = add(world, closed, title="Now", due_at=world.now + dt.timedelta(hours=1))
    assert (chosen.remind_at, near.remind_at) == (world.now + 2 * DAY, world.now)


def test_faults_are_named(world: World, closed: Incident) -> None:
    assert code_of(world, closed, owner="nobody") == "person.unknown"
    assert code_of(world, closed, due_at=world.now) == "review.due_passed"
    assert code_of(world, closed, due_at=world.now + 2_000 * DAY) == "review.due_too_far"
    assert code_of(world, closed, remind_at=world.now + 8 * DAY) == "review.due_before_reminder"
    assert code_of(world, world.open()) == "review.needs_closed"
    red = world.close(world.open(tlp="red"))
    assert code_of(world, red) == "review.owner_cannot_see"


def test_an_owner_who_may_no_longer_see_the_incident_is_not_told(world: World, closed: Incident) -> None:
    add(world, closed)
    incidents.reopen_incident(closed.id, None, BY, world.now)
    world.change(closed, tlp="red")
    world.forward(days=7)
    world.fire()
    assert told(2) == ["action"] or "action_due" not in told(2)
    assert own_open_actions(Viewer("responder", person_id=2), 9) == []
    db.session.rollback()
