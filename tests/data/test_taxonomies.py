"""The taxonomies are complete and consistent."""

import json
from pathlib import Path

import pytest

from incident.core.incidents.category import require_category
from incident.core.incidents.routing import Default, RoutingInput, Rule, When, match
from incident.data import categories, category_by_code, category_codes, rsit_entries

REFERENCE = Path(__file__).parents[2].parent / "shared" / "data" / "taxonomies"


def test_there_are_ten_classes_of_the_standard() -> None:
    classes = [category.code for category in categories() if category.parent is None]
    assert classes == ["MP", "NA", "DS", "IC", "DE", "RO", "SHE", "AB", "FOC", "OTH"]


def test_a_code_is_there_once_and_its_class_stands_before_it() -> None:
    seen: set[str] = set()
    for category in categories():
        assert category.code not in seen
        assert category.parent is None or category.parent in seen
        seen.add(category.code)
    assert seen == category_codes() == set(category_by_code())


def test_every_category_has_names_and_a_sentence_in_both_languages() -> None:
    for category in categories():
        assert category.zh.endswith("事件")
        assert category.name("zh_Hans_CN") == category.zh != category.name("en") == category.en
        assert category.about("zh_Hans_CN").endswith("。")
        assert category.about("en").endswith(".")
        assert require_category(category.code) == category.code


def test_a_rule_for_a_class_matches_its_own_categories_and_no_others() -> None:
    for wanted in categories():
        rule = Rule(When(category=(wanted.code,)))
        matched = {
            category.code
            for category in categories()
            if match([rule], Default(), RoutingInput(category=category.code)).rule_index == 0
        }
        assert matched == {
            category.code for category in categories() if wanted.code in (category.code, category.parent)
        }


def test_both_taxonomies_lead_to_each_other() -> None:
    codes = {entry.code for entry in rsit_entries()}
    assert len(codes) == len(rsit_entries())
    assert {category.rsit for category in categories()} <= codes
    assert {entry.category for entry in rsit_entries()} <= category_codes()
    assert all(entry.en and entry.zh for entry in rsit_entries())


def test_they_are_read_once() -> None:
    assert categories() is categories()


@pytest.mark.skipif(not REFERENCE.exists(), reason="reference files are not beside the project")
def test_names_and_codes_are_those_of_the_reference() -> None:
    reference = json.loads((REFERENCE / "gbt20986-2023.json").read_text("utf-8"))
    expected = {(item["code"], None, item["zh"]) for item in reference["categories"]}
    expected |= {(sub["code"], item["code"], sub["zh"]) for item in reference["categories"] for sub in item["sub"]}
    assert {(category.code, category.parent, category.zh) for category in categories()} == expected
    rsit = json.loads((REFERENCE / "rsit.json").read_text("utf-8"))
    codes = {f"{value['predicate']}/{entry['value']}" for value in rsit["values"] for entry in value["entry"]}
    assert {entry.code for entry in rsit_entries()} == codes
