"""The rota document."""

from typing import Any

import pytest
from hypothesis import given

from incident.core.duty.rota import Rota
from incident.core.values.faults import RuleError
from tests.core.duty.test_on_duty import ROTAS

NIGHTS = {
    "name": "nights",
    "people": ["ann", "bob"],
    "starts_on": "2026-01-05",
    "every": "P1D",
    "hours": {"from": "18:00", "until": "08:30"},
    "days": ["MO", "FR"],
    "beside": True,
}


def faults(document: Any) -> dict[str, str]:
    with pytest.raises(RuleError) as caught:
        Rota.from_json(document)
    return {fault.pointer: fault.code for fault in caught.value.all}


def test_what_is_not_said_has_its_plain_meaning() -> None:
    rotation = Rota.from_json({"rotations": [NIGHTS | {"every": 7}]}).rotations[0]
    assert (rotation.every, rotation.handover.hour, rotation.days) == (7, 18, frozenset({0, 4}))
    assert rotation.is_beside


@given(ROTAS)
def test_a_rota_is_read_as_it_was_written(rota: Rota) -> None:
    if len({one.name for one in rota.rotations}) == len(rota.rotations):
        assert Rota.from_json(rota.to_json()) == rota


def test_every_fault_has_its_place() -> None:
    wrong = {
        "rotations": [
            {"name": "", "people": [], "starts_on": "2026-02-30", "every": "PT5H", "days": ["MON"], "colour": 1},
            NIGHTS,
            NIGHTS | {"handover": "25:00", "beside": 1, "every": 0},
            NIGHTS | {"starts_on": "0001-01-01", "people": ["a", 7]},
        ],
        "overrides": [
            {"from": "2026-01-05T08:00:00Z", "until": "2026-01-05T08:00:00Z", "person": "a", "instead_of": "a"},
            {"from": "9999-12-31T23:59:59-12:00", "until": "x"},
        ],
        "leave": [{"person": "a", "from": "2026-01-05T08:00:00Z"}, 4],
        "more": [],
    }
    assert faults(wrong) == {
        "/more": "document.unknown_field",
        "/rotations/0/name": "document.not_a_text",
        "/rotations/0/people": "rotation.people",
        "/rotations/0/starts_on": "day.malformed",
        "/rotations/0/every": "rotation.every",
        "/rotations/0/handover": "document.missing",
        "/rotations/0/days/0": "document.not_a_choice",
        "/rotations/0/colour": "document.unknown_field",
        "/rotations/2/handover": "daytime.malformed",
        "/rotations/2/beside": "document.not_a_truth",
        "/rotations/2/every": "rotation.every",
        "/rotations/3/starts_on": "span.far",
        "/rotations/3/people/1": "document.not_a_text",
        "/overrides/0/until": "span.ends_before",
        "/overrides/0/instead_of": "override.of_oneself",
        "/overrides/1/from": "moment.malformed",
        "/overrides/1/until": "moment.malformed",
        "/overrides/1/person": "document.missing",
        "/leave/0/until": "document.missing",
        "/leave/1": "document.not_an_object",
        "/leave/1/person": "document.missing",
        "/leave/1/from": "document.missing",
        "/leave/1/until": "document.missing",
    }


def test_two_rotations_of_one_name_are_refused() -> None:
    assert faults({"rotations": [NIGHTS, NIGHTS]}) == {"/rotations/1/name": "rotation.same_name"}
