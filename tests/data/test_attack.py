"""The index of ATT&CK is whole, and people find techniques by number and words."""

import json
from pathlib import Path

import pytest

from incident.data.attack import find_techniques, tactics, technique_name, techniques

REFERENCE = Path(__file__).parents[2].parent / "shared" / "data" / "taxonomies" / "enterprise-attack-index.json"


def test_every_technique_serves_tactics_that_are_there_and_a_part_has_its_whole() -> None:
    assert len(tactics()) == 14
    for one in techniques().values():
        assert one.tactics
        assert set(one.tactics) <= set(tactics())
        assert one.parent is None or one.parent in techniques()
    assert {one.name("zh_Hans_CN") for one in tactics().values()}.isdisjoint(one.en for one in tactics().values())


def test_a_technique_is_found_by_its_number_and_by_words_in_any_order() -> None:
    assert [one.id for one in find_techniques("t1566", 10)][:2] == ["T1566", "T1566.001"]
    assert [one.id for one in find_techniques("attachment spearphishing", 10)] == ["T1566.001", "T1598.002"]
    assert find_techniques("phishing", 3) == find_techniques("PHISHING", 10)[:3]
    assert find_techniques("no such words", 10) == find_techniques("  ", 10) == []
    assert technique_name("T1566.001") == "T1566.001 Spearphishing Attachment"
    assert technique_name("T9999") == "T9999"


def test_the_index_is_that_of_mitre() -> None:
    if not REFERENCE.exists():
        pytest.skip("reference files are not here")
    wanted = {one["id"]: one["name"] for one in json.loads(REFERENCE.read_text("utf-8"))["techniques"]}
    assert {one.id: one.name for one in techniques().values()} == wanted
