"""Handing over a shift: who is next, what is kept with it, and who confirms."""

import pytest

from incident.actions.directory import people, rotas
from incident.actions.duty.handovers import confirm_handover, hand_over, lists_of, next_officer
from incident.core.duty.rota import Rota
from incident.core.values.faults import RuleError
from incident.store.directory.departments import Department
from incident.store.directory.people import Person
from incident.store.duty.handovers import ShiftHandover
from incident.store.journal.journal import Entry
from tests.core.cacao.build import action, document
from tests.world import BY, World, acknowledge_notice, notice_of, only, rows

LOOK = document({"look": action("end", timeout=60_000), "end": None}, name="Look")


class Watch:
    """A department with Ann and Bob in its rota by turns, and its member Cho."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.net: Department = world.department("net", [("desk", 1)], waits=[30])
        self.ann, self.bob = self.person("ann", "responder"), self.person("bob", "responder")
        self.cho = self.person("cho", "department")
        days = {
            "name": "Days",
            "people": ["ann", "bob"],
            "starts_on": "2026-03-01",
            "every": "P1D",
            "handover": "08:00",
        }
        rotas.put_rota(self.net.id, Rota.from_json({"rotations": [days]}), None, BY, world.now)

    def person(self, login: str, role: str) -> Person:
        """Add a person."""
        return people.add_person(
            login, login.title(), role, "net" if login == "cho" else None, None, "en", BY, self.world.now
        )

    def give(self, giver: Person, to: str, note: str | None = None) -> ShiftHandover:
        """Hand over now."""
        return hand_over(self.net, giver, to, note, f"person:{giver.id}:{giver.name}", self.world.now)


@pytest.fixture
def watch(world: World) -> Watch:
    return Watch(world)


def test_the_rota_says_who_is_next(watch: Watch) -> None:
    now = watch.world.now
    on = (
        watch.bob
        if next_officer(watch.net, watch.bob, now) is watch.ann and next_officer(watch.net, watch.cho, now) is watch.bob
        else watch.ann
    )
    off = watch.ann if on is watch.bob else watch.bob
    assert next_officer(watch.net, on, now) is off
    assert next_officer(watch.net, off, now) is on
    assert next_officer(watch.world.department("empty"), on, now) is None


def test_the_lists_of_the_moment_are_kept(watch: Watch) -> None:
    world = watch.world
    world.playbook(LOOK)
    waits, promised = world.open("net", playbook=LOOK["id"]), world.open("net")
    acknowledge_notice(notice_of(promised, watch.net).id, BY, "inbox", world.now)
    kept = watch.give(watch.ann, "bob", "Call the bank back").snapshot
    assert [one["number"] for one in kept["incidents"]] == [waits.number, promised.number]
    assert [one["number"] for one in kept["promised"]] == [promised.number]
    assert [one["number"] for one in kept["waiting"]] == [waits.number]
    assert [(one["number"], one["task"]) for one in kept["tasks"]] == [(waits.number, "manual")]
    assert kept["reports"] == 0
    world.open("net")
    assert only(ShiftHandover).snapshot == kept


def test_only_what_both_may_see_is_handed_over(watch: Watch) -> None:
    watch.world.open("net", tlp="red")
    seen = watch.world.open("net")
    assert [one["number"] for one in lists_of(watch.net, watch.ann, watch.bob)["incidents"]] == [seen.number]
    assert lists_of(watch.net, watch.ann, watch.cho)["reports"] is None


def test_the_named_person_confirms_and_both_facts_are_in_the_journal(watch: Watch) -> None:
    given = watch.give(watch.ann, "bob")
    for person_id in (watch.ann.id, watch.cho.id, None):
        with pytest.raises(RuleError, match=r"handover\.for_another"):
            confirm_handover(given.id, person_id, BY, watch.world.now)
    confirm_handover(given.id, watch.bob.id, BY, watch.world.forward(minutes=3))
    assert only(ShiftHandover).confirmed_at == watch.world.now
    with pytest.raises(RuleError, match=r"handover\.confirmed"):
        confirm_handover(given.id, watch.bob.id, BY, watch.world.now)
    entries = [one.event_type for one in rows(Entry) if one.subject == f"handover:{given.id}"]
    assert entries == ["handover.given", "handover.confirmed"]


@pytest.mark.parametrize(
    ("to", "code"), [("ann", "to_oneself"), ("nobody", "unknown_person"), ("dan", "unknown_person")]
)
def test_a_shift_is_not_handed_to_somebody_else(watch: Watch, to: str, code: str) -> None:
    watch.person("dan", "responder")
    with pytest.raises(RuleError, match=rf"handover\.{code}"):
        watch.give(watch.ann, to)
    assert rows(ShiftHandover) == []


def test_somebody_of_no_department_cannot_hand_over(watch: Watch) -> None:
    dan = watch.person("dan", "responder")
    with pytest.raises(RuleError, match=r"handover\.not_of_department"):
        watch.give(dan, "bob")
