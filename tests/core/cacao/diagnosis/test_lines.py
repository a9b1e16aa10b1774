"""Faults are shown at the line of their place."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from incident.core.cacao import check, load, to_json_text, to_yaml_text
from incident.core.cacao.diagnosis.lines import line_of, lines_of_places
from incident.core.cacao.faults import error
from tests.core.cacao.build import action, document

YAML = """type: playbook
workflow:
  "a/b":
    commands:
      - type: manual
        command: |
          many
          lines
      - type: bash
  c: {d: 1, e: [2,
      3]}
"""


def test_each_member_and_item_has_its_line() -> None:
    lines = lines_of_places(YAML)
    assert lines["/type"] == 1
    assert lines["/workflow/a~1b"] == 3
    assert lines["/workflow/a~1b/commands/0/command"] == 6
    assert lines["/workflow/a~1b/commands/1/type"] == 9
    assert lines["/workflow/c/e/0"] == 10
    assert lines["/workflow/c/e/1"] == 11


def test_json_has_lines_too() -> None:
    assert lines_of_places(json.dumps({"a": {"b": [1, {"c": 2}]}}, indent=1))["/a/b/1/c"] == 6


def test_a_fault_without_a_line_of_its_own_is_shown_at_the_object_around_it() -> None:
    lines = lines_of_places(YAML)
    assert line_of(error("missing_property", "/workflow/c/absent/deep", name="x"), lines) == 10
    assert line_of(error("missing_property", "", name="x"), lines) is None
    assert line_of(error("yaml_malformed", "", line=7), lines) == 7


def test_a_text_that_breaks_off_has_the_lines_before() -> None:
    assert lines_of_places("a: 1\nb: [2\nc: }")["/a"] == 1


@given(st.recursive(st.integers(0, 9), lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text("ab~/"), one)))
def test_every_place_of_a_text_that_we_write_has_a_line(value: object) -> None:
    made = {"root": value}
    for text in (to_json_text(made), to_yaml_text(made)):
        assert set(lines_of_places(text)) >= places_of(made)


def places_of(value: object, place: str = "") -> set[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {place} - {""}
    for name, one in members:
        found |= places_of(one, f"{place}/{str(name).replace('~', '~0').replace('/', '~1')}")
    return found


def test_the_line_of_a_broken_step_is_the_line_of_its_reference() -> None:
    text = to_yaml_text(document({"a": action("nowhere"), "e": None}))
    [fault] = [one for one in check(load(text)) if one.code == "dangling_step"]
    line = line_of(fault, lines_of_places(text))
    assert line is not None
    assert text.splitlines()[line - 1].strip() == "on_completion: nowhere"
