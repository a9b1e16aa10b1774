"""Mappings applied to payloads: what is read, what is refused, and that nothing makes them fail."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.alert import Alert, Ignored
from incident.core.incidents.mapping import AlertMapping, MappedItem, Unmapped, apply_mapping, check_mapping
from incident.core.values.error_messages import FAULT_WORDS
from incident.core.values.faults import RuleError
from incident.core.values.text import is_plain

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def mapping(*, more: tuple[dict[str, Any], ...] = (), **members: Any) -> AlertMapping:
    variant = {"name": "form", "title": "{/title}", "fingerprint": "/id"} | members
    return check_mapping({"version": 1, "variants": [variant, *more]})


def read(payload: object, **members: Any) -> Alert:
    [alert] = apply_mapping(mapping(**members), payload, NOW, "own")
    assert isinstance(alert, Alert)
    return alert


def test_pointers_follow_the_examples_of_the_standard() -> None:
    payload = {"id": 1, "a/b": 1, "m~n": 8, "": {"x": ["bar", "baz"]}, " ": 7, 'k"l': 6}
    places = {"slash": "/a~1b", "tilde": "/m~0n", "item": "//x/1", "blank": "/ ", "quote": '/k"l', "none": "//x/01"}
    assert read(payload, labels=places).labels == {
        "slash": "1",
        "tilde": "8",
        "item": "baz",
        "blank": "7",
        "quote": "6",
    }


def test_the_first_alternative_whose_values_are_all_there_is_the_text() -> None:
    title = ["{/rule} on {/host}", "{/rule}", "Alert {{{/id}}}"]
    assert read({"id": 1, "rule": "Disk", "host": "web"}, title=title).title == "Disk on web"
    assert read({"id": 1, "rule": "Disk", "host": " "}, title=title).title == "Disk"
    assert read({"id": 1, "host": None}, title=title).title == "Alert {1}"


def test_lines_without_a_value_are_left_out_of_the_description() -> None:
    lines = ["{/text}", ["{/a}", "{/b}"], "Details: {/more}"]
    assert read({"id": 1, "text": "Full", "b": "second"}, description=lines).description == "Full\nsecond"
    assert read({"id": 1, "more": {"x": [1]}}, description=lines).description == 'Details: {"x": [1]}'


def test_an_alert_without_a_title_is_called_by_its_fingerprint() -> None:
    assert read({"id": "disk-1"}).title == "disk-1"


def test_a_table_says_which_words_are_firing_and_which_are_resolved() -> None:
    status = [
        {"pointer": "/state", "resolved": ["OK", "clear*"], "firing": "alerting"},
        {"pointer": "/archived", "resolved": "true"},
    ]
    for payload, expected in (
        ({"state": "ok"}, "resolved"),
        ({"state": "Cleared by operator"}, "resolved"),
        ({"state": "alerting", "archived": True}, "firing"),
        ({"state": "unheard of", "archived": True}, "resolved"),
        ({"archived": False}, "firing"),
        ({}, "firing"),
    ):
        assert read({"id": 1, **payload}, status=status).status == expected, payload


def test_a_severity_becomes_a_grade_by_words_and_by_steps() -> None:
    grade = [
        {"pointer": "/severity", "words": {"high": 2}, "steps": [{"least": 4, "grade": 3}, {"least": 7, "grade": 2}]}
    ]
    for severity, expected in (
        ("HIGH", 2), (8.9, 2), (7, 2), ("6.9", 3), (4, 3), (3.9, None), ("odd", None), (None, None), (True, None),
        ([9], 2), ({}, None), (float("nan"), None), (float("inf"), 2), (10**60, None),
    ):  # fmt: skip
        assert read({"id": 1, "severity": severity}, grade=grade).grade == expected, severity


def test_a_category_follows_from_the_longest_beginning_or_is_taken_as_it_is() -> None:
    table = [{"pointer": "/types/*", "words": {"Trojan:*": "MPTROJ", "Trojan:Dns*": "MPZOMB", "*": "OTH"}}]
    assert read({"id": 1, "types": ["Trojan:Dns/x"]}, category=table).category == "MPZOMB"
    assert read({"id": 1, "types": ["Trojan:y"]}, category=table).category == "MPTROJ"
    assert read({"id": 1, "types": ["z"]}, category=table).category == "OTH"
    assert read({"id": 1, "c": "phishing"}, category=[{"pointer": "/c"}]).category == "phishing"


@pytest.mark.parametrize(
    ("value", "options", "expected"),
    [
        ("2026-11-20T12:00:00+08:00", {}, "2026-11-20 04:00:00"),
        ("2026-11-20 04:00:00.123456789", {"format": "iso"}, "2026-11-20 04:00:00.123456"),
        ("2026.11.20 12:00:00", {"offset": "+08:00"}, "2026-11-20 04:00:00"),
        ("2026/1/2 3:04", {}, "2026-01-02 03:04:00"),
        ("Fri, 20 Nov 2026 04:00:00 +0000", {}, "2026-11-20 04:00:00"),
        (1763611200, {}, "2025-11-20 04:00:00"),
        (1763611200.25, {"format": "seconds"}, "2025-11-20 04:00:00.250000"),
        ("1763611200250", {"format": "epoch"}, "2025-11-20 04:00:00.250000"),
        (1763611200250000, {"format": "microseconds"}, "2025-11-20 04:00:00.250000"),
        (1763611200250000000, {"format": "nanoseconds"}, "2025-11-20 04:00:00.250000"),
        ("0001-01-01T00:00:00Z", {}, None),
        ("2027-01-01T00:00:00Z", {}, None),
        ("2026-02-30T00:00:00Z", {}, None),
        ("yesterday", {}, None),
        (1e300, {}, None),
        (True, {}, None),
        ("9" * 100, {}, None),
    ],
)
def test_times_are_read_in_the_formats_of_senders(value: object, options: dict[str, str], expected: str | None) -> None:
    at = read({"id": 1, "at": value}, occurred_at=[{"value": "{/at}", **options}]).occurred_at
    assert (None if at is None else at.replace(tzinfo=None).isoformat(" ")) == expected


def test_an_end_belongs_to_a_resolved_alert_only() -> None:
    members: dict[str, Any] = {"status": {"pointer": "/s", "resolved": "ok"}, "ended_at": "{/at}"}
    at = "2026-11-20T04:00:00Z"
    assert read({"id": 1, "s": "ok", "at": at}, **members).ended_at == datetime(2026, 11, 20, 4, tzinfo=UTC)
    assert read({"id": 1, "s": "bad", "at": at}, **members).ended_at is None


def test_a_fingerprint_is_one_value_or_several_and_some_may_be_missing() -> None:
    rule: list[Any] = [{"all": ["/rule"], "any": ["/host", "/user"]}, ["/id", "/labels"], "/id"]
    assert read({"id": 7}, fingerprint=rule).fingerprint == "7"
    seen = [
        read({"id": 7, **payload}, fingerprint=rule).fingerprint
        for payload in (
            {"rule": "a", "host": "h"},
            {"rule": "a", "user": "h"},
            {"rule": "a"},
            {"labels": {"a": 1, "b": 2}},
            {"labels": {"b": 2, "a": 2}},
        )
    ]
    assert len(set(seen)) == 5
    assert read({"id": 7, "labels": {"b": 2, "a": 1}}, fingerprint=rule).fingerprint == seen[3]


def test_words_make_the_end_of_an_alert_the_same_alert() -> None:
    rule = [[{"pointer": "/rule", "words": {"503": "504"}}, "/host"]]
    assert read({"rule": 504, "host": "h"}, fingerprint=rule).fingerprint == (
        read({"rule": 503, "host": "h"}, fingerprint=rule).fingerprint
    )


def test_labels_come_from_named_places_and_from_objects() -> None:
    labels = {"host": ["/host", "/name"], "list": "/list", "object": "/extra", "flag": "/flag", "group": "$/group"}
    payload = {"group": "g", "alerts": [{"id": 1, "name": "web", "list": ["a", None, 2, {}], "flag": False,
               "extra": {"host": "other", "n": 1.5, "deep": {"x": 1}, "": "nameless"}}]}  # fmt: skip
    alert = read(payload, alerts="/alerts", labels=labels, label_objects="/extra")
    assert alert.labels == {"host": "web", "list": "a, 2", "flag": "false", "group": "g", "n": "1.5"}


def test_indicators_have_a_kind_or_are_detected() -> None:
    rules = [
        {"pointer": "/src", "kind": "ip"},
        {"pointer": "/file/*", "kind": "hash"},
        "/seen",
        {"pointer": "/mail", "kind": "email"},
    ]
    payload = {
        "id": 1,
        "src": "10.0.0.1, fe80::1 0.0.0.0",
        "file": {"md5": "D" * 32, "sha1": "0" * 40, "size": 12},
        "seen": ["hxxp://bad[.]example/x", "no indicator at all", 5],
        "mail": "Not an address",
    }
    assert [(one.kind, one.value) for one in read(payload, indicators=rules).indicators] == [
        ("ipv4", "10.0.0.1"),
        ("ipv6", "fe80::1"),
        ("md5", "d" * 32),
        ("url", "http://bad.example/x"),
    ]


def test_the_first_form_that_fits_is_read_and_none_is_refused_with_what_they_have() -> None:
    forms = mapping(
        when=[{"pointer": "/kind", "is": ["a", "b*"]}, {"pointer": "/old", "absent": True}],
        more=(
            {
                "name": "other",
                "when": {"pointer": "/other/id"},
                "alerts": "/other",
                "title": "Other",
                "fingerprint": "/id",
            },
        ),
    )
    titles = [
        apply_mapping(forms, payload, NOW, "own")[0]
        for payload in ({"kind": "Bx", "id": 1, "title": "First"}, {"kind": "b", "old": 1, "other": {"id": 2}})
    ]
    assert [item.title for item in titles if isinstance(item, Alert)] == ["First", "Other"]
    with pytest.raises(RuleError) as caught:
        apply_mapping(forms, {"kind": "c"}, NOW, "own")
    assert (caught.value.code, caught.value.arguments) == ("mapping.no_variant", {"forms": "/kind; /other/id"})


def test_each_alert_of_a_list_is_read_by_itself() -> None:
    payload = {"alerts": [{"id": 1}, {"title": "no id"}, "text", {"id": 2, "level": "debug"}]}
    ignore = {"pointer": "/level", "is": "debug"}
    first, second, third, fourth = apply_mapping(mapping(alerts="/alerts", ignore=ignore), payload, NOW, "own")
    assert isinstance(first, Alert)
    assert isinstance(second, Unmapped)
    assert [fault.code for fault in second.faults] == ["mapping.no_fingerprint"]
    assert isinstance(third, Unmapped)
    assert third.part == "text"
    assert fourth == Ignored("left_out_by_mapping", {"member": "/level", "value": "debug"})


@pytest.mark.parametrize(
    ("payload", "code", "pointer"),
    [
        ({}, "mapping.list_missing", "/alerts"),
        ({"alerts": None}, "mapping.list_missing", "/alerts"),
        ({"alerts": "text"}, "mapping.no_list", "/alerts"),
        ({"alerts": [{}] * 1_001}, "payload.too_many_alerts", "/alerts"),
        ([{"alerts": [{"id": 1}]}] * 1_001, "payload.too_many_alerts", ""),
        ([{"alerts": [{"id": 1}] * 600}] * 2, "payload.too_many_alerts", ""),
        (None, "document.not_an_object", ""),
        (3, "document.not_an_object", ""),
    ],
)
def test_a_payload_without_its_list_is_refused_with_the_place(payload: object, code: str, pointer: str) -> None:
    with pytest.raises(RuleError) as caught:
        apply_mapping(mapping(alerts="/alerts"), payload, NOW, "own")
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def test_a_list_at_the_top_is_several_messages() -> None:
    items = apply_mapping(mapping(alerts="/alerts"), [{"alerts": {"id": 1}}, {}, {"alerts": []}, 5], NOW, "own")
    assert [type(item) for item in items] == [Alert, Unmapped, Unmapped]


def test_a_wrapped_message_is_read_by_the_source_that_recognises_it() -> None:
    inner = mapping(when={"pointer": "/kind", "is": "inner"})
    outer = mapping(
        name="wrapper", unwrap={"member": "Message"},
        more=({"name": "rest", "title": "{/Message/text}", "fingerprint": "/key"},),
    )  # fmt: skip
    wrapped = {"key": "k", "Message": json.dumps({"kind": "inner", "id": 1, "title": "Inside"})}
    [found] = apply_mapping(outer, wrapped, NOW, "outer", [("inner", inner)])
    assert isinstance(found, Alert)
    assert (found.source, found.title) == ("inner", "Inside")
    [other] = apply_mapping(outer, {"key": "k", "Message": '{"text": "Else"}'}, NOW, "outer", [("inner", inner)])
    assert isinstance(other, Alert)
    assert (other.source, other.title) == ("outer", "Else")
    [text] = apply_mapping(outer, {"key": "k", "Message": "NaN"}, NOW, "outer", [("inner", inner)])
    assert isinstance(text, Alert)
    assert text.title == "k"


EVERYTHING: dict[str, Any] = {
    "when": {"pointer": "/x", "absent": True},
    "alerts": "/alerts",
    "ignore": {"pointer": "/a/*/*", "is": "zz*"},
    "title": ["{/*} {/a}", "{/a/*}"],
    "description": ["{/a}", ["{/*/0}", "{$}"]],
    "status": {"pointer": "/*", "resolved": "*"},
    "fingerprint": [["/a", "/b"], {"all": ["/a"], "any": ["/*/*"]}, "/b", ""],
    "occurred_at": ["{/a}", {"value": "{/b}", "format": "epoch"}, {"value": "{/*}", "format": "mail"}],
    "ended_at": [{"value": "{/a}", "format": "nanoseconds"}],
    "grade": {"pointer": "/*", "words": {"a": 2}, "steps": [{"least": -5, "grade": 3}]},
    "category": [{"pointer": "/*", "words": {"a*": "MP"}}, {"pointer": "/b"}],
    "labels": {"a": ["/a", "/*"], "b": "/b/*/*"},
    "label_objects": ["/a", "$/alerts/0"],
    "indicators": [{"pointer": "/*", "kind": "ip"}, "/*/*", {"pointer": "/a", "kind": "account"}],
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.integers(10**50, 10**60)
NAMES = st.sampled_from(["a", "b", "alerts", "x", "", "*", "0", "~"])
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)


def checked(items: list[MappedItem]) -> None:
    for item in items:
        if isinstance(item, Alert):
            assert json.dumps(item.to_json()).encode()
            assert is_plain(item.title + item.description + "".join([*item.labels, *item.labels.values()]))
            assert len(item.digest) == 64
        if isinstance(item, Unmapped):
            assert all(fault.code in FAULT_WORDS for fault in item.faults)


@given(payload=JSON | st.fixed_dictionaries({"alerts": st.lists(JSON, max_size=3)}))
def test_any_json_ends_in_alerts_or_in_a_fault(payload: object) -> None:
    for members in (EVERYTHING, {"alerts": "", "fingerprint": [["/a"], "/*/*"]}, {"unwrap": {"member": "a"}}):
        faults: tuple[RuleError, ...] = ()
        try:
            checked(apply_mapping(mapping(**members), payload, NOW, "own"))
        except RuleError as refused:
            faults = refused.all
        assert all(fault.code in FAULT_WORDS for fault in faults)


@pytest.mark.parametrize("depth", [500, 20_000])
def test_deep_nesting_ends_in_alerts_or_in_a_fault(depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = {"a": deep}
    for alert in ({"a": deep, "b": 1}, {"a": [deep], "b": deep}):
        items = apply_mapping(mapping(**EVERYTHING), {"alerts": [alert]}, NOW, "own")
        assert len(items) == 1


def test_huge_values_are_cut_and_cost_no_time() -> None:
    huge = "a" * 5_000_000
    wide = {str(number): huge[:1000] for number in range(20_000)}
    alert = read(
        {"id": 1, "title": huge, "wide": wide},
        description=["{/title}", "{/wide/*}"],
        label_objects="/wide",
        indicators=["/wide/*", "/title"],
    )
    assert len(alert.title) == 300
    assert len(alert.description) == 20_000
    assert len(alert.labels) == 100
    assert alert.indicators == ()
