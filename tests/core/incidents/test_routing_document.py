"""The routing rules as a document."""

from datetime import timedelta

import pytest

from incident.core.incidents.routing import Default, Outcome, Rule, When
from incident.core.incidents.routing_document import read_rules
from incident.core.values.faults import RuleError

DOCUMENT = {
    "rules": [
        {
            "when": {"source": ["alertmanager", "suricata"], "grade": [1, 2], "labels": {"site": "beijing"}},
            "set": {"departments": ["soc", "网信办"], "playbook": "playbook--1"},
        },
        {"when": {"category": "MP", "grade": 3}, "set": {"category": "MPRANS", "grade": 1}},
        {"when": {}, "set": {"departments": []}},
        {
            "when": {"sector": ["energy", "water"], "region": "33", "campaign": ["HW-1", "HW-2"]},
            "set": {"competent": True},
        },
    ],
    "default": {"departments": ["duty"], "competent": True},
}


def test_a_document_is_read() -> None:
    book = read_rules(DOCUMENT)
    assert book.default == Default(("duty",), competent=True)
    assert book.rules[0] == Rule(
        When(
            source=frozenset({"alertmanager", "suricata"}),
            grade=frozenset({1, 2}),
            labels={"site": frozenset({"beijing"})},
        ),
        Outcome(("soc", "网信办"), "playbook--1"),
    )
    assert book.rules[1].when == When(category=("MP",), grade=frozenset({3}))
    assert book.rules[2] == Rule(When(), Outcome(departments=()))
    areas = When(sector=("energy", "water"), region=("33",), campaign=frozenset({"HW-1", "HW-2"}))
    assert book.rules[3] == Rule(areas, Outcome(competent=True))


def test_what_is_read_is_written_the_same() -> None:
    assert read_rules(DOCUMENT).to_json() == DOCUMENT


def test_a_document_without_rules_says_so_by_an_empty_list() -> None:
    assert read_rules({"rules": []}).to_json() == {"rules": [], "default": {"departments": []}}
    for document in ({}, {"default": {"departments": ["duty"]}}):
        with pytest.raises(RuleError) as caught:
            read_rules(document)
        assert [(fault.pointer, fault.code) for fault in caught.value.all] == [("/rules", "document.missing")]


def test_every_fault_is_named_with_its_place() -> None:
    document = {
        "rules": [
            {"when": {"source": [], "grade": 5, "category": ["MP", " "], "host": "x"}, "set": {"grade": True}},
            {"when": {"labels": {"a/b": 7}}, "then": {}},
            "rule",
            {"set": {"departments": ["soc", "-"], "playbook": "", "competent": 1}},
            {"when": {"region": "", "sector": [], "campaign": 7}},
        ],
        "default": ["duty"],
    }
    with pytest.raises(RuleError) as caught:
        read_rules(document)
    assert {(fault.pointer, fault.code) for fault in caught.value.all} == {
        ("/rules/0/when/host", "document.unknown_field"),
        ("/rules/0/when/source", "rules.empty_list"),
        ("/rules/0/when/category/1", "category.malformed"),
        ("/rules/0/when/grade", "grade.unknown"),
        ("/rules/0/set/grade", "grade.unknown"),
        ("/rules/1/then", "document.unknown_field"),
        ("/rules/1/when/labels/a~1b", "document.not_a_text"),
        ("/rules/2", "document.not_an_object"),
        ("/rules/3/set/departments/1", "code.malformed"),
        ("/rules/3/set/playbook", "document.not_a_text"),
        ("/rules/3/set/competent", "document.not_a_truth"),
        ("/rules/4/when/region", "area.malformed"),
        ("/rules/4/when/sector", "rules.empty_list"),
        ("/rules/4/when/campaign", "area.malformed"),
        ("/default", "document.not_an_object"),
    }


@pytest.mark.parametrize("document", [None, [], "rules", 7])
def test_what_is_no_object_is_refused(document: object) -> None:
    with pytest.raises(RuleError) as caught:
        read_rules(document)
    assert (caught.value.code, caught.value.pointer) == ("document.not_an_object", "")


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(RuleError) as caught:
        read_rules({"rules": [{}] * 1_001})
    assert (caught.value.code, caught.value.pointer) == ("document.not_a_list", "/rules")
    assert len(read_rules({"rules": [{}] * 1_000}).rules) == 1_000


def test_of_very_many_faults_a_hundred_are_named() -> None:
    with pytest.raises(RuleError) as caught:
        read_rules({"rules": [7] * 1_000})
    assert len(caught.value.all) == 100


def test_a_rule_groups_alerts_by_fields_and_labels_within_a_window() -> None:
    document = {"rules": [{"when": {}, "set": {}, "group_by": ["region", "labels.alertname"], "window": "PT600S"}]}
    book = read_rules(document)
    assert (book.rules[0].group_by, book.rules[0].window) == (("region", "labels.alertname"), timedelta(minutes=10))
    assert book.to_json()["rules"][0]["window"] == "PT10M"
    assert read_rules(book.to_json()) == book


def test_the_window_of_a_group_is_an_hour_unless_it_is_said() -> None:
    [rule] = read_rules({"rules": [{"group_by": "sender_group"}]}).rules
    assert (rule.group_by, rule.window) == (("sender_group",), timedelta(hours=1))
    assert "window" not in read_rules({"rules": [{"when": {}}]}).to_json()["rules"][0]


def test_every_fault_of_a_grouping_is_named_with_its_place() -> None:
    rules = [
        {"group_by": ["color", "labels."], "window": "P1M"},
        {"window": "PT5M"},
        {"group_by": [], "window": "PT0S"},
        {"group_by": 7, "window": "P8D"},
    ]
    with pytest.raises(RuleError) as raised:
        read_rules({"rules": rules})
    assert {(fault.pointer, fault.code) for fault in raised.value.all} == {
        ("/rules/0/group_by/0", "rules.group_by"),
        ("/rules/0/group_by/1", "rules.group_by"),
        ("/rules/0/window", "duration.malformed"),
        ("/rules/1/window", "rules.window_alone"),
        ("/rules/2/group_by", "rules.empty_list"),
        ("/rules/2/window", "rules.window"),
        ("/rules/3/group_by", "document.not_a_text"),
        ("/rules/3/window", "rules.window"),
    }
