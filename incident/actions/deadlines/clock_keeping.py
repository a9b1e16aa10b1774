"""Keeping the clocks of an incident: computed again in every transaction that changes what they follow from."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from incident.actions.deadlines.clock_warnings import keep_next_due, keep_warnings
from incident.actions.deadlines.receipts import give_duties, receipt_event
from incident.actions.deadlines.review_notices import withdraw_reviews
from incident.actions.graded_facts import answers_of, grading_of
from incident.actions.playbooks.tasks import end_filing_tasks
from incident.actions.regime_versions import regime_at
from incident.actions.rule_set_versions import rule_sets_of
from incident.actions.unit_of_work import UnitOfWork
from incident.core.deadlines.clocks import (
    FACT_WITHDRAWN,
    SET_BY_PEOPLE,
    Because,
    Clock,
    ClockEvent,
    ClockFacts,
    clocks,
    keep_earlier,
)
from incident.core.deadlines.regimes import AWARE, FACT_ADDED, HANDLED, Regime, regimes_of
from incident.core.deadlines.rule_sets import grading_questions
from incident.core.values.moment import format_moment
from incident.data.reporting_regimes import shipped_regime_data, shipped_regimes
from incident.data.working_calendars import shipped
from incident.store.approvals import IN_FORCE
from incident.store.deadlines import clock_rows, gradings, profiles
from incident.store.deadlines.clock_rows import Filing, IncidentClock
from incident.store.deadlines.not_reportable import standing_not_reportable
from incident.store.incidents.incidents import Incident

REPORTABLE: Final = 3
"""The least grave grade that authorities want to hear of."""


def recompute_clocks(uow: UnitOfWork, incident: Incident, *, may_be_later: bool | Collection[str] = False) -> None:
    """Compute the clocks of a locked incident again, within the caller's transaction.

    A clock keeps the version of its regime. A due moves later only when two people decided so.

    Args:
        uow: the caller's unit of work.
        incident: the incident; an exercise has no clocks.
        may_be_later: whether two people decided on what moves them; or the events on which they decided, such as
            `material` or `filed:first`: only clocks that count from one of these move later.
    """
    if incident.is_exercise:
        return
    uow.flush()
    kept = clock_rows.clocks_of(incident.id)
    rows = {(row.regime, row.stage, row.n): row for row in kept}
    filings = clock_rows.counted_filings(clock_rows.filings_of(incident.id))
    events, facts = _events_of(incident, kept, filings), clock_facts(incident, uow.now)
    if not rows and not any(one.kind == AWARE for one in events) and (facts.decided or 4) > REPORTABLE:
        return
    profile = profiles.latest_profile()
    changed: list[dict[str, Any]] = []
    its_clocks = list(kept)
    for regime in _regimes(rows.values(), profile):
        computed = clocks(regime, facts, events, shipped())
        for clock in _with_vanished(computed, rows.values(), regime, events):
            row = rows.get((clock.regime, clock.stage, clock.n))
            if row is None:
                if clock.state == "not_applicable":
                    continue
                row = _start(uow, incident, clock, regime, None if profile is None else profile.id)
                its_clocks.append(row)
                changed.append(_said(row))
            elif row.state not in SET_BY_PEOPLE and _update(
                uow, row, keep_earlier(_as_clock(row), clock, may_be_later=_may_move(regime, clock, may_be_later))
            ):
                changed.append(_said(row))
    if any(one.received_by for one in filings):
        uow.flush()  # a clock that has just started has no id before
        give_duties(uow, its_clocks, filings)
    keep_warnings(uow, incident, its_clocks)
    keep_next_due(incident, its_clocks)
    if changed:
        uow.record("incident.clocks_changed", f"incident:{incident.number}", {"clocks": changed}, incident.number)
    end_filing_tasks(uow, incident)
    withdraw_reviews(uow, incident)


def _may_move(regime: Regime, clock: Clock, may_be_later: bool | Collection[str]) -> bool:
    if isinstance(may_be_later, bool):
        return may_be_later
    stage = regime.stage(clock.stage)
    return not {stage.start, *(cap.start for cap in stage.caps)}.isdisjoint(may_be_later)


def _regimes(rows: Collection[IncidentClock], profile: profiles.ProfileVersion | None) -> Iterator[Regime]:
    """Yield the regimes that run on the incident, at their versions, and those that the profile adds."""
    hashes = {row.regime: row.regime_hash for row in rows}
    for content_hash in hashes.values():
        yield regime_at(content_hash)
    if profile is not None:
        yield from (one for one in regimes_of(profile.profile, shipped_regimes()) if one.id not in hashes)


def _events_of(incident: Incident, kept: Sequence[IncidentClock], filings: Sequence[Filing]) -> list[ClockEvent]:
    """Return what has happened on an incident, as the rules take it; oral announcements are no filings."""
    records = clock_rows.clock_events_of(incident.id)
    aware = clock_rows.effective_awareness(records)
    found = [] if aware is None else [ClockEvent(AWARE, aware.happened_at)]
    for first, current in clock_rows.recorded_events(records):
        if current is not None:
            found.append(ClockEvent(current.kind, current.happened_at))
        elif first.kind == FACT_ADDED:
            found.append(ClockEvent(FACT_WITHDRAWN, first.happened_at))
    if incident.handled_at is not None:
        found.append(ClockEvent(HANDLED, incident.handled_at))
    its = {row.id: row for row in kept}
    for filing in filings:
        if not filing.is_oral:
            clock = its[filing.clock_id]
            is_proved, receipt = filing.is_proved, receipt_event(clock, filing)
            filed = ClockEvent("filed", filing.filed_at, clock.stage, clock.n, is_proved, clock.regime)
            found.append(replace(filed, returned_at=filing.returned_at))
            found += [] if receipt is None else [receipt]
    return found


def clock_facts(incident: Incident, at: dt.datetime) -> ClockFacts:
    """Return what is known of an incident at a moment (UTC): its grades, its numbers, and what is not reported."""
    decided = [one.decided for one in gradings.standing_decisions(incident.id) if one.state == IN_FORCE]
    questions = grading_questions(rule_sets_of(incident))
    answers: dict[str, object] = {}
    for key, answer in answers_of(incident).items():
        question = questions.get(key)
        if question is not None and question.kind == "number":
            answers[key] = answer.number_at(at, grows=question.grows)
    unreported = {
        one.regime: {"decision": one.id, "by": one.proposed_by, "confirmed_by": one.confirmed_by}
        for one in standing_not_reportable(incident.id)
        if one.state == IN_FORCE
    }
    return ClockFacts(decided[-1] if decided else None, grading_of(incident, at).possible, answers, unreported)


def _with_vanished(
    computed: Sequence[Clock], rows: Collection[IncidentClock], regime: Regime, events: Sequence[ClockEvent]
) -> list[Clock]:
    """Return the computed clocks, and those that are no longer computed as ones that do not apply.

    The supplement about a fact that was withdrawn stays filed.
    """
    there = {(one.stage, one.n) for one in computed}
    if computed:
        filed = (one for one in events if one.kind == "filed" and one.regime == regime.id and one.returned_at is None)
        there |= {(str(one.stage), one.n) for one in filed}
    gone = [row for row in rows if row.regime == regime.id and (row.stage, row.n) not in there]
    because = [Because("event_withdrawn" if computed else "not_yet")]
    return [*computed, *(replace(_as_clock(row), state="not_applicable", because=because) for row in gone)]


def _as_clock(row: IncidentClock) -> Clock:
    return Clock(
        regime=row.regime,
        stage=row.stage,
        hop=row.hop,
        n=row.n,
        state=row.state,
        start_at=row.start_at,
        due_at=row.due_at,
        lawful_at=row.lawful_at,
        because=[],
        to=[],
        waits_for=row.waits_for,
    )


def _start(uow: UnitOfWork, incident: Incident, clock: Clock, regime: Regime, profile_id: int | None) -> IncidentClock:
    if profiles.regime_version(regime.content_hash) is None:
        content = shipped_regime_data()[regime.id].decode()
        uow.add(profiles.RegimeVersion(content_hash=regime.content_hash, regime=regime.id, content=content))
    return uow.add(
        IncidentClock(
            incident_id=incident.id,
            regime=clock.regime,
            stage=clock.stage,
            hop=clock.hop,
            n=clock.n,
            state=clock.state,
            start_at=clock.start_at,
            due_at=clock.due_at,
            lawful_at=clock.lawful_at,
            because=_because(clock),
            waits_for=clock.waits_for,
            reason=None,
            regime_hash=regime.content_hash,
            profile_id=profile_id,
            changed_at=uow.now,
        )
    )


def _update(uow: UnitOfWork, row: IncidentClock, clock: Clock) -> bool:
    """Store a clock as it is now; return whether its state or its due changed."""
    is_changed = (row.state, row.due_at) != (clock.state, clock.due_at)
    row.because = _because(clock)
    row.state, row.waits_for = clock.state, clock.waits_for
    row.start_at, row.due_at, row.lawful_at = clock.start_at, clock.due_at, clock.lawful_at
    if is_changed:
        row.changed_at = uow.now
    return is_changed


def _because(clock: Clock) -> list[dict[str, Any]]:
    return [{"code": one.code, **_plain(one.arguments)} for one in clock.because]


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: format_moment(value) if isinstance(value, dt.datetime) else value for name, value in arguments.items()
    }


def _said(row: IncidentClock) -> dict[str, Any]:
    due = None if row.due_at is None else format_moment(row.due_at)
    return {"regime": row.regime, "stage": row.stage, "n": row.n, "state": row.state, "due_at": due}
