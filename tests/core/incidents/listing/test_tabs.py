"""Which tab, order and columns an address of the list means."""

import pytest

from incident.core.incidents.listing import tabs


@pytest.mark.parametrize(
    ("named", "given", "tab"),
    [
        ("", {}, "open"),
        ("", {"grade": "1"}, "open"),
        ("", {"q": "worm"}, None),
        ("", {"status": "closed"}, None),
        ("closed", {"q": "worm"}, "closed"),
        ("mine", {}, "mine"),
        ("all", {}, None),
        ("nonsense", {}, "open"),
    ],
)
def test_a_search_looks_in_all_incidents_unless_a_tab_is_chosen(
    named: str, given: dict[str, str], tab: str | None
) -> None:
    assert tabs.chosen_tab(named, given) == tab


def test_columns_that_do_not_exist_are_left_out_and_the_others_keep_the_order_of_the_list() -> None:
    assert tabs.chosen_columns(None) == tabs.USUAL_COLUMNS
    assert tabs.chosen_columns("region,nonsense,owner") == ("owner", "region")
    assert tabs.chosen_columns("") == ()


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (999, "999"), (1_000, "1,000"), (1_001, "1,000+")])
def test_a_count_is_exact_up_to_a_thousand(count: int, words: str) -> None:
    assert tabs.count_words(count) == words


def test_a_count_that_may_be_larger_says_so() -> None:
    assert [tabs.count_words(count, is_least=True) for count in (0, 37, 1_001)] == ["0+", "37+", "1,000+"]


def test_an_order_that_does_not_exist_is_the_usual_one() -> None:
    assert tabs.chosen_sort("grade") == "grade"
    assert tabs.chosen_sort("nonsense") is None
