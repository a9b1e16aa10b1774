"""The form of a mapping: fields to document, and every fault at its target."""

from dataclasses import replace
from typing import Any

import pytest

from incident.core.incidents.mapping.form import MappingForm, TimeFields, split_words, write_mapping
from incident.core.values.faults import RuleError

LEAST = MappingForm(title=(("/rule", ""),), fingerprint=("/id",))


def variant(**fields: Any) -> dict[str, Any]:
    [found] = write_mapping(replace(LEAST, **fields))["variants"]
    assert isinstance(found, dict)
    return found


def faults(**fields: Any) -> set[tuple[str, str]]:
    with pytest.raises(RuleError) as raised:
        write_mapping(replace(LEAST, **fields))
    return {(fault.pointer, fault.code) for fault in raised.value.all}


def test_the_least_form_has_a_title_and_an_identity() -> None:
    assert write_mapping(LEAST) == {
        "version": 1,
        "variants": [{"name": "alert", "title": "{/rule}", "fingerprint": "/id"}],
    }
    assert faults(title=(), fingerprint=()) == {("/title", "document.missing"), ("/fingerprint", "document.missing")}


def test_each_field_becomes_a_member() -> None:
    found = variant(
        alerts="/list",
        title=(("", "{/rule} on {/host}"), ("/rule", "")),
        status="/state",
        resolved="closed, fixed*，已恢复",
        fingerprint=("/id", "/host"),
        occurred_at=TimeFields(("/at", "")),
        ended_at=TimeFields(("/end", ""), "iso", "+08:00"),
        grade="/severity",
        grade_words=("", "high, Critical", "medium", ""),
        grade_from=("", "7", "4.5", ""),
        category="/type",
        category_words=(("Trojan*", "MPTROJ"),),
        labels=(("host", "/host"), ("", "/site/name")),
        indicators=(("/src", "ip"), ("/links/*", "")),
    )
    assert found["title"] == ["{/rule} on {/host}", "{/rule}"]
    assert found["status"] == {"pointer": "/state", "resolved": ["closed", "fixed*", "已恢复"]}
    assert found["fingerprint"] == [["/id", "/host"]]
    assert (found["occurred_at"], found["ended_at"]["offset"]) == ("{/at}", "+08:00")
    assert found["grade"]["words"] == {"high": 2, "Critical": 2, "medium": 3}
    assert found["grade"]["steps"] == [{"least": 7, "grade": 2}, {"least": 4.5, "grade": 3}]
    assert found["labels"] == {"host": "/host", "name": "/site/name"}
    assert found["indicators"] == [{"pointer": "/src", "kind": "ip"}, "/links/*"]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"title": (("", "{/rule"),)}, {("/title", "mapping.template")}),
        ({"status": "/state"}, {("/status", "mapping.state_words")}),
        ({"status": "/state", "resolved": "ok", "firing": "OK"}, {("/status", "mapping.word_twice")}),
        ({"grade": "/s"}, {("/grade", "mapping.grade_words")}),
        ({"grade": "/s", "grade_from": ("", "x", "", "")}, {("/grade", "mapping.number")}),
        ({"grade": "/s", "grade_words": ("", "high", "High", "")}, {("/grade", "mapping.word_twice")}),
        ({"category": "/c", "category_words": (("a", ""),)}, {("/category", "mapping.category_row")}),
        ({"labels": (("host", ""),)}, {("/labels", "mapping.label_place")}),
        ({"labels": (("a", "/b"), ("", "/x/a"))}, {("/labels", "mapping.label_twice")}),
        ({"occurred_at": TimeFields(("/t", ""), "any", "8")}, {("/occurred_at", "mapping.offset")}),
        ({"alerts": "list", "grade": "x"}, {("/alerts", "mapping.pointer"), ("/grade", "mapping.grade_words")}),
    ],
)
def test_a_fault_is_at_its_target(fields: dict[str, Any], found: set[tuple[str, str]]) -> None:
    assert faults(**fields) == found


def test_a_target_without_a_place_is_left_out_whatever_else_its_fields_say() -> None:
    assert variant(resolved="closed", grade_words=("", "high", "", ""), indicators=(("", "ip"),)) == variant()


def test_words_are_separated_by_commas_of_both_scripts_and_by_lines() -> None:
    assert split_words(" a, b，c、d\r\ne ,, ") == ["a", "b", "c", "d", "e"]
