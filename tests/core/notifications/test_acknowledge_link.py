"""What an acknowledge link can still do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from incident.core.notifications import acknowledge_link, notice
from incident.core.notifications.acknowledge_link import VALID_FOR, AcknowledgeLink, LinkedNotice, link_state
from incident.core.notifications.message import MESSAGE_TYPES
from incident.core.notifications.notice import FINISHED, State
from incident.core.values.faults import RuleError

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(-3 * VALID_FOR, 3 * VALID_FOR).map(lambda length: AT + length)
IDS = st.integers(1, 3)
LINKS = st.builds(AcknowledgeLink, IDS, MOMENTS)
NOTICES = st.builds(LinkedNotice, IDS, st.sampled_from(notice.STATES), MOMENTS)
UNFINISHED = st.builds(
    LinkedNotice, IDS, st.sampled_from([one for one in notice.STATES if one not in FINISHED]), MOMENTS
)
OVER = st.builds(LinkedNotice, IDS, st.sampled_from(sorted(FINISHED)), MOMENTS)
TICK = timedelta(microseconds=1)


def refusal(link: AcknowledgeLink, linked: LinkedNotice, now: datetime) -> str | None:
    """The code of the fault with which an answer by the link is refused."""
    try:
        acknowledge_link.refuse_dead_link(link, linked, now)
    except RuleError as fault:
        return f"{fault.kind} {fault.code}"
    return None


@given(LINKS, NOTICES, MOMENTS)
def test_a_link_answers_its_own_unfinished_notice_from_its_opening_until_seven_days_after_the_message(
    link: AcknowledgeLink, linked: LinkedNotice, now: datetime
) -> None:
    is_valid = (
        link.notice_id == linked.notice_id
        and linked.state not in FINISHED
        and linked.opened_at <= link.sent_at
        and now < link.sent_at + timedelta(days=7)
    )
    assert (link_state(link, linked, now) == "valid") is is_valid


@given(LINKS, NOTICES, MOMENTS)
def test_a_link_of_another_notice_is_always_refused(link: AcknowledgeLink, linked: LinkedNotice, now: datetime) -> None:
    assume(link.notice_id != linked.notice_id)
    assert refusal(link, linked, now) == "conflict notice.link_other"


@given(UNFINISHED, st.timedeltas(TICK, 2 * VALID_FOR), MOMENTS)
def test_a_link_from_before_the_notice_was_opened_again_is_older_however_young_it_is(
    linked: LinkedNotice, before: timedelta, now: datetime
) -> None:
    link = AcknowledgeLink(linked.notice_id, linked.opened_at - before)
    assert refusal(link, linked, now) == "conflict notice.link_older"


@given(UNFINISHED, st.timedeltas(timedelta(0), VALID_FOR))
def test_a_link_expires_to_the_microsecond(linked: LinkedNotice, age: timedelta) -> None:
    link = AcknowledgeLink(linked.notice_id, linked.opened_at + age)
    assert refusal(link, linked, link.sent_at + VALID_FOR - TICK) is None
    assert refusal(link, linked, link.sent_at + VALID_FOR) == "conflict notice.link_expired"


@given(LINKS, NOTICES, MOMENTS, st.timedeltas(timedelta(0), VALID_FOR))
def test_a_link_that_answers_nothing_never_answers_again(
    link: AcknowledgeLink, linked: LinkedNotice, now: datetime, length: timedelta
) -> None:
    assume(link_state(link, linked, now) != "valid")
    assert link_state(link, linked, now + length) != "valid"


@given(OVER, MOMENTS, MOMENTS)
def test_of_a_finished_notice_its_own_state_decides_and_not_the_age_of_the_link(
    linked: LinkedNotice, sent_at: datetime, now: datetime
) -> None:
    link = AcknowledgeLink(linked.notice_id, sent_at)
    assert (link_state(link, linked, now), refusal(link, linked, now)) == ("finished", None)


@given(LINKS, NOTICES, MOMENTS, st.booleans())
def test_the_page_offers_only_answers_that_would_change_something_and_none_by_a_dead_link(
    link: AcknowledgeLink, linked: LinkedNotice, now: datetime, is_closed: bool
) -> None:
    offered = acknowledge_link.answers_by_link(link, linked, now, is_closed=is_closed)
    assert "done" not in offered
    for kind in offered:
        assert (is_closed, link_state(link, linked, now)) == (False, "valid")
        assert notice.after(linked.state, kind) != linked.state


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("open", {"acknowledged", "accepted", "declined"}),
        ("acknowledged", {"accepted", "declined"}),
        ("accepted", {"declined"}),
        ("declined", {"accepted"}),
        ("exhausted", {"acknowledged", "accepted", "declined"}),
        ("done", set()),
        ("withdrawn", set()),
    ],
)
def test_what_a_valid_link_offers_in_each_state(state: State, offered: set[str]) -> None:
    link, linked = AcknowledgeLink(1, AT), LinkedNotice(1, state, AT)
    assert acknowledge_link.answers_by_link(link, linked, AT, is_closed=False) == offered


def test_messages_that_ask_for_an_acknowledgement_have_a_link() -> None:
    assert set(MESSAGE_TYPES) > acknowledge_link.WITH_BUTTON
    assert not acknowledge_link.WITH_BUTTON & acknowledge_link.WITHOUT_LINK
