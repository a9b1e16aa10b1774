"""Corrections of the register on each database: what the journal keeps, terms and reminders that follow."""

import datetime as dt
import json
from typing import Any

import pytest

from incident.actions.documents import incoming
from incident.actions.documents.paper_corrections import correct_paper
from incident.core.values.faults import RuleError
from incident.store.documents.service_attempts import services_of
from incident.store.journal import journal
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from tests.actions.documents.test_documents import SIGNER, number_by, reviewed, take
from tests.actions.documents.test_incoming import register
from tests.actions.documents.test_reminders import with_department
from tests.actions.documents.test_serving import sealed, serve
from tests.world import BY, World, only

DAY = dt.timedelta(days=1)


def correct(world: World, paper_id: int, version: int | None = None, **changes: Any) -> None:
    correct_paper(paper_id, changes, "抄错了", BY, world.now, version)


def test_the_journal_keeps_what_the_entry_said_and_says_now_and_why(world: World) -> None:
    incident = world.open()
    paper = register(world, incident)
    correct(world, paper.id, 1, sender="Z公司", title=paper.title, received_at=world.now - DAY)
    [entry] = [one for one in journal.latest_entries_of(incident.number, 9) if one.event_type == "paper.corrected"]
    detail = json.loads(entry.detail)
    assert detail["before"] == {"sender": "Y公司", "received_at": "2026-03-02T01:00:00.000000Z"}
    assert detail["after"] == {"sender": "Z公司", "received_at": "2026-03-01T01:00:00.000000Z"}
    assert (detail["reason"], detail["number"]) == ("抄错了", "收〔2026〕1号")


def test_a_correction_is_refused_with_what_is_wrong(world: World) -> None:
    incident = world.open()
    number_by(world)
    paper = register(world, incident)
    for code, version, changes in (
        (r"version\.stale", 7, {"sender": "Z公司"}),
        ("nothing_corrected", 1, {"sender": "Y公司"}),
        ("in_the_future", 1, {"received_at": world.now + DAY}),
        ("due_before", 1, {"due_at": world.now - DAY}),
    ):
        with pytest.raises(RuleError, match=code):
            correct(world, paper.id, version, **changes)
    answer = reviewed(world, incident)
    incoming.answer_paper(paper.id, answer, BY, world.now)
    correct(world, paper.id, sender="Z公司")
    take(world, answer, "sign", SIGNER)
    with pytest.raises(RuleError, match="is_answered"):
        correct(world, paper.id, sender="Y公司")
    incoming.finish_paper(paper.id, "已复函", BY, world.now)
    with pytest.raises(RuleError, match="is_done"):
        correct(world, paper.id, sender="Y公司")


def test_a_corrected_sender_ends_the_right_term_and_lets_the_wrong_one_run_again(world: World) -> None:
    incident = world.open(detected_at=world.now)
    order = sealed(world, incident)
    for party in ("Y公司", "Z公司"):
        serve(world, order, to=party, term_days=15)
    paper = register(world, incident, answers=order)
    assert [one.answered_at for one in services_of(order)] == [world.now, None]
    correct(world, paper.id, sender="Z公司")
    first, second = services_of(order)
    assert (first.answered_at, second.answered_at) == (None, world.now)
    assert only(Timer, subject_type="term", state="pending").subject_id == first.id


def test_reminders_follow_the_corrected_due(world: World) -> None:
    incident = with_department(world)
    paper = register(world, incident, due_at=world.now + 10 * DAY)
    world.after(days=9)
    assert only(Notice, purpose="paperwork").state == "open"
    correct(world, paper.id, due_at=world.now + 90 * DAY)
    assert only(Notice, purpose="paperwork").state == "withdrawn"
    assert world.after(days=30) == []
    correct(world, paper.id, due_at=world.now)
    assert "Overdue" in world.after(minutes=1)[0].message.subject
    correct(world, paper.id, due_at=None)
    assert only(Notice, purpose="paperwork").state == "withdrawn"
    assert world.after(days=9) == []
