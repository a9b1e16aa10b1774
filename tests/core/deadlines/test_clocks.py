"""Clocks of the shipped regimes: what starts them, when they are due, and that no due moves later by itself."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.deadlines.clocks import (
    FACT_WITHDRAWN,
    Clock,
    ClockEvent,
    ClockFacts,
    clocks,
    fact_truth,
    keep_earlier,
)
from incident.core.deadlines.regimes import (
    DutyCondition,
    OrganizationProfile,
    check_profile,
    regime_faults,
    regimes_of,
)
from incident.core.values.faults import RuleError
from incident.data.reporting_regimes import shipped_regimes
from incident.data.working_calendars import shipped

NIGHT = dt.datetime(2026, 11, 20, 18, 10, tzinfo=dt.UTC)  # 02:10 in China
OPEN = ClockFacts(None, 1)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def event(kind: str, at: dt.datetime = NIGHT) -> ClockEvent:
    return ClockEvent(kind, at)


def filed(stage: str, at: dt.datetime, n: int = 1, *, is_proved: bool = True) -> ClockEvent:
    return ClockEvent("filed", at, stage, n, is_proved)


def found(regime: str, facts: ClockFacts, *events: ClockEvent) -> dict[str, Clock]:
    its = clocks(shipped_regimes()[regime], facts, events, shipped())
    return {one.stage if one.n == 1 else f"{one.stage}.{one.n}": one for one in its}


def after(clock: Clock) -> dt.timedelta:
    assert clock.due_at is not None
    assert clock.start_at is not None
    return clock.due_at - clock.start_at


def test_the_24_regimes_load_and_say_what_they_mean() -> None:
    assert len(shipped_regimes()) == 24
    assert [fault for one in shipped_regimes().values() for fault in regime_faults(one)] == []
    assert {stage.evidence for one in shipped_regimes().values() for stage in one.stages} == {
        "primary",
        "read",
        "secondary",
        "recalled",
    }


@pytest.mark.parametrize(
    ("operator_class", "regime", "hours", "recipients"),
    [
        ("cii", "cn-cac-cii", 1, ["protection_department", "police"]),
        ("central_state", "cn-cac-central", 2, ["own_cyberspace_office"]),
        ("other", "cn-cac-other", 4, ["provincial_cac"]),
    ],
)
@pytest.mark.parametrize("grade", [1, 2, 3])
def test_the_class_of_the_operator_sets_the_deadline_and_never_the_grade(
    operator_class: str, regime: str, hours: int, recipients: list[str], grade: int
) -> None:
    profile = OrganizationProfile(operator_class)  # type: ignore[arg-type]
    [applies] = regimes_of(profile, shipped_regimes())
    assert applies.id == regime
    first = found(regime, ClockFacts(grade, grade), event("aware"))["first"]
    assert (first.state, after(first), [one.role for one in first.to]) == ("running", hours * HOUR, recipients)


@pytest.mark.parametrize("regime", ["cn-cac-cii", "cn-cac-central", "cn-cac-other"])
def test_a_moderate_incident_has_no_second_hop_and_an_ordinary_one_no_clock(regime: str) -> None:
    moderate = found(regime, ClockFacts(3, 3), event("aware"))
    assert {key: one.state for key, one in moderate.items()} == {
        "first": "running",
        "upward": "not_applicable",
        "summary": "waiting",
    }
    ordinary = found(regime, ClockFacts(4, 1), event("aware"))
    assert {one.state for one in ordinary.values()} == {"not_applicable"}


@pytest.mark.parametrize(
    ("regime", "minutes", "recipients"),
    [
        ("cn-cac-cii", 30, ["national_cac", "national_police"]),
        ("cn-cac-central", 60, ["national_cac"]),
        ("cn-cac-other", 60, ["national_cac", "peer_departments"]),
    ],
)
@pytest.mark.parametrize("grade", [1, 2])
def test_the_second_hop_starts_with_the_first_filing_that_is_proved(
    regime: str, minutes: int, recipients: list[str], grade: int
) -> None:
    facts = ClockFacts(grade, grade)
    unproved = found(regime, facts, event("aware"), filed("first", NIGHT + HOUR / 2, is_proved=False))
    assert (unproved["upward"].state, unproved["upward"].waits_for) == ("waiting", "received:first")
    proofs = [filed("first", NIGHT + minutes * HOUR / 60) for minutes in (50, 40)]
    watched = found(regime, facts, event("aware"), *proofs)["upward"]
    assert (watched.hop, watched.state, [one.role for one in watched.to]) == (2, "running", recipients)
    assert (watched.start_at, after(watched)) == (NIGHT + HOUR * 2 / 3, dt.timedelta(minutes=minutes))


def test_an_undecided_grade_runs_the_clocks_as_undetermined_while_moderate_is_possible() -> None:
    assert found("cn-cac-cii", ClockFacts(None, 3), event("aware"))["first"].state == "undetermined"
    assert found("cn-cac-cii", ClockFacts(None, 3), event("aware"))["upward"].state == "not_applicable"
    assert found("cn-cac-cii", ClockFacts(None, 4), event("aware"))["first"].state == "not_applicable"


def test_the_summary_is_due_thirty_days_after_handling_and_lawfully_at_the_end_of_the_next_working_day() -> None:
    ended = dt.datetime(2026, 1, 16, 2, 0, tzinfo=dt.UTC)  # the 30th day is 15 February, the first of Spring Festival
    summary = found("cn-cac-cii", ClockFacts(3, 3), event("aware"), event("handling_ended", ended))["summary"]
    assert (summary.state, summary.due_at) == ("running", ended + 30 * DAY)
    assert summary.lawful_at == dt.datetime(2026, 2, 24, 16, 0, tzinfo=dt.UTC)


def test_a_grade_that_goes_up_at_night_starts_from_the_awareness_and_not_from_the_decision() -> None:
    three_hours_later = found("cn-cac-other", ClockFacts(2, 1), event("aware"), filed("first", NIGHT + 3 * HOUR))
    assert three_hours_later["first"].start_at == NIGHT
    assert three_hours_later["upward"].start_at == NIGHT + 3 * HOUR


def test_a_filing_ends_the_clock_and_is_late_only_after_the_lawful_end() -> None:
    facts = ClockFacts(3, 3)
    assert found("cn-cac-cii", facts, event("aware"), filed("first", NIGHT + HOUR))["first"].state == "filed"
    late = NIGHT + HOUR + dt.timedelta(minutes=1)
    assert found("cn-cac-cii", facts, event("aware"), filed("first", late))["first"].state == "filed_late"
    handled = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)
    events = [event("aware"), event("handling_ended", handled), filed("summary", handled + 30 * DAY + HOUR)]
    assert found("cn-cac-cii", facts, *events)["summary"].state == "filed"


def test_dora_that_nobody_has_classified_is_due_a_day_after_awareness() -> None:
    initial = found("eu-dora", OPEN, event("aware"))["initial"]
    assert (initial.state, after(initial)) == ("undetermined", 24 * HOUR)
    early = found("eu-dora", OPEN, event("aware"), event("classified", NIGHT + 2 * HOUR))["initial"]
    assert (early.state, early.due_at) == ("running", NIGHT + 6 * HOUR)
    capped = found("eu-dora", OPEN, event("aware"), event("classified", NIGHT + 23 * HOUR))["initial"]
    assert capped.due_at == NIGHT + 24 * HOUR


def test_three_facts_in_korea_are_three_clocks_and_each_filing_ends_its_own() -> None:
    added = [event("fact_added", NIGHT + hours * HOUR) for hours in (30, 5, 9)]
    events = [event("aware"), *added, filed("supplement", NIGHT + 10 * HOUR, n=2)]
    its = found("kr-network", OPEN, *events)
    assert [after(one) for one in its.values()] == [24 * HOUR] * 4
    assert [its[key].state for key in ("supplement", "supplement.2", "supplement.3")] == [
        "undetermined",
        "filed",
        "undetermined",
    ]


def test_a_fact_that_was_withdrawn_starts_nothing_and_leaves_the_others_their_numbers() -> None:
    facts = [event("fact_added"), event(FACT_WITHDRAWN, NIGHT - HOUR), event("fact_added", NIGHT + HOUR)]
    its = found("kr-network", OPEN, event("aware"), *facts)
    assert sorted(key for key in its if key.startswith("supplement")) == ["supplement", "supplement.3"]


def test_a_returned_report_is_owed_again_and_what_it_began_runs_on() -> None:
    grave = ClockFacts(2, 2)
    back = replace(filed("first", NIGHT + HOUR / 2), returned_at=NIGHT + HOUR)
    its = found("cn-cac-cii", grave, event("aware"), back)
    assert (its["first"].state, its["first"].due_at, its["upward"].state) == ("returned", NIGHT + HOUR, "running")
    assert [one.arguments["at"] for one in its["first"].because if one.code == "returned"] == [NIGHT + HOUR]
    again = found("cn-cac-cii", grave, event("aware"), back, filed("first", NIGHT + 2 * HOUR))
    assert (again["first"].state, again["upward"].due_at) == ("filed_late", its["upward"].due_at)
    assert found("cn-cac-cii", ClockFacts(4, 4), event("aware"), back)["first"].state == "not_applicable"


def test_a_report_that_falls_due_while_handling_goes_on_puts_the_final_one_off() -> None:
    notified = dt.datetime(2026, 1, 31, 9, 0, tzinfo=dt.UTC)
    events = [event("aware", notified - HOUR), filed("notification", notified)]
    ongoing = found("eu-nis2", OPEN, *events)
    assert ongoing["progress-if-ongoing"].due_at == dt.datetime(2026, 2, 28, 9, 0, tzinfo=dt.UTC)
    assert (ongoing["final"].state, ongoing["final"].waits_for) == ("waiting", "handling_ended")
    soon = found("eu-nis2", OPEN, *events, event("handling_ended", notified + 3 * DAY))
    assert soon["progress-if-ongoing"].state == "not_applicable"
    assert soon["final"].due_at == dt.datetime(2026, 2, 28, 9, 0, tzinfo=dt.UTC)
    ended = dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC)
    late = found("eu-nis2", OPEN, *events, event("handling_ended", ended))
    assert late["progress-if-ongoing"].state == "undetermined"
    assert late["final"].due_at == dt.datetime(2026, 4, 10, 8, 0, tzinfo=dt.UTC)  # summer time has begun in Brussels


@pytest.mark.parametrize(
    ("regime", "starts", "stage", "hours"),
    [
        ("eu-nis2", "aware", "early-warning", 24),
        ("eu-nis2", "aware", "notification", 72),
        ("eu-gdpr-33", "aware", "authority", 72),
        ("eu-cra-vuln", "aware", "early-warning", 24),
        ("eu-cra-vuln", "aware", "notification", 72),
        ("eu-cra-vuln", "measure_available", "final", 14 * 24),
        ("eu-cra-incident", "aware", "notification", 72),
        ("us-circia", "aware", "incident", 72),
        ("us-circia", "paid", "ransom", 24),
        ("us-nydfs", "aware", "notice", 72),
        ("us-nydfs", "paid", "payment-notice", 24),
        ("us-nydfs", "paid", "payment-explanation", 30 * 24),
        ("us-hipaa", "aware", "individuals-hhs-media-if-500", 60 * 24),
        ("in-certin", "aware", "report", 6),
        ("sg-cii", "aware", "initial", 2),
        ("sg-cii", "aware", "written", 14 * 24),
        ("sg-pdpa", "assessed", "pdpc", 3 * 24),
        ("jp-appi", "aware", "sokuho", 5 * 24),
        ("jp-appi", "aware", "kakuho", 30 * 24),
        ("kr-network", "aware", "first", 24),
        ("kr-pipa", "aware", "pipc-kisa", 72),
        ("au-soci", "aware", "critical", 12),
        ("au-soci", "aware", "other", 72),
        ("au-ransom", "paid", "report", 72),
        ("uk-nis", "aware", "notify", 72),
        ("uk-csr-bill", "aware", "initial", 24),
        ("uk-csr-bill", "aware", "full", 72),
        ("cn-netdata-art10", "aware", "report", 24),
    ],
)
def test_each_regime_counts_its_own_hours(regime: str, starts: str, stage: str, hours: int) -> None:
    clock = found(regime, OPEN, event("aware", NIGHT - HOUR), event(starts))[stage]
    start = NIGHT - HOUR if starts == "aware" else NIGHT
    assert (clock.start_at, clock.due_at) == (start, start + hours * HOUR)
    assert clock.state in ("running", "undetermined")


def test_a_regime_runs_only_from_the_day_on_which_it_applies() -> None:
    assert found("eu-cra-vuln", OPEN, event("aware", dt.datetime(2026, 9, 10, 12, tzinfo=dt.UTC))) == {}
    assert found("eu-cra-vuln", OPEN, event("aware", dt.datetime(2026, 9, 10, 22, tzinfo=dt.UTC))) != {}


def test_a_breach_of_few_people_is_reported_after_the_end_of_the_year() -> None:
    few = found("us-hipaa", ClockFacts(None, 1, {"persons_leaked": 499}), event("aware"))["hhs-if-500"]
    assert (few.state, few.due_at) == ("running", dt.datetime(2027, 3, 2, 5, 0, tzinfo=dt.UTC))
    many = found("us-hipaa", ClockFacts(None, 1, {"persons_leaked": 500}), event("aware"))["hhs-if-500"]
    assert many.state == "not_applicable"


def test_an_answer_decides_a_duty_and_without_it_a_person_must_judge() -> None:
    leak = ClockFacts(None, 1, {"persons_leaked": 1})
    assert found("eu-gdpr-33", leak, event("aware"))["authority"].state == "running"
    assert found("eu-gdpr-33", OPEN, event("aware"))["authority"].state == "undetermined"
    assert fact_truth(DutyCondition(answer="persons_leaked", at_least=1), OPEN) is None
    assert fact_truth(DutyCondition(answer="persons_leaked", at_least=2), leak) is False


def test_a_period_without_figure_says_that_it_is_a_target() -> None:
    notice = found("cn-pipl-57", OPEN, event("aware"))["authority-and-individuals"]
    assert "target" in {one.code for one in notice.because}


def test_a_country_without_calendar_says_that_monday_to_friday_was_counted() -> None:
    form = found("us-sec-8k", OPEN, event("material"))["8-k"]
    assert "no_calendar" in {one.code for one in form.because}
    assert form.due_at == dt.datetime(2026, 11, 26, 18, 10, tzinfo=dt.UTC)  # Friday in New York, then four days


def test_regimes_add_up_and_those_of_another_class_cannot_be_chosen() -> None:
    profile = OrganizationProfile("other", regimes=("eu-nis2", "cn-pipl-57"))
    assert [one.id for one in regimes_of(profile, shipped_regimes())] == ["cn-cac-other", "cn-pipl-57", "eu-nis2"]
    with pytest.raises(RuleError) as refused:
        check_profile(OrganizationProfile("other", regimes=("cn-cac-cii", "eu-nix")), shipped_regimes())
    assert [(one.code, one.pointer) for one in refused.value.all] == [
        ("regime.follows", "/regimes/0"),
        ("regime.unknown", "/regimes/1"),
    ]


def test_a_due_that_stood_stays_unless_two_people_put_it_off() -> None:
    before = found("cn-cac-cii", OPEN, event("aware"))["first"]
    later = found("cn-cac-cii", OPEN, event("aware", NIGHT + HOUR))["first"]
    kept = keep_earlier(before, later)
    assert (kept.start_at, kept.due_at) == (before.start_at, before.due_at)
    assert "kept_earlier" in {one.code for one in kept.because}
    assert keep_earlier(before, later, may_be_later=True) == later
    assert keep_earlier(later, before) == before
    assert keep_earlier(None, later) == later


MOMENTS = st.integers(0, 180 * 24 * 60).map(
    lambda minutes: dt.datetime(2026, 10, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)
KINDS = st.sampled_from(
    ["aware", "classified", "material", "paid", "assessed", "measure_available", "fact_added", "handling_ended"]
)
HAPPENED = st.lists(st.builds(ClockEvent, KINDS, MOMENTS), max_size=12)
FACTS = st.builds(
    ClockFacts,
    st.sampled_from([None, 1, 2, 3, 4]),
    st.integers(1, 4),
    st.dictionaries(st.just("persons_leaked"), st.sampled_from([None, 0, 1, 499, 500, 10**6])),
)
REGIMES = st.sampled_from(sorted(shipped_regimes()))


@given(REGIMES, FACTS, HAPPENED, st.builds(ClockEvent, KINDS, MOMENTS))
def test_no_further_event_moves_a_due_later(
    regime: str, facts: ClockFacts, events: Sequence[ClockEvent], more: ClockEvent
) -> None:
    before = found(regime, facts, *events)
    now = found(regime, facts, *events, more)
    for key, clock in before.items():
        if clock.due_at is not None and key in now:
            due = keep_earlier(clock, now[key]).due_at
            assert due is None or due <= clock.due_at
            # what happens moves no due later, were it not even kept
            assert now[key].due_at is None or now[key].due_at <= clock.due_at  # type: ignore[operator]


@given(REGIMES, FACTS, HAPPENED)
def test_a_decision_not_to_report_ends_every_clock_of_its_regime_but_no_filing_and_moves_no_due(
    regime: str, facts: ClockFacts, events: Sequence[ClockEvent]
) -> None:
    before = found(regime, facts, *events)
    decision = {"decision": 7, "by": "person:1:Li Wei", "confirmed_by": "person:2:Wang Fang"}
    after_it = found(regime, replace(facts, not_reportable={regime: decision}), *events)
    assert after_it.keys() == before.keys()
    for key, one in after_it.items():
        assert one.due_at == before[key].due_at
        is_filed = before[key].state in ("filed", "filed_late")
        assert one.state == (before[key].state if is_filed else "not_applicable")
    assert found(regime, replace(facts, not_reportable={"another": decision}), *events) == before


@given(REGIMES, FACTS, FACTS, HAPPENED)
def test_no_fact_moves_a_due(regime: str, facts: ClockFacts, others: ClockFacts, events: Sequence[ClockEvent]) -> None:
    dues = {key: one.due_at for key, one in found(regime, facts, *events).items()}
    assert {key: one.due_at for key, one in found(regime, others, *events).items()} == dues


@given(REGIMES, FACTS, HAPPENED)
def test_the_same_facts_and_events_give_the_same_clocks(
    regime: str, facts: ClockFacts, events: Sequence[ClockEvent]
) -> None:
    first = found(regime, facts, *events)
    assert found(regime, replace(facts), *events) == first
    others = [one for one in events if one.kind != "fact_added"]
    numbered = [one for one in events if one.kind == "fact_added"]
    moved = found(regime, facts, *reversed(others), *numbered)
    assert {key: (one.due_at, one.state) for key, one in moved.items()} == {
        key: (one.due_at, one.state) for key, one in first.items()
    }
