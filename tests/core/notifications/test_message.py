"""Messages and the details that they may contain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incident.core.notifications.message import (
    MESSAGE_TYPES,
    WITHHELD_TITLE,
    Accepted,
    DeadlineFacts,
    DeliveryError,
    Message,
    MessageFacts,
    TaskFacts,
    clean_detail,
    data_of,
)

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SECRETS = ("Ransomware", "Isolate", "malware", "2026-11-21T05")


def facts(tlp: str) -> MessageFacts:
    return MessageFacts(
        type="task.created",
        at=AT,
        department="Net",
        incident="INC-2026-000001",
        title="Ransomware",
        grade=2,
        category="malware",
        tlp=tlp,
        notice=7,
        acknowledge_url="https://i.example/a/x",
        task=TaskFacts("Isolate", datetime(2026, 11, 21, 5, 0, tzinfo=UTC)),
    )


def test_the_data_of_a_webhook_has_these_members() -> None:
    assert data_of(facts("amber")) == {
        "notice": 7,
        "incident": "INC-2026-000001",
        "title": "Ransomware",
        "grade": 2,
        "level": 1,
        "purpose": "handling",
        "acknowledge_url": "https://i.example/a/x",
        "task": {"title": "Isolate", "due_at": "2026-11-21T05:00:00Z"},
    }


def test_the_data_of_a_deadline_name_report_recipients_and_due_unless_the_incident_is_tlp_red() -> None:
    due = DeadlineFacts("First report", "CAC", AT, timedelta(minutes=-5))
    amber, red = (replace(facts(tlp), task=None, purpose="deadline", deadline=due) for tlp in ("amber", "red"))
    assert data_of(amber)["purpose"] == data_of(red)["purpose"] == "deadline"
    assert data_of(amber)["deadline"] == {"report": "First report", "to": "CAC", "due_at": "2026-11-21T03:00:00Z"}
    assert "deadline" not in data_of(red)


def test_of_tlp_red_no_content_leaves() -> None:
    data = data_of(facts("red"))
    assert (data["title"], data["grade"], data["incident"]) == (WITHHELD_TITLE, None, "INC-2026-000001")
    assert data["task"] == {"title": WITHHELD_TITLE, "due_at": None}
    assert not any(secret in repr(data) + repr(facts("red").without_content()) for secret in SECRETS)


def test_a_message_does_not_show_its_secret() -> None:
    message = Message(
        webhook_id="msg_1",
        type=MESSAGE_TYPES[0],
        at=AT,
        sent_at=AT,
        contact="Net",
        channel="webhook",
        address="https://h.example",
        secret="whsec_hush",
    )
    assert "hush" not in repr(message)


@given(st.text())
def test_a_detail_is_one_short_line_whatever_a_server_says(text: str) -> None:
    for detail in (clean_detail(text), Accepted(text).detail, DeliveryError(text, permanent=False).detail):
        assert len(detail) <= 500
        assert detail.isprintable()


def test_a_long_detail_is_cut_and_shows_it() -> None:
    assert clean_detail("x" * 1000) == "x" * 499 + "…"
