"""What the notification centre of a person holds, on each database."""

import datetime as dt

import pytest

from incident.actions.directory import people
from incident.actions.documents import sign_offs
from incident.actions.documents.drafting import NewDocument, draft_document
from incident.actions.duty.handovers import confirm_handover, hand_over
from incident.actions.notifications.centre import read_notifications
from incident.core.values.access import Role, Viewer
from incident.store.db.counting import count_some
from incident.store.directory.people import Person
from incident.store.queries.notification_centre import centre_values, list_centre, unread_queries
from incident.store.queries.visibility import seen_incidents
from incident.web.security.document_access import awaited_states
from tests.actions import test_approvals
from tests.actions.test_approvals import CONFIRM, KINDS, propose
from tests.world import BY, World

place = test_approvals.place

WORDS = {"issuer": "X", "addressee": "Y", "reasons": "甲", "matters": "乙", "contact": "丙"}
KIND_OF = {
    "grade": "grade_proposal",
    "awareness": "clock_event_proposal",
    "handling_ended": "clock_event_proposal",
    "not_reportable": "not_reportable_proposal",
}


def add(world: World, login: str, role: Role, department: str | None = None) -> Person:
    """Add a person."""
    return people.add_person(login, login.title(), role, department, None, "en", BY, world.now)


def kinds(world: World, who: Person) -> list[str]:
    """The kinds of what a person's centre holds, the newest first."""
    own = frozenset() if who.department_id is None else frozenset({who.department_id})
    viewer = Viewer(who.role, own, who.id)  # type: ignore[arg-type]
    states = awaited_states(viewer.role)
    found = list_centre(viewer, states, world.now, None, 50)
    seen = seen_incidents(viewer)
    values = {**seen.values, **centre_values(viewer, world.now)}
    until = who.notifications_read_at or dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    unread = [one for one in found if one.at > until]
    assert count_some(*unread_queries(viewer, states, seen, None), values=values) == len(unread)
    return [one.kind for one in found]


@pytest.mark.parametrize("kind", KINDS)
def test_a_proposal_waits_for_everybody_but_the_proposer_until_one_confirms_it(
    world: World, place: object, kind: str
) -> None:
    first, second = add(world, "li", "coordinator"), add(world, "wang", "coordinator")
    by = f"person:{first.id}:Li Wei"
    proposed = propose(world, place, kind, by)  # type: ignore[arg-type]
    assert kinds(world, first) == []
    assert kinds(world, second) == [KIND_OF[kind]]
    assert kinds(world, add(world, "reader", "reader")) == []
    CONFIRM[kind](proposed.id, f"person:{second.id}:Wang", world.now)
    assert KIND_OF[kind] not in kinds(world, second)


def test_a_document_waits_for_those_whose_step_is_next(world: World) -> None:
    world.department("a_b", [("desk", 1)])
    world.department("axb", [("desk", 1)])
    author, reviewer = add(world, "author", "coordinator"), add(world, "reviewer", "coordinator")
    named, other = add(world, "named", "coordinator", "a_b"), add(world, "other", "coordinator", "axb")
    incident = world.open()
    new = NewDocument(kind="request-for-instructions", words=WORDS, countersigners=("a_b",))
    by = f"person:{author.id}:Author"
    document = draft_document(incident.id, new, world.zone, by, world.now)
    assert kinds(world, reviewer) == []
    sign_offs.submit_draft(document.id, by, world.now)
    assert (kinds(world, author), kinds(world, reviewer)) == ([], ["document"])
    sign_offs.sign_off_document(document.id, "review", None, world.zone, f"person:{reviewer.id}:R", world.now)
    assert [kinds(world, one) for one in (reviewer, other, named)] == [[], [], ["document"]]
    sign_offs.sign_off_document(document.id, "countersign", "a_b", world.zone, f"person:{named.id}:N", world.now)
    assert [kinds(world, one) for one in (named, other)] == [[], ["document"]]


def test_a_handover_waits_for_the_one_who_takes_over(world: World) -> None:
    net = world.department("net", [("desk", 1)])
    ann, bob = add(world, "ann", "responder", "net"), add(world, "bob", "responder", "net")
    given = hand_over(net, ann, "bob", "All quiet", f"person:{ann.id}:Ann", world.now)
    assert (kinds(world, ann), kinds(world, bob)) == ([], ["handover"])
    confirm_handover(given.id, bob.id, f"person:{bob.id}:Bob", world.now)
    assert kinds(world, bob) == []


def test_reading_never_goes_back_and_never_into_the_future(world: World) -> None:
    ann = add(world, "ann", "responder")
    hour = dt.timedelta(hours=1)
    read_notifications(ann.id, BY, world.now, world.now + hour)
    assert ann.notifications_read_at == world.now
    read_notifications(ann.id, BY, world.now + hour, world.now - hour)
    assert ann.notifications_read_at == world.now
    read_notifications(ann.id, BY, world.now + hour)
    assert ann.notifications_read_at == world.now + hour
