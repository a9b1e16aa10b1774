"""Service of documents: what each way needs, and who remains unserved."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.documents.ways_of_service import SERVICE_WAYS, NewService, check_service, unserved_parties
from incident.core.values.faults import RuleError

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PARTIES = st.lists(st.tuples(st.sampled_from("ABC"), st.booleans()), max_size=8)


def faults(service: NewService, media: tuple[str | None, ...] = ()) -> list[str]:
    """The codes of the faults of a service of a document that was signed an hour before, in order."""
    try:
        check_service(service, media, AT - HOUR, AT)
    except RuleError as fault:
        return [one.code.removeprefix("document_service.") for one in fault.all]
    return []


@pytest.mark.parametrize(
    ("more", "media", "expected"),
    [
        ({}, (), []),
        ({"way": "left"}, (), ["why_left", "left_without_witness", "left_without_picture"]),
        ({"way": "left", "reason": "refused", "witness": "Qian"}, ("text/plain", None), ["left_without_picture"]),
        ({"way": "left", "reason": "refused", "witness": "Qian"}, ("image/jpeg",), []),
        ({"way": "left", "reason": "refused", "witness": "Qian"}, ("video/mp4",), []),
        ({"way": "electronic"}, (), ["without_consent"]),
        ({"way": "electronic", "consent": "by letter of 1 March"}, (), []),
        ({"is_served": False}, (), ["why_not_served"]),
        ({"way": "electronic", "is_served": False, "reason": "bounced"}, (), []),
        ({"at": AT + HOUR}, (), ["in_the_future"]),
        ({"at": AT - 2 * HOUR}, (), ["before_signature"]),
    ],
)
def test_each_way_says_all_at_once_what_it_lacks(
    more: dict[str, Any], media: tuple[str | None, ...], expected: list[str]
) -> None:
    assert faults(replace(NewService("in_person", "Y", AT), **more), media) == expected


def test_a_document_may_be_served_in_the_minute_of_its_signature() -> None:
    signed_at = AT + dt.timedelta(seconds=50)
    check_service(NewService("in_person", "Y", AT), (), signed_at, AT + HOUR)
    with pytest.raises(RuleError):
        check_service(NewService("in_person", "Y", AT - dt.timedelta(minutes=1)), (), signed_at, AT + HOUR)


@given(st.sampled_from(SERVICE_WAYS), st.booleans())
def test_a_failed_attempt_needs_only_its_reason(way: Any, has_witness: bool) -> None:
    service = NewService(way, "Y", AT, is_served=False, reason="moved", witness="Q" if has_witness else None)
    assert faults(service) == []


@given(PARTIES, st.sampled_from("ABC"))
def test_whoever_was_served_once_is_served_whatever_failed_before_or_after(
    attempts: list[tuple[str, bool]], party: str
) -> None:
    assert party not in unserved_parties([*attempts, (party, True)])
    expected = {one for one, _ in attempts} - {one for one, is_served in attempts if is_served}
    assert set(unserved_parties(attempts)) == expected
