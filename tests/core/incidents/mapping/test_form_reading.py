"""From a mapping to its form and back: nothing changes; what the form cannot express has none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.mapping import check_mapping
from incident.core.incidents.mapping.form import MappingForm, TimeFields, split_words, write_mapping
from incident.core.incidents.mapping.form_reading import read_mapping_form
from incident.core.values.faults import RuleError
from incident.data.source_presets import source_presets

NAMES = st.text(st.characters(exclude_characters="*{}~/", exclude_categories=["C", "Z"]), min_size=1, max_size=6)
PLACES = st.builds("{}/{}".format, st.sampled_from(["", "", "$", "/*", "/a~1b"]), NAMES)
MAYBE = st.just("") | PLACES
WORD = st.text("abcdeé中文*-", min_size=1, max_size=4)
TEXT = st.sampled_from(["{/a} on {/b}", "Alert", "{{x}} {/a}", "/a", "$/a"])
TEXTS = st.lists(st.tuples(PLACES, st.just("")) | st.tuples(st.just(""), TEXT), max_size=3).map(tuple)
OFFSETS = st.sampled_from(["", "+08:00", "-0330"])
NUMBERS = st.just("") | st.integers(-9, 99).map(str) | st.sampled_from(["0.5", "7.25"])


def _time(words: Any, format_: str, offset: str) -> TimeFields:
    return TimeFields(words[0], format_, offset) if words else TimeFields()


TIMES = st.builds(_time, TEXTS, st.sampled_from(["any", "iso", "seconds"]), OFFSETS)


@st.composite
def forms(draw: st.DrawFn) -> MappingForm:
    """Forms that describe a mapping, as the page would show them."""
    words = draw(st.lists(WORD, unique=True, max_size=8))
    status, grade, category = draw(MAYBE), draw(MAYBE), draw(MAYBE)
    cut = draw(st.integers(0, len(words)))
    steps = draw(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS))
    has_grade = bool(grade and (words or any(steps)))
    labels = draw(st.dictionaries(NAMES, PLACES, max_size=3))
    return MappingForm(
        name=draw(NAMES),
        alerts=draw(MAYBE),
        title=draw(TEXTS.filter(len)),
        description=draw(TEXTS),
        status=status if words else "",
        resolved=", ".join(words[:cut]) if status else "",
        firing=", ".join(words[cut:]) if status else "",
        fingerprint=tuple(draw(st.lists(PLACES, min_size=1, max_size=3))),
        occurred_at=draw(TIMES),
        ended_at=draw(TIMES),
        grade=grade if has_grade else "",
        grade_words=tuple(", ".join(words[at::4]) if has_grade else "" for at in range(4)),
        grade_from=steps if has_grade else ("",) * 4,
        category=category,
        category_words=tuple((word, "MPRANS") for word in words) if category else (),
        labels=tuple(labels.items()),
        indicators=tuple(draw(st.lists(st.tuples(PLACES, st.sampled_from(["", "ip", "domain"])), max_size=3))),
    )


@given(forms())
def test_a_form_becomes_a_mapping_and_the_same_form_again(form: MappingForm) -> None:
    assert read_mapping_form(write_mapping(form)) == form


MEMBERS: Any = st.fixed_dictionaries(
    {
        "name": NAMES,
        "title": TEXT | st.lists(TEXT, min_size=1, max_size=2),
        "fingerprint": PLACES
        | st.lists(PLACES | st.lists(PLACES, min_size=1, max_size=2), min_size=1, max_size=2)
        | st.fixed_dictionaries({"all": st.lists(PLACES, min_size=1, max_size=2)}, optional={"any": PLACES}),
    },
    optional={
        "when": st.lists(st.fixed_dictionaries({"pointer": PLACES}), max_size=1),
        "alerts": PLACES,
        "description": st.lists(TEXT | st.lists(TEXT, min_size=1, max_size=2), max_size=2),
        "status": st.fixed_dictionaries({"pointer": PLACES, "resolved": st.lists(WORD, min_size=1, max_size=2)}),
        "occurred_at": TEXT | st.lists(TEXT, max_size=2),
        "grade": st.fixed_dictionaries(
            {"pointer": PLACES, "words": st.dictionaries(WORD, st.integers(1, 4), min_size=1, max_size=3)}
        ),
        "category": st.fixed_dictionaries(
            {"pointer": PLACES}, optional={"words": st.dictionaries(WORD, st.just("MPRANS"), max_size=2)}
        ),
        "labels": st.dictionaries(NAMES, PLACES | st.lists(PLACES, min_size=1, max_size=2), max_size=2),
        "label_objects": st.lists(PLACES, max_size=1),
        "indicators": PLACES | st.lists(PLACES, max_size=2),
    },
)


@given(st.lists(MEMBERS, min_size=1, max_size=2))
def test_a_form_says_all_that_its_mapping_says(variants: list[Any]) -> None:
    document = {"version": 1, "variants": variants}
    form = read_mapping_form(document)
    if form is not None:
        assert check_mapping(write_mapping(form)) == check_mapping(document)


LEAST = {"name": "x", "title": "{/t}", "fingerprint": "/id"}


@pytest.mark.parametrize(
    "more",
    [
        {"when": [{"pointer": "/a"}]},
        {"ignore": [{"pointer": "/a", "is": ["b"]}]},
        {"unwrap": {"member": "a"}},
        {"label_objects": ["/tags"]},
        {"fingerprint": ["/a", "/b"]},
        {"fingerprint": {"all": ["/a"], "any": ["/b"]}},
        {"description": [["{/a}", "{/b}"]]},
        {"description": "two\nlines"},
        {"grade": [{"pointer": "/a", "words": {"b": 2}}, {"pointer": "/c", "words": {"d": 2}}]},
        {"grade": {"pointer": "/a", "words": {"b, c": 2}}},
        {"category": {"pointer": "/a", "words": {}}},
        {"labels": {"a": ["/b", "/c"]}},
    ],
)
def test_what_the_form_cannot_express_has_none(more: dict[str, Any]) -> None:
    assert read_mapping_form({"version": 1, "variants": [LEAST | more]}) is None
    assert read_mapping_form({"version": 1, "variants": [LEAST]}) is not None


def test_two_forms_of_a_message_have_no_form() -> None:
    assert read_mapping_form({"version": 1, "variants": [LEAST, LEAST]}) is None


def test_the_presets_keep_their_meaning_or_have_no_form() -> None:
    for preset in source_presets().values():
        form = read_mapping_form(preset.mapping)
        assert form is None or check_mapping(write_mapping(form)) == check_mapping(preset.mapping)


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(RuleError):
        read_mapping_form({"version": 1, "variants": [{"name": "x"}]})


@given(st.text("ab,，、\n ", max_size=12))
def test_words_come_back_from_their_field(text: str) -> None:
    words = split_words(text)
    assert split_words(", ".join(words)) == words
