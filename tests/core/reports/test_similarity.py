"""Words by which similar reports are found."""

from hypothesis import given
from hypothesis import strategies as st

from incident.core.reports.similarity import MOST_WORDS, telling_words


def test_the_host_and_the_longest_words_tell_a_text_from_others() -> None:
    assert telling_words("They rang from 13800138000 and said so", "https://Mall.example/x")[:2] == (
        "mall.example",
        "13800138000",
    )
    assert telling_words("冒充客服，要求转账") == ("冒充客服", "要求转账")
    assert telling_words("a an it") == ()
    assert telling_words("", "http://[") == ()


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_has_a_few_words_that_are_in_it(text: str, url: str) -> None:
    words = telling_words(text, url)
    assert len(words) <= MOST_WORDS
    assert len(set(words)) == len(words)
    assert all(words)
