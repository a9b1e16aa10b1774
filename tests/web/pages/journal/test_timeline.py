"""Journal entries as sentences: every event type has one, in both languages."""

import datetime as dt
import json
from typing import Any

import pytest

from incident.core.incidents.triage import REASON_WORDS
from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.store.journal.journal import Entry
from incident.web.pages.journal.timeline import describe_entry
from incident.web.pages.names import Names
from tests.web.office import Office

AT = dt.datetime(2026, 11, 21, 8, 30, tzinfo=dt.UTC)
NAMES = Names(
    {"notice:1": "Emergency response", "task:1": "Isolate", "run:1": "Contain"},
    {"run:1": {"action--1": "Isolate", "action--2": "Tell"}},
    {"CERT": "Emergency response"},
)


def said(
    office: Office, event_type: str, subject: str, language: str = "en", by: str = "scheduler", **detail: Any
) -> str:
    entry = Entry(
        seq=1,
        at=AT,
        actor=by,
        event_type=event_type,
        subject=subject,
        detail=json.dumps(detail),
        hash="",
        incident=None,
    )
    with office.app.test_request_context(headers={"Cookie": f"language={language}"}):
        notified = describe_entry(entry, NAMES)
    return f"{notified.said} [{notified.actor}]"


@pytest.mark.parametrize("reason", REASON_WORDS)
def test_the_entry_of_an_alert_shows_no_code_of_its_reason(office: Office, reason: str) -> None:
    entry = Entry(
        seq=1, at=AT, actor="scheduler", event_type="alert.attached", subject="incident:1", incident=None, hash="",
        detail=json.dumps({"alert": {"title": "Disk"}, "reason": reason}),
    )  # fmt: skip
    with office.app.test_request_context():
        described = describe_entry(entry, NAMES)
    assert not described.quotes
    assert "Disk" in described.said
    assert reason not in described.said


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_every_event_type_has_a_sentence_even_without_detail(office: Office, language: str) -> None:
    for event_type in EVENT_TYPE_WORDS:
        sentence = said(office, event_type, "notice:9", language)
        assert event_type not in sentence
        assert "%(" not in sentence


@pytest.mark.parametrize(
    ("event_type", "subject", "detail", "sentence"),
    [
        ("notice.created", "notice:1", {"department": "CERT", "level": 1, "contacts": ["Duty", "Desk"]},
         "Emergency response notified at level 1: Duty, Desk"),
        ("notice.created", "notice:1", {"department": "CERT", "level": 1, "contacts": ["Zhao sms"], "people": ["Zhao"],
                                        "because": [{"notify": "head", "people": ["Zhao"], "on_leave": ["Ma"]}]},
         "Emergency response notified at level 1: Zhao (Zhao sms). On leave: Ma"),
        ("notice.escalated", "notice:1", {"department": "CERT", "level": 2, "contacts": []},
         "No one acknowledged in time. Emergency response has no contact and cannot be notified."),
        ("notice.acknowledged", "notice:1", {"level": 1, "via": "link"}, "Emergency response has acknowledged"),
        ("message.failed", "message:x", {"contact": "Head", "channel": "webhook", "answer": "500"},
         "Message to Head by webhook failed and will be retried: 500"),
        ("task.completed", "task:1", {"result": "failed"}, "Task “Isolate” could not be done"),
        ("run.ended", "run:1", {"state": "succeeded", "changes": [
            {"effect": "step_changed", "step": "action--1", "after": "running"},
            {"effect": "step_changed", "step": "action--1", "after": "succeeded"},
            {"effect": "step_changed", "step": "end--1", "after": "succeeded"},
        ]}, "“Isolate” succeeded. Playbook “Contain” ended: succeeded"),
        ("incident.changed", "incident:x", {"before": {"grade": None}, "after": {"grade": 2, "description": "x"}},
         "grade: – → II; description changed"),
        ("incident.changed", "incident:x", {"before": {}, "after": {"region": "330106", "sector": "water"}},
         "sector: – → Water; region: – → Zhejiang 330106"),
        ("machinery.alarmed", "x", {"troubles": [{"code": "disk.low", "arguments": {"free": 9}}], "to": "sms"},
         "Only 9 MiB free on the disk of the home. (notified by sms)"),
        ("incident.opened", "incident:x", {"earlier": "INC-2026-000001"},
         "Incident opened; the same alert was handled before in INC-2026-000001"),
    ],
)  # fmt: skip
def test_an_entry_says_what_was_done(
    office: Office, event_type: str, subject: str, detail: dict[str, Any], sentence: str
) -> None:
    assert said(office, event_type, subject, **detail) == f"{sentence} [the scheduler]"


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("person:3:Li: Wei", "Li: Wei"),
        ("token:4:prometheus", "prometheus (program)"),
        ("link:msg_1:Duty", "Duty (by link)"),
        ("public", "a member of the public"),
        ("delivery", "delivery"),
        ("tests", "tests"),
    ],
)
def test_an_actor_is_named_as_people_would(office: Office, actor: str, name: str) -> None:
    assert said(office, "incident.noted", "incident:x", by=actor) == f"Note added [{name}]"


FAULTS = [
    ("value_missing", {"names": ["__is_stolen__"], "type": "bool"}, "It asks for an answer that was not given"),
    ("value_mistyped", {"names": ["__is_stolen__"], "type": "bool"}, "does not fit its question."),
    ("value_not_asked", {"names": ["__is_stolen__"]}, "an answer that it does not ask for."),
    (
        "call_values",
        {"playbook": "playbook--1", "names": ["__is_stolen__"]},
        "all the answers which that one asks for.",
    ),
    ("call_argument", {"playbook": "playbook--1", "name": "__is_stolen__"}, "which that one does not ask for."),
    ("call_unknown", {"playbook": "playbook--1", "version": "2"}, "A playbook that it starts has not been added."),
    ("revoked", {"playbook": "playbook--1"}, "It has been revoked."),
    ("out_of_valid_from", {"playbook": "playbook--1", "at": "2027-01-01T00:00:00.000Z"}, "only from 1 January 2027"),
    ("out_of_valid_until", {"playbook": "playbook--1", "at": "2025-01-01T00:00:00.000Z"}, "until 1 January 2025"),
]


@pytest.mark.parametrize(("code", "args", "words"), FAULTS, ids=[one[0] for one in FAULTS])
def test_a_playbook_that_did_not_start_says_why_without_names_of_the_machine(
    office: Office, code: str, args: dict[str, Any], words: str
) -> None:
    faults = [{"code": code, "pointer": "/x", "args": args}] * 2
    for language in ("en", "zh_Hans_CN"):
        sentence = said(office, "run.refused", "playbook:1", language, name="Contain", faults=faults)
        assert "__" not in sentence
        assert "playbook--" not in sentence
    assert said(office, "run.refused", "playbook:1", name="Contain", faults=faults).count(words) == 1
