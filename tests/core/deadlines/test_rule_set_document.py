"""Rule sets that administrators write: every fault at once with its place, and nothing hostile gets through."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.deadlines.rule_set_changes import rule_set_changes_between
from incident.core.deadlines.rule_set_document import (
    agrees_with,
    check_rule_set,
    refuse_conflicts,
    rule_set_as_document,
)
from incident.core.values.error_messages import FAULT_WORDS
from incident.core.values.faults import RuleError
from incident.core.values.json_lines import json_line_at
from incident.data.grading_rules import read_rule_set_data, shipped_rule_sets

GRID: dict[str, Any] = {
    "id": "grid",
    "title": {"en": "Outages of the grid", "zh": "电网停运"},
    "ref": "Internal rule 7",
    "sectors": ["energy"],
    "questions": [
        {"key": "stations_down", "kind": "number", "text": {"en": "How many substations are down?"}},
        {
            "key": "city",
            "kind": "choice",
            "text": {"zh": "影响哪一级城市？"},
            "topic": "infrastructure",
            "choices": [{"value": "capital", "text": {"en": "Capital"}}, {"value": "other", "text": {"en": "Other"}}],
        },
        {"key": "black_start", "kind": "yes_no", "text": {"en": "Is a black start needed?"}},
    ],
    "lines": [
        {
            "key": "grid.2",
            "grade": 2,
            "conditions": [{"key": "stations_down", "at_least": 3}, {"key": "city", "one_of": ["capital"]}],
            "text": {"en": "3 substations or more down in a capital"},
            "evidence": "primary",
        },
        {
            "key": "grid.1",
            "grade": 1,
            "conditions": [{"key": "black_start"}],
            "text": {"en": "A black start"},
            "evidence": "recalled",
        },
    ],
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The rule set with another value at a pointer; a value of `...` removes it."""
    document: Any = copy.deepcopy(GRID)
    *above, last = [int(one) if one.isdigit() else one for one in path.split("/")[1:]]
    at = document
    for one in above:
        at = at[one]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return dict(document)


def faults(document: object, **given: Any) -> list[tuple[str, str]]:
    with pytest.raises(RuleError) as refused:
        check_rule_set(document, **given)
    return [(one.code, one.pointer) for one in refused.value.all]


def test_a_rule_set_is_read_and_its_equal_in_another_order_gives_the_same() -> None:
    document = check_rule_set(GRID)
    assert document["questions"][0]["text"] == {
        "en": "How many substations are down?",
        "zh": "How many substations are down?",
    }
    assert document["questions"][0]["topic"] == "other"
    shuffled = json.loads(json.dumps(GRID, sort_keys=True))
    assert json.dumps(check_rule_set(shuffled)) == json.dumps(document)
    rules = read_rule_set_data(json.dumps(document).encode())
    assert rule_set_as_document(rules) == document
    assert check_rule_set(document) == document


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/id", "Grid!", "rule_set.malformed_id"),
        ("/id", "new", "rule_set.id_taken"),
        ("/id", "cn-cac-guide", "rule_set.id_taken"),
        ("/title", {}, "rule_set.no_words"),
        ("/title", "Grid", "document.not_an_object"),
        ("/title/en", "<script>alert(1)</script>", "rule_set.markup"),
        ("/title/en", "safe\u202etxt", "name.invisible"),
        ("/title/en", "two\nlines", "text.not_one_line"),
        ("/title/en", "nul\x00", "text.unfit"),
        ("/title/en", "x" * 301, "text.too_long"),
        ("/title/fr", "Réseau", "document.unknown_field"),
        ("/ref", "", "document.not_a_text"),
        ("/ref", ..., "document.missing"),
        ("/sectors", ["<b>"], "rule_set.markup"),
        ("/sectors", "energy", "document.not_a_list"),
        ("/questions", [], "rule_set.too_few"),
        ("/questions", GRID["questions"][:1] * 41, "document.not_a_list"),
        ("/questions/0/key", "Key", "rule_set.malformed_key"),
        ("/questions/0/kind", "text", "document.not_a_choice"),
        ("/questions/0/unit", "kg", "document.not_a_choice"),
        ("/questions/2/unit", "min", "rule_set.unit"),
        ("/questions/0/topic", "weather", "document.not_a_choice"),
        ("/questions/2/choices", [{"value": "a", "text": {"en": "a"}}], "rule_set.choices"),
        ("/questions/1/choices/1/value", "unknown", "rule_set.unknown_choice"),
        ("/lines/0/grade", 4, "rule_set.grade"),
        ("/lines/0/grade", True, "rule_set.grade"),
        ("/lines/0/evidence", "guess", "document.not_a_choice"),
        ("/lines/0/conditions", [], "rule_set.too_few"),
        ("/lines/0/conditions/0/at_least", 10**16, "rule_set.threshold"),
        ("/lines/0/conditions/0/at_least", 1e400, "rule_set.threshold"),
        ("/lines/0/conditions/0/at_least", 2.5, "rule_set.threshold"),
        ("/lines/0/conditions/0/at_least", 0, "rule_set.threshold"),
        ("/lines/0/conditions/0/one_of", ["capital"], "rule_set.wrong_comparison"),
        ("/lines/0/conditions/1/one_of/0", "village", "document.not_a_choice"),
        ("/lines/0/conditions/0/key", "weather", "rule_set.no_such_question"),
        ("/lines/1/conditions/0/at_least", 3, "rule_set.wrong_comparison"),
        ("/lines/1/key", "grid.2", "rule_set.doubled_key"),
        ("/questions/1/choices/1/value", "capital", "rule_set.doubled_key"),
        ("/script", "x", "document.unknown_field"),
    ],
)
def test_each_fault_is_named_with_its_place(path: str, value: object, code: str) -> None:
    found = faults(changed(path, value), taken=shipped_rule_sets())
    assert [one for one in found if one[0] == code and one[1].startswith(path)], found
    assert code in FAULT_WORDS


def test_all_faults_are_named_at_once() -> None:
    document = changed("/id", "!")
    document["ref"], document["lines"][0]["grade"], document["lines"][1]["text"] = 7, 9, None
    assert faults(document) == [
        ("rule_set.malformed_id", "/id"),
        ("document.not_a_text", "/ref"),
        ("rule_set.grade", "/lines/0/grade"),
        ("document.not_an_object", "/lines/1/text"),
    ]


def test_a_question_that_no_line_uses_is_refused() -> None:
    assert faults(changed("/lines", GRID["lines"][:1])) == [("rule_set.question_unused", "/questions/2/key")]


def test_a_question_means_the_same_in_every_rule_set_and_version() -> None:
    shipped = list(shipped_rule_sets().values())
    taken = changed("/questions/0/key", "persons_leaked")
    taken["lines"][0]["conditions"][0]["key"] = "persons_leaked"
    refuse_conflicts(check_rule_set(taken), shipped, [])
    taken["questions"][0]["unit"] = "cny"
    with pytest.raises(RuleError, match=r"rule_set\.question_differs") as refused:
        refuse_conflicts(check_rule_set(taken), shipped, [])
    assert refused.value.pointer == "/questions/0/key"
    assert not agrees_with(read_rule_set_data(json.dumps(check_rule_set(taken)).encode()), shipped)
    before = read_rule_set_data(json.dumps(check_rule_set(GRID)).encode())
    assert agrees_with(before, shipped)
    other = changed("/questions/1/choices/1/value", "town")
    refuse_conflicts(check_rule_set(other), shipped, [before])
    with pytest.raises(RuleError, match=r"rule_set\.question_differs"):
        refuse_conflicts(check_rule_set(other), [before], [])
    other["questions"][0]["unit"] = "min"
    with pytest.raises(RuleError, match=r"rule_set\.question_differs"):
        refuse_conflicts(check_rule_set(other), shipped, [before])


def test_what_changes_is_named_by_question_and_line() -> None:
    before, after = check_rule_set(GRID), check_rule_set(changed("/lines/0/conditions/0/at_least", 2))
    after["title"] = {"en": "Grid", "zh": "电网"}
    after["lines"] = after["lines"][:1]
    found = rule_set_changes_between(before, after)
    assert [(one.part, one.change, one.key) for one in found] == [
        ("title", "changed", None),
        ("line", "changed", "grid.2"),
        ("line", "removed", "grid.1"),
    ]
    assert found[1].after["conditions"][0] == {"key": "stations_down", "at_least": 2}
    assert len(rule_set_changes_between(None, before)) == 5
    assert rule_set_changes_between(before, before) == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=10), below, max_size=4),
    max_leaves=20,
)
places = st.sampled_from(
    [
        "/id",
        "/title",
        "/sectors",
        "/questions",
        "/questions/0",
        "/questions/1/choices",
        "/questions/1/choices/0",
        "/questions/1/kind",
        "/lines",
        "/lines/0",
        "/lines/0/conditions",
        "/lines/0/conditions/0",
        "/lines/0/conditions/1/one_of",
        "/lines/1/text",
    ]
)


def read(document: object) -> tuple[dict[str, Any] | None, tuple[RuleError, ...]]:
    """What a document is read as, or the faults for which it is refused."""
    try:
        return check_rule_set(document), ()
    except RuleError as refused:
        return None, refused.all


@given(places, values)
def test_whatever_stands_in_a_place_is_read_or_refused_with_places(path: str, value: object) -> None:
    for document in (changed(path, value), value):
        found, refused = read(document)
        assert (found is None) is bool(refused)
        assert all(one.pointer == "" or one.pointer.startswith("/") for one in refused)
        assert all(one.code in FAULT_WORDS for one in refused)
        if found is not None:
            assert check_rule_set(found) == found
            assert rule_set_as_document(read_rule_set_data(json.dumps(found).encode())) == found


@given(values)
def test_the_line_of_a_value_is_where_it_begins(value: object) -> None:
    text = json.dumps({"a": {"x": value}, 'q"/~': [value, {"wanted": 1}]}, indent=1)
    at = json_line_at(text, '/q"~1~0/1/wanted')
    assert at is not None
    assert text.splitlines()[at - 1].strip() == '"wanted": 1'
    assert json_line_at(text, "/a/y") == json_line_at(text, "/a")
    assert json_line_at(text, "") == 1


def test_the_line_of_a_text_that_is_no_json_is_not_known() -> None:
    for text in ("", "{", '{"a', "[1,", "nonsense]"):
        assert json_line_at(text, "/a/0") in (None, 1)
