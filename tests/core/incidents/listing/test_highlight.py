"""What a search found is marked in the text as it is written, whatever its case, width or accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.listing.highlight import SNIPPET, Part, marked, needles_of, snippet


def hits(text: str, query: str) -> list[str]:
    return [part.text for part in marked(text, needles_of(query)) if part.is_hit]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Ransomware in accounting", "ransom", ["Ransom"]),
        ("财务部门遭勒索软件攻击", "勒索", ["勒索"]),
        ("Café closed", "cafe", ["Café"]),
        ("ＡＢＣ bank", "abc", ["ＡＢＣ"]),
        ("Login from mail.evil.example", "evil.example", ["evil.example"]),
        ("a worm and a WORM", "worm", ["worm", "WORM"]),
        ("scarce", "car", []),
        ("nothing", "worm", []),
    ],
)
def test_the_words_of_a_query_are_marked_as_written(text: str, query: str, found: list[str]) -> None:
    assert hits(text, query) == found


def test_a_snippet_is_cut_around_the_first_hit() -> None:
    text = "x" * 300 + " the worm came by mail " + "y" * 300
    parts = snippet(text, needles_of("worm"))
    assert [part.text for part in parts if part.is_hit] == ["worm"]
    assert parts[0] == parts[-1] == Part("…")
    assert len("".join(part.text for part in parts)) <= SNIPPET + 2
    assert snippet(text, needles_of("fire")) == ()


@given(st.text(max_size=60), st.text(max_size=12))
def test_the_parts_together_are_the_text(text: str, query: str) -> None:
    assert "".join(part.text for part in marked(text, needles_of(query))) == text
