"""The decision about an alert."""

from dataclasses import replace
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.alert import Alert
from incident.core.incidents.triage import REASON_WORDS, Decision, OpenIncident, Reason, decide

FIRING = Alert(source="alertmanager", fingerprint="f1", title="Disk full", labels={"host": "db-1"})
RESOLVED = replace(FIRING, status="resolved")


def standing(last: Alert) -> OpenIncident:
    return OpenIncident("INC-2026-000001", last.status, last.digest)


def test_a_firing_alert_opens_an_incident() -> None:
    assert decide(FIRING, None) == Decision("open", "new")


def test_firing_again_after_closing_opens_a_new_one_that_names_the_old() -> None:
    decision = decide(FIRING, None, "INC-2026-000001")
    assert (decision.kind, decision.reason) == ("open", "again_after_closing")
    assert decision.names_earlier == "INC-2026-000001"


def test_the_same_alert_twice_makes_one_incident_and_no_news() -> None:
    decision = decide(replace(FIRING, description="other words"), standing(FIRING), "INC-2025-000007")
    assert decision == Decision("attach", "repeated", "INC-2026-000001", has_news=False)


def test_an_alert_that_tells_more_is_attached_as_news() -> None:
    decision = decide(replace(FIRING, grade=2), standing(FIRING))
    assert (decision.kind, decision.reason, decision.has_news) == ("attach", "changed", True)


def test_a_resolved_alert_adds_an_entry_and_never_closes() -> None:
    decision = decide(RESOLVED, standing(FIRING))
    assert decision == Decision("attach", "resolved", "INC-2026-000001")


def test_resolved_twice_is_no_news() -> None:
    assert decide(RESOLVED, standing(RESOLVED)).reason == "repeated"


def test_firing_again_while_open_is_news() -> None:
    assert decide(FIRING, standing(RESOLVED)).reason == "firing_again"


def test_a_resolved_alert_with_nothing_open_is_let_go() -> None:
    assert decide(RESOLVED, None, "INC-2026-000001") == Decision("ignore", "nothing_open", has_news=False)


def test_an_incident_without_any_alert_yet_takes_the_first() -> None:
    assert decide(FIRING, OpenIncident("INC-2026-000002")).reason == "changed"


@given(
    st.lists(st.sampled_from(["firing", "resolved", "closed"]), max_size=30),
)
def test_never_two_incidents_are_open_for_one_fingerprint(happenings: list[str]) -> None:
    opened: str | None = None
    closed: str | None = None
    last = FIRING
    for count, happening in enumerate(happenings):
        if happening == "closed":
            closed = closed if opened is None else opened
            opened = None
            continue
        alert = FIRING if happening == "firing" else RESOLVED
        seen = OpenIncident(opened, last.status, last.digest) if opened else None
        decision = decide(alert, seen, closed)
        assert (decision.kind == "open") == (opened is None and happening == "firing")
        assert decision.incident == (opened if decision.kind == "attach" else None)
        assert decision.names_earlier == (closed if decision.kind == "open" else None)
        opened, last = (f"INC-{count}" if decision.kind == "open" else opened), alert


def test_every_reason_has_words() -> None:
    assert set(REASON_WORDS) == set(get_args(Reason))
