"""Sharing of slots between origins: the share of each kind, the limit of each origin."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from incident.core.delivery.slot_share import (
    AHEAD,
    MAX_DOUBTFUL,
    MAX_NEW,
    MAX_SILENT,
    NEW_MOST_WHEN_TIGHT,
    PER_ORIGIN,
    SLOTS,
    TIGHT_FROM,
    Kind,
    Share,
)


def taken(share: Share, *origins: str) -> int:
    return sum(share.take(origin) for origin in origins)


def silent(origins: list[str]) -> dict[str, Kind]:
    return dict.fromkeys(origins, "silent")


GOOD: dict[str, Kind] = {"good": "answered"}


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def test_no_origin_gets_more_than_its_limit_and_another_gets_the_next() -> None:
    share = Share([], [], {"good": "answered", "bad": "silent"})
    assert taken(share, *["bad"] * 20) == PER_ORIGIN
    assert taken(share, *["new"] * 20) == NEW_MOST_WHEN_TIGHT
    assert taken(share, *["good"] * 20) == PER_ORIGIN + AHEAD
    assert {"good", "bad"} <= share.shut()
    assert share.full() == {"good", "bad"}


def test_nobody_gives_way_for_an_origin_that_has_all_it_may_have() -> None:
    share = Share([], [], {"good": "answered"})
    taken(share, *["good"] * 20)
    assert (share.has_refused, share.has_refused_others) == (True, False)


def test_what_goes_to_no_provider_always_goes() -> None:
    share = Share(names("x", SLOTS), [], {})
    assert share.take(None)
    assert not share.take("a")


def test_silent_origins_get_a_part_and_leave_the_rest_to_those_that_answered_and_to_new_ones() -> None:
    quiet = names("s", 40)
    share = Share([], [], silent(quiet) | GOOD)
    assert taken(share, *quiet) == MAX_SILENT
    assert share.shut() == set(quiet)
    assert taken(share, *names("new", 40)) == NEW_MOST_WHEN_TIGHT
    assert taken(share, *["good"] * 9) == 9


def test_new_origins_get_many_slots_until_many_answers_are_overdue() -> None:
    assert taken(Share([], [], {}), *names("new", 40)) == MAX_NEW
    hung = names("h", TIGHT_FROM)
    share = Share(hung, hung, silent(hung))
    assert taken(share, *names("new", 40)) == NEW_MOST_WHEN_TIGHT
    assert share.has_refused_others


def test_the_last_slots_are_left_for_what_answered() -> None:
    hung = names("h", MAX_DOUBTFUL)
    share = Share(hung, hung, silent(hung) | GOOD)
    assert not share.take("new")
    assert taken(share, *["good"] * 8) == SLOTS - MAX_DOUBTFUL


def test_busy_origins_that_answer_leave_what_comes_free_to_new_ones() -> None:
    share = Share(["good"] * 14 + ["fine"] * 14 + ["well"] * 3, [], dict.fromkeys(["good", "fine", "well"], "answered"))
    assert share.take("new")
    assert not share.take("newer")


KINDS: st.SearchStrategy[Kind] = st.sampled_from(["answered", "silent"])
ORIGINS = st.sampled_from(names("o", 12))


@given(st.lists(ORIGINS, max_size=SLOTS), st.dictionaries(ORIGINS, KINDS), st.lists(ORIGINS, max_size=60))
def test_never_more_than_all_slots_and_never_more_to_one_origin(
    in_flight: list[str], known: dict[str, Kind], wanted: list[str]
) -> None:
    hung = [origin for origin in in_flight if known.get(origin) == "silent"]
    share = Share(in_flight, hung, known)
    begun = [origin for origin in wanted if share.take(origin)]
    assert len(in_flight) + len(begun) <= SLOTS
    counted = Counter(in_flight + begun)
    assert all(counted[origin] <= PER_ORIGIN + AHEAD * (known.get(origin) == "answered") for origin in begun)
