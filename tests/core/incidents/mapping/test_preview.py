"""The places of a sample, and what each target of the form reads from it."""

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.mapping.form import MappingForm, TimeFields
from incident.core.incidents.mapping.places import MAX_PLACES, lists_in, places_in
from incident.core.incidents.mapping.preview import MappingPreview, preview_form

NOW = dt.datetime(2026, 11, 29, 12, 0, tzinfo=dt.UTC)
SAMPLE: dict[str, Any] = {
    "site": {"name": "plant 4"},
    "list": [
        {"id": 7, "rule": "Scan", "level": "High", "state": "done", "at": "2026-11-29 08:00:00", "end": None},
        {"id": 8, "hosts": [{"ip": "192.0.2.7"}, {"ip": "192.0.2.8"}], "tags": ["a", "b"], "end": "2026-11-29 09:00"},
    ],
}
FORM = MappingForm(
    alerts="/list",
    title=(("", "{/rule} at {$/site/name}"),),
    status="/state",
    resolved="done",
    fingerprint=("/id",),
    occurred_at=TimeFields(("/at", ""), "any", "+08:00"),
    grade="/level",
    grade_words=("", "high", "", ""),
    labels=(("site", "$/site/name"), ("none", "/none")),
    indicators=(("/rule", ""),),
)


def found(payload: Any, alerts: str) -> dict[str, str]:
    return {one.pointer: one.example for one in places_in(payload, alerts)}


def test_places_are_those_of_the_alerts_then_those_of_the_message_around_them() -> None:
    places = found(SAMPLE, "/list")
    assert places["/rule"] == "Scan"
    assert places["/end"] == "2026-11-29 09:00", "the first that has a value is the example"
    assert places["/hosts/*/ip"] == "192.0.2.7"
    assert places["/tags"] == "a, b"
    assert list(places)[-1] == "$/site/name"
    assert not any(place.startswith("$/list") for place in places)


def test_several_messages_are_one_sample() -> None:
    assert found([{"a": 1}, 7, {"b": None, "a{": 2, "*": 3}], "") == {"/a": "1", "/b": ""}


def test_lists_of_objects_are_offered_with_their_length() -> None:
    assert [(one.pointer, one.example) for one in lists_in({"a": {"b": [{}, {}]}, "c": [1], "d": []})] == [
        ("/a/b", "2")
    ]


def test_each_target_shows_what_it_reads() -> None:
    shown = preview_form(FORM, SAMPLE, NOW)
    assert (shown.count, shown.title, shown.fingerprint) == (2, "Scan at plant 4", "7")
    assert (shown.status, shown.written["status"]) == ("resolved", "done")
    assert (shown.grade, shown.written["grade"]) == (2, "High")
    assert shown.occurred_at == dt.datetime(2026, 11, 29, 0, 0, tzinfo=dt.UTC)
    assert shown.places == {"$/site/name": "plant 4", "/none": None}
    assert shown.indicators == {"/rule": ()}
    assert (shown.description, shown.ended_at, shown.category) == (None, None, None)


def test_a_fault_in_one_target_hides_no_other() -> None:
    broken = MappingForm(
        title=(("", "{/rule"),), fingerprint=("/none",), grade="/level", grade_words=("", "high", "", "")
    )
    shown = preview_form(broken, SAMPLE["list"], NOW)
    assert (shown.title, shown.fingerprint, shown.grade) == (None, None, 2)


def test_without_an_alert_at_the_place_nothing_is_shown() -> None:
    assert preview_form(MappingForm(alerts="/none"), SAMPLE, NOW) == MappingPreview()
    assert preview_form(MappingForm(alerts="none"), SAMPLE, NOW) == MappingPreview()


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below, max_size=3),
    max_leaves=20,
)


@given(JSON)
def test_any_sample_is_looked_at_without_a_failure(payload: Any) -> None:
    for place in lists_in(payload):
        preview_form(FORM, payload, NOW)
        assert len(places_in(payload, place.pointer)) <= MAX_PLACES
    shown = places_in(payload, "")
    preview_form(MappingForm(title=tuple((one.pointer, "") for one in shown)), payload, NOW)
