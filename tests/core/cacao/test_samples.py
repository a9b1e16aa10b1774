"""Complete playbooks, our own and the standard's where available, each with a recorded verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from incident.core.cacao import check, export, gather, load, parse, start, tlp, to_yaml_text
from incident.core.cacao.engine.effects import OpenTask
from incident.core.cacao.engine.events import CommandEnded, Event, TimerPassed
from tests.core.cacao.build import MACHINE, NOW, of_kind
from tests.core.cacao.world import World

OURS = Path(__file__).parents[2] / "samples" / "playbooks"
REFERENCE = Path(__file__).parents[4] / "shared" / "data" / "cacao"

OUR_VERDICTS: dict[str, set[str]] = {
    "collect-evidence.json": set(),
    "block-address.json": set(),
    "web-defacement.yaml": set(),
    "wrong-circle.json": {"cycle"},
    "wrong-reference.json": {"dangling_step", "unreachable_step"},
    "wrong-secret.json": {"inline_secret"},
    "wrong-shared-end.yaml": {"end_shared", "unreachable_step"},
    "version-1.1.json": {"earlier_version", "earlier_name", "earlier_step"},
}
NO_PLAYBOOK = {"missing_property"}
WRONG_START = {"no_start", "start_of_other_type", "dangling_step", "inline_secret"}
REFERENCE_VERDICTS: dict[str, set[str]] = {
    "oasis-examples/basic-example-1.json": set(),
    "oasis-examples/spec-3.1-example.json": set(),
    "oasis-examples/locky-bart-mbc-examples.json": {"no_address", "dangling_reference"},
    "oasis-examples/identity-object.json": {*NO_PLAYBOOK, "unknown_type", "unknown_spec_version"},
    "soarca-examples/http-playbook.json": set(),
    "soarca-examples/manual-playbook.json": set(),
    "soarca-examples/openc2-playbook.json": set(),
    # One of its commands names a variable inside the quotes of a shell, which P18 refuses.
    "soarca-examples/executable-playbooks-example.json": {"missing_property", "variable_in_shell"},
    "soarca-test/infinite_playbook.json": {*WRONG_START, "no_end", "cycle"},
    "soarca-test/invalid_playbook.json": WRONG_START,
    "soarca-test/missing_step_playbook.json": {*WRONG_START, "unreachable_step"},
}


def errors(file: Path) -> set[str]:
    return {fault.code for fault in check(load(file.read_bytes())) if fault.is_error}


@pytest.mark.parametrize("name", sorted(OUR_VERDICTS))
def test_our_samples_have_their_verdict(name: str) -> None:
    assert errors(OURS / name) == OUR_VERDICTS[name]


def test_every_sample_of_ours_has_a_verdict() -> None:
    assert {file.name for file in OURS.iterdir()} == set(OUR_VERDICTS)


def _reference_files() -> list[str]:
    return sorted(str(file.relative_to(REFERENCE)) for file in REFERENCE.rglob("*.json")) if REFERENCE.is_dir() else []


def test_reference_files_have_their_verdict() -> None:
    names = _reference_files()
    if not names:
        pytest.skip("reference files are not here")
    found = {name: errors(REFERENCE / name) for name in names}
    assert {name: found[name] for name in REFERENCE_VERDICTS} == REFERENCE_VERDICTS
    # Schemas, identities and markings are not playbooks: refused for missing properties, never with a traceback.
    others = {name: codes for name, codes in found.items() if name not in REFERENCE_VERDICTS}
    assert {name for name, codes in others.items() if not codes >= NO_PLAYBOOK} == set()


@pytest.mark.parametrize("name", sorted(name for name, found in OUR_VERDICTS.items() if not found))
def test_a_good_sample_goes_round_unchanged(name: str) -> None:
    document = load((OURS / name).read_bytes())
    assert rfc8785.dumps(export(parse(document), is_verbatim=True)) == rfc8785.dumps(document)
    assert load(to_yaml_text(document)) == document


def sample(name: str) -> dict[str, Any]:
    return load((OURS / name).read_bytes())


def test_yaml_for_people_keeps_the_order_of_the_document() -> None:
    document = sample("collect-evidence.json")
    assert list(load(to_yaml_text(document))) == list(document)
    assert to_yaml_text(document).startswith("type: playbook\n")


def test_a_signed_playbook_leaves_as_it_came() -> None:
    document = sample("collect-evidence.json")
    document["signatures"] = [{"type": "jss", "value": "abc"}]
    assert export(parse(document)) == document


def test_the_strictest_marking_counts() -> None:
    document = sample("web-defacement.yaml")
    assert tlp(document) == "TLP:AMBER"
    red = "marking-tlp--e828b379-4e03-4974-9ac4-e53a884c97c1"
    document["markings"].append(red)
    document["data_marking_definitions"][red] = {"type": "marking-tlp", "tlpv2_level": "TLP:RED"}
    assert tlp(document) == "TLP:RED"
    assert tlp(sample("collect-evidence.json")) is None


def test_a_defacement_is_handled_from_the_first_look_to_the_review() -> None:
    bundle = gather(parse(sample("web-defacement.yaml")), lambda *_: parse(sample("collect-evidence.json")))
    turn = start(bundle, {"__site__": "https://www.example"}, NOW, MACHINE)
    [task] = of_kind(turn, OpenTask)
    assert task.instructions.startswith("Open https://www.example and describe")
    assert task.out_variables == {"__kind__": "string", "__is_reachable__": "bool"}
    titles: list[str] = []
    world = _Given(bundle, turn)
    while not world.run.is_finished:
        for one in world.open.values():
            titles.append(one.title if isinstance(one, OpenTask) else one.kind)
        world.happen(world.next_event())
    assert world.run.state == "succeeded"
    assert {"Look at the page", "Take the site offline", "Secure the disk", "Tell the CERT", "Review"} <= set(titles)
    assert world.run.variables["__is_reachable__"] == "true"


class _Given(World):
    """A world that continues from a turn, in which everything succeeds."""

    def __init__(self, bundle: Any, turn: Any) -> None:
        self.bundle, self.profile, self.now = bundle, MACHINE, NOW
        self.open, self.timers, self.states, self.notified, self.history, self.turns = {}, {}, {}, [], [], []
        self._take(turn)

    def next_event(self) -> Event:
        for timer in self.timers:
            if timer[0] == "delay":
                return TimerPassed(*timer)
        key, one = next(iter(self.open.items()))
        results = {"__kind__": "malware", "__is_reachable__": json.dumps(key[1] > 1 or "Look again" in str(one))}
        results["__image_hash__"] = "ab" * 32
        return CommandEnded(*key, "succeeded", {name: results[name] for name in one.out_variables})
