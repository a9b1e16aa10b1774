"""Documents of mappings: every fault is found at once, with its place and a message."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.mapping import check_mapping
from incident.core.values.error_messages import FAULT_WORDS, say
from incident.core.values.faults import RuleError
from incident.data.source_presets import source_presets

LEAST: dict[str, Any] = {"name": "form", "title": "{/title}", "fingerprint": "/id"}


def faults_of(document: object) -> dict[str, str]:
    with pytest.raises(RuleError) as caught:
        check_mapping(document)
    assert all("{" not in say(fault.code, fault.arguments | {"example": "x"}) for fault in caught.value.all)
    return {fault.pointer: fault.code for fault in caught.value.all}


def variant_faults(**members: Any) -> dict[str, str]:
    found = faults_of({"version": 1, "variants": [LEAST | members]})
    return {pointer.removeprefix("/variants/0"): code for pointer, code in found.items()}


def test_a_least_mapping_has_a_name_a_title_and_a_fingerprint() -> None:
    mapping = check_mapping({"version": 1, "variants": [LEAST]})
    assert (mapping.version, [variant.name for variant in mapping.variants]) == (1, ["form"])


def test_a_single_value_counts_as_a_list_of_one() -> None:
    one, several = (
        check_mapping({"version": 1, "variants": [LEAST | members]})
        for members in (
            {
                "when": {"pointer": "/a", "is": "x"},
                "status": {"pointer": "/s", "resolved": "ok"},
                "occurred_at": "{/t}",
            },
            {
                "title": ["{/title}"],
                "fingerprint": [["/id"]],
                "when": [{"pointer": "/a", "is": ["x"]}],
                "status": [{"pointer": "/s", "resolved": ["ok"]}],
                "occurred_at": [{"value": "{/t}", "format": "any"}],
            },
        )
    )
    assert one == several


def test_what_is_no_mapping_is_refused() -> None:
    assert faults_of(None) == {"": "document.not_an_object"}
    assert faults_of({}) == {"/version": "mapping.version"}
    assert faults_of({"version": 1}) == {"/variants": "mapping.no_variants"}
    assert faults_of({"version": 1, "variants": "x"}) == {"/variants": "document.not_an_object"} | {
        "/variants/name": "document.missing"
    }
    assert faults_of({"version": 1, "variants": [LEAST] * 21}) == {"/variants": "document.not_a_list"}


def test_every_fault_is_found_at_once() -> None:
    assert variant_faults(
        name=" ",
        title="{a}",
        fingerprint=[["id", "/ok"], {"any": ["/a"]}],
        alerts="alerts",
        when=[{"pointer": "/a", "is": [3, "x"]}, {"pointer": "x", "absent": "yes"}, {}],
        description=["{", ["ok", "}"], []],
        status=[{"pointer": "/s"}, {"pointer": "/s", "resolved": [5]}],
        occurred_at=["{/t}", {"value": "{/t}", "format": "julian"}, {"value": "{/t}", "offset": "Shanghai"}],
        ended_at=[{"format": "iso"}],
        grade=[
            {"pointer": "/g"},
            {"pointer": "/g", "words": {"high": 7}},
            {"pointer": "/g", "steps": [{"least": "a", "grade": 2}]},
        ],
        category=[{"pointer": "/c", "words": {"x": ""}}],
        labels={"ok": "/a", "bad": "a", "": "/b"},
        indicators=[{"pointer": "/i", "kind": "iris"}, "i"],
        colour="red",
    ) == {
        "/name": "document.not_a_text",
        "/title": "mapping.pointer",
        "/fingerprint/0/0": "mapping.pointer",
        "/fingerprint/1/all": "document.missing",
        "/alerts": "mapping.pointer",
        "/when/0/is/0": "document.not_a_text",
        "/when/1/pointer": "mapping.pointer",
        "/when/1/absent": "document.not_a_truth",
        "/when/2/pointer": "document.missing",
        "/description/0": "mapping.template",
        "/description/1/1": "mapping.template",
        "/description/2": "document.not_a_list",
        "/status/0": "mapping.no_words",
        "/status/1/resolved/0": "document.not_a_text",
        "/status/1": "mapping.no_words",
        "/occurred_at/1/format": "document.not_a_choice",
        "/occurred_at/2/offset": "mapping.offset",
        "/ended_at/0/value": "document.missing",
        "/grade/0": "mapping.no_words",
        "/grade/1/words/high": "grade.unknown",
        "/grade/2/steps/0/least": "mapping.number",
        "/category/0/words/x": "category.malformed",
        "/labels/bad": "mapping.pointer",
        "/labels": "document.not_a_text",
        "/indicators/0/kind": "document.not_a_choice",
        "/indicators/1": "mapping.pointer",
        "/colour": "document.unknown_field",
    }


def test_a_variant_without_a_title_or_a_fingerprint_is_refused_unless_it_unwraps() -> None:
    assert faults_of({"version": 1, "variants": [{"name": "a"}]}) == {
        "/variants/0/title": "document.missing",
        "/variants/0/fingerprint": "document.missing",
    }
    check_mapping({"version": 1, "variants": [{"name": "a", "unwrap": {"member": "Message"}}]})
    assert variant_faults(unwrap={"encoding": "gzip"}) == {
        "/unwrap/member": "document.missing",
        "/unwrap/encoding": "document.not_a_choice",
    }


@pytest.mark.parametrize("name", sorted(source_presets()))
def test_every_preset_is_a_mapping_without_a_fault(name: str) -> None:
    preset = source_presets()[name]
    assert preset.product
    assert check_mapping(preset.mapping).variants


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["/a", "{/a}", "$"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["pointer", "words", "is", "all", "a", "value", "steps", "least"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    members=st.dictionaries(
        st.sampled_from(
            [
                "name",
                "when",
                "unwrap",
                "alerts",
                "title",
                "status",
                "fingerprint",
                "occurred_at",
                "grade",
                "category",
                "labels",
                "indicators",
            ]
        ),
        JSON,
    )
)
def test_any_document_ends_in_a_mapping_or_in_faults(members: dict[str, Any]) -> None:
    faults: tuple[RuleError, ...] = ()
    try:
        check_mapping({"version": 1, "variants": [LEAST | members]})
    except RuleError as caught:
        faults = caught.all
    assert all(fault.code in FAULT_WORDS for fault in faults)
