"""The given answers of a simulation."""

from datetime import timedelta
from typing import Any

import pytest

from incident.core.cacao.simulation import PlannedAnswer
from incident.core.playbooks.simulation import read_answers
from incident.core.values.faults import RuleError


def test_answers_may_be_words_objects_or_lists_of_them() -> None:
    document = {
        "Look": "failed",
        "Ask": {"result": "succeeded", "after": "PT10M", "variables": {"__n__": 3, "__is_so__": True}},
        "Wait": ["timed_out", {"variables": {"__d__": {"a": 1}, "__u__": None}}],
    }
    read = read_answers(document)
    assert read.by_step == {
        "Look": [PlannedAnswer("failed")],
        "Ask": [PlannedAnswer("succeeded", timedelta(minutes=10), {"__n__": "3", "__is_so__": "true"})],
        "Wait": [PlannedAnswer("timed_out"), PlannedAnswer(variables={"__d__": {"a": 1}, "__u__": None})],
    }
    assert read == read_answers({"answers": document})


def test_values_of_external_variables_stand_beside_the_answers() -> None:
    read = read_answers({"variables": {"__address__": "192.0.2.7"}}, is_silent=True)
    assert (read.by_step, read.values, read.is_silent) == ({}, {"__address__": "192.0.2.7"}, True)


WRONG: list[tuple[Any, str, str]] = [
    ([], "document.not_an_object", ""),
    ({"a": 7}, "answer.malformed", "/answers/a"),
    ({"a": "perhaps"}, "document.not_a_choice", "/answers/a/result"),
    ({"a": {"outcome": "failed"}}, "document.unknown_field", "/answers/a/outcome"),
    ({"a": ["failed", {"after": "soon"}]}, "duration.malformed", "/answers/a/1/after"),
    ({"a": {"after": "P999999W"}}, "document.does_not_fit", "/answers/a/after"),
    ({"a": {"variables": {"__n__": ["x"]}}}, "document.not_a_text", "/answers/a/variables/__n__"),
    ({"answers": {}, "seed": 3}, "document.unknown_field", "/seed"),
]


@pytest.mark.parametrize(("document", "code", "pointer"), WRONG, ids=[one[1] + one[2] for one in WRONG])
def test_what_is_wrong_with_answers_is_told_with_its_place(document: Any, code: str, pointer: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_answers(document)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)
