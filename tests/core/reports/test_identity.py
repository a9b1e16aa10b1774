"""Which class of protection an identity gets, and who may have it opened."""

import datetime as dt

import pytest

from incident.core.reports.identity import (
    RequestFacts,
    cleaned_contact,
    identity_of,
    protection_of,
    request_state,
    require_fields,
    require_may_answer,
    require_may_request,
)
from incident.core.values.faults import RuleError

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("contact", "asked", "usual", "wanted"),
    [
        ((), None, "sealed", "anonymous"),
        ((), "protected", "protected", "anonymous"),
        (("phone",), None, None, "sealed"),
        (("phone",), "sealed", "sealed", "sealed"),
        (("phone",), "protected", "sealed", "protected"),
        (("phone",), None, "protected", "protected"),
        (("phone",), "sealed", "protected", "protected"),
    ],
)
def test_the_class_is_the_higher_of_what_is_asked_and_what_is_usual(
    contact: tuple[str, ...], asked: str | None, usual: str | None, wanted: str
) -> None:
    assert protection_of(contact, asked, usual) == wanted


def test_an_anonymous_report_has_no_contact() -> None:
    with pytest.raises(RuleError, match=r"identity\.anonymous_contact"):
        protection_of(["phone"], "anonymous", None)


def test_of_a_contact_only_what_can_be_read_is_left() -> None:
    given = {"name": "\u202e李伟", "phone": " 138 ", "email": "\u200b", "address": None, "secret": "x"}
    assert cleaned_contact(given) == {"name": "李伟", "phone": "138"}
    assert cleaned_contact(None) == {}


def facts(protection: str = "sealed", approved: tuple[str, ...] = ()) -> RequestFacts:
    return RequestFacts(
        protection=protection,  # type: ignore[arg-type]
        requester_people=frozenset({"token:4", "person:1"}),
        handlers=frozenset({"person:2"}),
        answered_by=frozenset(approved),
    )


@pytest.mark.parametrize(
    ("approver", "code"),
    [
        ("person:1", "identity_request.own"),
        ("token:4", "identity_request.own"),
        ("person:2", "identity_request.approver_handles"),
        ("person:3", "identity_request.answered_before"),
    ],
)
def test_requester_handler_and_approvers_are_different_people(approver: str, code: str) -> None:
    with pytest.raises(RuleError) as raised:
        require_may_answer(facts(approved=("person:3",)), approver)
    assert raised.value.code == code
    require_may_answer(facts(approved=("person:3",)), "person:5")


def test_who_handles_a_report_may_request_sealed_fields_but_no_protected_ones() -> None:
    for protection in ("sealed", "protected"):
        asking = RequestFacts(protection, frozenset({"person:2"}), frozenset({"person:2"}))
        if protection == "sealed":
            require_may_request(asking)
        else:
            with pytest.raises(RuleError, match="by_handler"):
                require_may_request(asking)


def test_only_fields_that_are_there_are_requested() -> None:
    assert require_fields(["phone", "name", "phone"], ["name", "phone", "email"]) == ("name", "phone")
    with pytest.raises(RuleError, match=r"document\.missing"):
        require_fields([], ["name"])
    with pytest.raises(RuleError) as raised:
        require_fields(["name", "phone", "x"], ["name"])
    assert [one.pointer for one in raised.value.all] == ["/fields/1", "/fields/2"]


@pytest.mark.parametrize(
    ("opens_at", "expires_at", "wanted"),
    [
        (None, NOW + HOUR, "requested"),
        (NOW + HOUR, NOW + 2 * HOUR, "waiting"),
        (NOW, NOW + HOUR, "open"),
        (NOW - HOUR, NOW, "expired"),
        (None, NOW, "expired"),
    ],
)
def test_a_request_is_open_after_its_approval_and_before_its_end(
    opens_at: dt.datetime | None, expires_at: dt.datetime, wanted: str
) -> None:
    assert request_state(opens_at, expires_at, NOW) == wanted


def test_a_name_is_no_identity() -> None:
    assert identity_of("person:3:Li: Wei") == identity_of("person:3:Wang") == "person:3"
