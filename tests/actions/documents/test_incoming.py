"""Incoming papers on each database: numbers, handling, circulation, answers, and who sees them."""

import datetime as dt
from dataclasses import replace

import pytest

from incident.actions.directory import people
from incident.actions.documents import incoming
from incident.actions.documents.incoming import Handling, NewPaper, register_paper
from incident.actions.merges.merge_incidents import MergeRequest, merge_incidents
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.documents.incoming import (
    IncomingPaper,
    answers_to,
    papers_answered_by,
    papers_answering,
    readers_of,
)
from incident.store.documents.service_attempts import services_of
from incident.store.incidents.incidents import Incident
from incident.store.queries.document_list import running_terms
from incident.store.queries.paper_list import PaperFilter, due_papers, list_papers, papers_for
from tests.actions.documents.test_documents import draft
from tests.actions.documents.test_serving import BOSS, picture, sealed, serve
from tests.world import BY, World, rows


def register(world: World, incident: Incident | None = None, **more: object) -> IncomingPaper:
    """Register a letter that came in now."""
    new = replace(NewPaper("letter", "关于整改情况的函", "Y公司", world.now), **more)  # type: ignore[arg-type]
    return register_paper((incident or world.open()).id, new, world.zone, BY, world.now)


def test_papers_are_numbered_without_gaps_also_at_once_and_exercises_apart(world: World) -> None:
    incident, drill = world.open(), world.open(title="A drill", speed=60)
    world.at_once(*[lambda: register(world, incident)] * 4)
    assert sorted(one.number for one in rows(IncomingPaper)) == [f"收〔2026〕{one}号" for one in range(1, 5)]
    with pytest.raises(RuleError, match="scan_unknown"):
        register(world, incident, scan=7)
    assert register(world, incident).number == "收〔2026〕5号"
    assert register(world, drill).number == "（演练）收〔2026〕1号"


def test_a_paper_is_proposed_instructed_read_answered_and_done(world: World) -> None:
    incident = world.open()
    reader = people.add_person("qian", "Qian", "responder", None, None, "en", BY, world.now)
    paper, document_id = register(world, incident), draft(world, incident)
    incoming.propose_handling(paper.id, Handling("拟请处置组研究答复"), BY, world.now, 1)
    boss = Viewer("coordinator", frozenset(), reader.id)
    assert [one.id for one, _ in papers_for(boss, 9, may_instruct=True)] == [paper.id]
    incoming.instruct_on_paper(paper.id, Handling("同意"), "person:3:Zhang", world.now, 2)
    assert papers_for(boss, 9, may_instruct=True) == []
    for _ in range(2):
        incoming.circulate_paper(paper.id, [reader.id], BY, world.now)
    assert [one.id for one, _ in papers_for(boss, 9, may_instruct=False)] == [paper.id]
    world.forward(hours=1)
    incoming.read_paper(paper.id, reader.id, f"person:{reader.id}:Qian", world.now)
    assert [(one.person_id, one.read_at) for one in readers_of(paper.id)] == [(reader.id, world.now)]
    with pytest.raises(RuleError, match="not_your_turn"):
        incoming.read_paper(paper.id, reader.id, BY, world.now)
    for _ in range(2):
        incoming.answer_paper(paper.id, document_id, BY, world.now)
    assert [one.id for one in answers_to(paper.id)] == [document_id]
    assert [one.id for one in papers_answered_by(document_id)] == [paper.id]
    assert incoming.finish_paper(paper.id, "已复函", BY, world.now).state == "done"
    with pytest.raises(RuleError, match="is_done"):
        incoming.propose_handling(paper.id, Handling("again"), BY, world.now)


def test_a_paper_that_answers_an_order_ends_the_term_of_its_sender(world: World) -> None:
    incident = world.open(detected_at=world.now)
    order = sealed(world, incident)
    serve(world, order, to="Y公司", term_days=15)
    serve(world, order, to="Z公司", term_days=15)
    world.forward(days=2)
    assert [one.recipient for one, _row in running_terms(BOSS, None, 9)] == ["Y公司", "Z公司"]
    paper = register(world, incident, kind="rectification_report", answers=order)
    assert [one.recipient for one, _row in running_terms(BOSS, None, 9)] == ["Z公司"]
    assert [(one.recipient, one.answered_at) for one in services_of(order)] == [("Y公司", world.now), ("Z公司", None)]
    assert [one.id for one in papers_answering(order)] == [paper.id]
    with pytest.raises(RuleError, match="answer_unknown"):
        register(world, answers=order)


def test_what_is_due_is_listed_by_its_due_until_it_is_done(world: World) -> None:
    later, sooner, _without = (
        register(world, due_at=world.now + dt.timedelta(days=2)),
        register(world, due_at=world.now + dt.timedelta(days=1)),
        register(world),
    )
    assert [one.id for one, _ in due_papers(BOSS, None, 9)] == [sooner.id, later.id]
    assert sooner.due_at is not None
    assert [one.id for one, _ in due_papers(BOSS, (sooner.due_at, sooner.id), 9)] == [later.id]
    incoming.finish_paper(sooner.id, "done", BY, world.now)
    assert [one.id for one, _ in due_papers(BOSS, None, 9)] == [later.id]


def test_a_paper_of_a_red_incident_or_with_a_work_secret_is_for_those_who_may_see_it(world: World) -> None:
    red, plain = register(world, world.open(tlp="red")), register(world)
    secret = register(world, marking="work_secret")
    responder = Viewer("responder", frozenset(), 99)
    for viewer, expected in ((BOSS, {red.id, plain.id, secret.id}), (responder, {plain.id})):
        assert {one.id for one, _ in list_papers(viewer, PaperFilter(), None, 9)} == expected
    registrar = Viewer("responder", frozenset(), 1)
    assert {one.id for one, _ in list_papers(registrar, PaperFilter(), None, 9)} == {plain.id, secret.id}


def test_of_two_who_write_at_once_on_one_version_one_is_told(world: World) -> None:
    paper = register(world)
    done = world.at_once(*[lambda: incoming.propose_handling(paper.id, Handling("x"), BY, world.now, 1)] * 2)
    assert [one.code for one in done if isinstance(one, RuleError)] == ["version.stale"]


def test_after_a_merge_papers_name_files_and_documents_of_both_incidents(world: World) -> None:
    duplicate, survivor, other = world.open(detected_at=world.now), world.open(), world.open()
    order, scan = sealed(world, duplicate), picture(world, duplicate)
    serve(world, order, to="Y公司", term_days=15)
    merge_incidents(MergeRequest(duplicate.id, survivor.id, "the same mail"), BY, world.now)
    assert register(world, duplicate, scan=scan).evidence_id == scan
    assert register(world, survivor, scan=scan, answers=order).answers_id == order
    assert running_terms(BOSS, None, 9) == []
    for wrong in ({"scan": scan}, {"answers": order}):
        with pytest.raises(RuleError, match="unknown"):
            register(world, other, **wrong)
