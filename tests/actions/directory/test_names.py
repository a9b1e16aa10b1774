"""Names entered by people contain no invisible characters and no direction marks."""

from collections.abc import Callable
from typing import Any

import pytest

from incident.actions.directory import departments, people, rotas, tokens
from incident.actions.playbooks import playbooks, secrets, signers, ssh_targets
from incident.core.duty.rota import Rota
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.directory.tokens import Token
from incident.store.playbooks.playbooks import Playbook
from tests.core.cacao.build import action, document
from tests.core.cacao.signers import public_pem
from tests.world import BY, World, rows

TURNED = "li\u202ewei"
UNSEEN = "Li\u200b Wei"


def _rota(name: str) -> Rota:
    turn = {"name": name, "people": ["li"], "starts_on": "2026-01-01", "every": "P1D", "handover": "00:00"}
    return Rota.from_json({"rotations": [turn]})


def _attacks(world: World) -> dict[str, Callable[[], Any]]:
    net = world.department("net")
    li = people.add_person("li", "Li Wei", "responder", None, None, "en", BY, world.now)
    book = document({"look": action("done"), "done": None}, name=UNSEEN)
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3Vx5kRSQ0n0cGk0N2m1eQm1n7c5wq8z0G7hJ4bqVxT"
    return {
        "sign-in name": lambda: people.add_person(TURNED, "Li", "responder", None, None, "en", BY, world.now),
        "person": lambda: people.add_person("wei", UNSEEN, "responder", None, None, "en", BY, world.now),
        "person later": lambda: people.change_person(li.id, {"name": UNSEEN}, BY, world.now),
        "department": lambda: departments.add_department("press", UNSEEN, None, BY, world.now),
        "department later": lambda: departments.change_department(net.id, {"name": TURNED}, None, BY, world.now),
        "contact": lambda: world.contact(net, TURNED, address="li@example.org"),
        "token": lambda: tokens.make_token(UNSEEN, "source", None, BY, world.now),
        "secret": lambda: secrets.set_secret("k\u2060ey", "x", ["https://example.org"], world.ring, BY, world.now),
        "signer": lambda: signers.add_signer(TURNED, public_pem(), None, None, BY, world.now),
        "target": lambda: ssh_targets.allow_target("db\u202e.example", 22, "root", "k", key, BY, world.now),
        "user of a target": lambda: ssh_targets.allow_target("db", 22, "ro\u200bot", "k", key, BY, world.now),
        "key of a target": lambda: ssh_targets.allow_target("db", 22, "root", "k\u200b", key, BY, world.now),
        "playbook": lambda: playbooks.add_playbook(book, BY, world.now),
        "rota": lambda: rotas.put_rota(net.id, _rota("d\u200fays"), None, BY, world.now),
    }


def test_a_name_with_something_that_nobody_sees_is_refused_wherever_one_is_given(world: World) -> None:
    places = {
        "sign-in name": "/login",
        "target": "/host",
        "user of a target": "/user",
        "key of a target": "/key_secret",
        "rota": "/rotations/0/name",
    }
    for what, attack in _attacks(world).items():
        with pytest.raises(RuleError) as raised:
            attack()
        assert raised.value.pointer == places.get(what, "/name"), what
        if what not in ("target", "user of a target"):  # these use few characters anyway
            assert raised.value.code == "name.invisible", what
    assert len(rows(Person)) == 1
    assert not rows(Token)


def test_a_step_an_agent_or_a_target_of_a_playbook_has_no_name_that_reads_other_than_it_is(world: World) -> None:
    book = document({"look": action("done", name=TURNED), "done": None})
    agents = book["agent_definitions"]
    agents[next(iter(agents))]["name"] = UNSEEN
    with pytest.raises(RuleError) as raised:
        playbooks.add_playbook(book, BY, world.now)
    found = [(one.code, one.pointer.split("/")[1]) for one in raised.value.all]
    assert found == [("name.invisible", "workflow"), ("name.invisible", "agent_definitions")]
    assert not rows(Playbook)


def test_both_names_of_a_person_are_faulted_at_once(world: World) -> None:
    with pytest.raises(RuleError) as raised:
        people.add_person(TURNED, UNSEEN, "responder", None, None, "en", BY, world.now)
    assert [one.pointer for one in raised.value.all] == ["/login", "/name"]


def test_somebody_who_was_added_with_such_a_name_can_still_be_changed(world: World) -> None:
    li = people.add_person("li", "Li Wei", "administrator", None, None, "en", BY, world.now)
    li.name = UNSEEN
    db.session.commit()
    changed = people.change_person(li.id, {"name": UNSEEN, "language": "zh_Hans_CN"}, BY, world.now)
    assert changed.language == "zh_Hans_CN"
