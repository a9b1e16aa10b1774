"""The techniques of MITRE ATT&CK that steps name."""

from typing import Any

import pytest

from incident.core.cacao import parse
from incident.core.playbooks.step_techniques import acts_against, techniques_of_playbook, techniques_of_step
from tests.core.cacao.build import action, document


def referring(*references: Any) -> dict[str, Any]:
    """A playbook with a step that has these references."""
    made = document({"isolate": action("end"), "end": None})
    step = next(key for key in made["workflow"] if key.startswith("action"))
    made["workflow"][step]["external_references"] = list(references)
    return made


def techniques(made: dict[str, Any]) -> tuple[str, ...]:
    """The techniques of the step of such a playbook."""
    return techniques_of_step(made, next(key for key in made["workflow"] if key.startswith("action")))


@pytest.mark.parametrize("name", ["mitre-attack", "ATT&CK", "MITRE ATT&CK"])
def test_a_step_names_techniques_by_the_source_and_the_number(name: str) -> None:
    made = referring({"name": name, "external_id": "T1486"}, {"name": name, "external_id": " t1566.001 "})
    assert techniques(made) == ("T1486", "T1566.001")
    assert techniques_of_playbook(made) == ("T1486", "T1566.001")
    assert parse(made).document == made


@pytest.mark.parametrize(
    "reference",
    [
        {"name": "cve", "external_id": "T1486"},
        {"name": "mitre-attack", "external_id": "M1053"},
        {"name": "mitre-attack", "external_id": "T14861"},
        {"name": "mitre-attack"},
        {"name": None, "external_id": 7},
        "T1486",
    ],
)
def test_other_references_are_no_techniques(reference: Any) -> None:
    made = referring(reference)
    assert techniques(made) == techniques_of_playbook(made) == ()


def test_those_of_the_playbook_itself_count_for_it_and_a_missing_step_has_none() -> None:
    made = document({"isolate": action("end"), "end": None})
    made["external_references"] = [{"source_name": "mitre-attack", "external_id": "T1078"}]
    assert techniques_of_playbook(made) == ("T1078",)
    assert techniques_of_step(made, "action--gone") == techniques_of_step({}, "action--gone") == ()


@pytest.mark.parametrize(
    ("named", "seen", "is_so"),
    [
        (["T1486"], ["T1486"], True),
        (["T1566"], ["T1566.001"], True),
        (["T1566.001"], ["T1566"], True),
        (["T1566.001"], ["T1566.002"], False),
        (["T1078"], ["T1486"], False),
        ([], ["T1486"], False),
    ],
)
def test_a_playbook_acts_against_a_technique_or_a_part_of_it(named: list[str], seen: list[str], is_so: bool) -> None:
    assert acts_against(named, seen) is is_so
