"""Reminders of what comes due: a paper, the term of a service, a document that is not served."""

import datetime as dt
import json
from dataclasses import replace

from incident.actions.delivery.deliver import message_facts
from incident.actions.delivery.news_mails import claim_news_mail
from incident.actions.directory import people
from incident.actions.documents import incoming, sign_offs
from incident.actions.documents.incoming import Handling
from incident.actions.documents.paper_corrections import correct_paper
from incident.actions.operations.housekeeping import beat
from incident.formats.messages import load_catalogues
from incident.node import Node
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import NewsItem
from incident.store.journal import journal
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from incident.store.queries.message_context import message_contexts
from tests.actions.delivery.test_news_mails import reader
from tests.actions.documents.test_documents import SIGNER, number_by, reviewed, row, take
from tests.actions.documents.test_incoming import register
from tests.actions.documents.test_serving import sealed, serve
from tests.world import BY, World, acknowledge_notice, only, rows


def person(world: World, login: str, role: str) -> Person:
    return people.add_person(login, login.title(), role, None, None, "en", BY, world.now)


def with_department(world: World) -> Incident:
    """An incident that a department leads, which has two levels a long time apart."""
    world.department("d01", [("first", 1), ("second", 2)], waits=(10_000, 10_000))
    incident = world.open("d01", detected_at=world.now)
    world.send()
    acknowledge_notice(only(Notice).id, BY, "inbox", world.now)
    return incident


def news_of(person_id: int) -> list[str]:
    return [one.words for one in rows(NewsItem, person_id=person_id)]


def subjects(world: World, **length: float) -> list[str]:
    """The subjects of the messages that are sent after some time, by who gets them."""
    return [f"{one.message.contact}: {one.message.subject}" for one in world.after(**length)]


def due_events(incident: Incident) -> list[tuple[str, str]]:
    found = journal.latest_entries_of(incident.number, 80)
    return [
        (one.event_type, str(json.loads(one.detail)["stage"]))
        for one in reversed(found)
        if one.event_type in {"paper.due", "document.term_due", "document.unserved_long"}
    ]


def test_a_paper_reminds_once_at_each_stage_until_it_is_done(world: World) -> None:
    incident = with_department(world)
    paper = register(world, incident, due_at=world.now + dt.timedelta(days=10))
    assert subjects(world, days=7, hours=23) == []
    [first] = subjects(world, hours=2)
    assert first == f"first: Due in 1 day 23 hours: Answer to an incoming paper ({incident.number})"
    assert subjects(world, hours=2) == []
    notice = only(Notice, purpose="paperwork")
    acknowledge_notice(notice.id, BY, "inbox", world.now)
    assert {one.split(":")[0] for one in subjects(world, days=2)} == {"first", "second"}
    assert {one.split(" by")[0] for one in subjects(world, days=1)} == {"first: Overdue", "second: Overdue"}
    assert subjects(world, days=30) == []
    assert due_events(incident) == [("paper.due", one) for one in ("soon", "due", "late")]
    incoming.finish_paper(paper.id, "已复函", BY, world.now)
    assert only(Notice, purpose="paperwork").state == "withdrawn"


def test_a_paper_that_is_answered_in_time_reminds_nobody(world: World) -> None:
    incident = with_department(world)
    number_by(world)
    paper = register(world, incident, due_at=world.now + dt.timedelta(days=10))
    answer = reviewed(world, incident)
    incoming.answer_paper(paper.id, answer, BY, world.now)
    assert len(rows(Timer, subject_type="paper", state="pending")) == 1
    take(world, answer, "sign", SIGNER)
    assert rows(Timer, subject_type="paper", state="pending") == []
    assert subjects(world, days=20) == []
    sign_offs.void_official_document(answer, "a wrong figure", BY, world.now)
    assert len(subjects(world, minutes=1)) == 2


def test_the_department_that_a_paper_is_given_to_is_reminded_instead_of_the_leading_one(world: World) -> None:
    person(world, "registrar", "responder")
    world.department("d01", [("lead", 1)])
    world.department("d02", [("office", 1)])
    incident = world.open("d01", "d02")
    world.send()
    boss = person(world, "boss", "coordinator")
    paper = register(world, incident, due_at=world.now + dt.timedelta(days=10))
    incoming.propose_handling(paper.id, Handling("拟请二处办理", "d02"), BY, world.now)
    assert [one.split(":")[0] for one in subjects(world, days=9)] == ["office"]
    assert news_of(boss.id) == []
    incoming.instruct_on_paper(paper.id, Handling("请一处办理", "d01"), BY, world.now)
    assert [one.split(":")[0] for one in subjects(world, minutes=1)] == ["lead"]
    assert [one.state for one in rows(Notice, purpose="paperwork")] == ["withdrawn", "open"]
    world.after(days=1)
    assert news_of(boss.id) == [f"paper due {paper.number}"]


def test_a_due_that_is_corrected_to_the_past_is_reminded_of_although_a_notice_stands(world: World) -> None:
    incident = with_department(world)
    paper = register(world, incident, due_at=world.now + dt.timedelta(days=100))
    assert len(subjects(world, days=81)) == 1
    due_at = paper.received_at + dt.timedelta(days=80, hours=12)
    correct_paper(paper.id, {"due_at": due_at}, "typed wrongly", BY, world.now)
    assert {one.split(":")[0] for one in subjects(world, minutes=1)} == {"first", "second"}
    assert [stage for _type, stage in due_events(incident)] == ["soon", "due"]


def test_a_paper_given_to_nobody_reminds_who_registered_it_and_the_coordinators(world: World) -> None:
    registrar, boss, other = (
        person(world, "registrar", "responder"),
        person(world, "boss", "coordinator"),
        person(world, "other", "responder"),
    )
    incident = world.open()
    new = incoming.NewPaper("letter", "一份来函", "Y公司", world.now, due_at=world.now + dt.timedelta(days=10))
    by = f"person:{registrar.id}:Registrar"
    paper = incoming.register_paper(incident.id, new, world.zone, by, world.now)
    world.after(days=9)
    assert [news_of(one.id) for one in (registrar, boss, other)] == [[f"paper soon {paper.number}"]] * 2 + [[]]


def test_of_a_work_secret_only_those_who_may_see_it_read(world: World) -> None:
    incident = with_department(world)
    registrar = person(world, "registrar", "responder")
    boss, other = person(world, "boss", "coordinator"), person(world, "other", "responder")
    register(world, incident, due_at=world.now + dt.timedelta(days=10), marking="work_secret")
    assert subjects(world, days=12) == []
    assert rows(Notice, purpose="paperwork") == []
    assert (len(news_of(registrar.id)), len(news_of(boss.id)), news_of(other.id)) == (1, 1, [])


def test_a_clock_that_jumps_over_all_stages_reminds_once(world: World) -> None:
    incident = with_department(world)
    register(world, incident, due_at=world.now + dt.timedelta(days=10))
    world.after(days=40)
    assert due_events(incident) == [("paper.due", "late")]
    assert rows(Timer, subject_type="paper", state="pending") == []


def test_a_timer_that_fires_early_after_the_clock_was_set_back_reminds_nobody_and_waits(world: World) -> None:
    incident = with_department(world)
    register(world, incident, due_at=world.now + dt.timedelta(days=10))
    world.after(days=9)
    world.forward(days=-8)
    timer = only(Timer, subject_type="paper", state="pending")
    timer.due_at = world.now
    db.session.commit()
    world.fire()
    assert due_events(incident) == [("paper.due", "soon")]
    assert only(Timer, subject_type="paper", state="pending").kind == "soon"


def test_after_a_clock_that_was_ahead_for_a_moment_each_stage_is_reminded_of_in_its_time(world: World) -> None:
    incident = with_department(world)
    register(world, incident, due_at=world.now + dt.timedelta(days=10))
    node = Node("tests", "a", "home")
    beat(node, 1, world.now)
    world.after(days=40)
    beat(node, 1, world.now)
    world.forward(days=-40)
    beat(node, 1, world.now)
    world.after(days=9)
    assert [stage for _type, stage in due_events(incident)] == ["late", "soon"]
    for days in (1, 1):
        world.after(days=days, hours=1)
    assert [stage for _type, stage in due_events(incident)] == ["late", "soon", "due", "late"]


def test_the_term_of_a_service_reminds_until_the_party_answers(world: World) -> None:
    incident = with_department(world)
    order = sealed(world, incident)
    serve(world, order, to="Y公司", term_days=15)
    assert rows(Timer, subject_type="unserved", state="pending") == []
    [first] = subjects(world, days=14)
    assert "Term of a served document" in first
    register(world, incident, answers=order)
    assert only(Notice, purpose="paperwork").state == "withdrawn"
    assert subjects(world, days=30) == []
    assert due_events(incident) == [("document.term_due", "soon")]


def test_a_document_that_is_not_served_for_a_week_reminds_until_it_is(world: World) -> None:
    incident = with_department(world)
    order = sealed(world, incident)
    [first] = subjects(world, days=6)
    assert "Service of a document" in first
    assert len(subjects(world, days=1)) == 2
    serve(world, order)
    assert subjects(world, days=30) == []
    assert due_events(incident) == [("document.unserved_long", one) for one in ("soon", "due")]
    assert row(order).state == "served"


def test_a_void_document_reminds_of_nothing(world: World) -> None:
    incident = with_department(world)
    order = sealed(world, incident)
    serve(world, order, term_days=15)
    sign_offs.void_official_document(order, "a wrong party", BY, world.now)
    assert subjects(world, days=40) == []


def test_messages_name_neither_title_nor_number_and_are_written_in_both_languages(world: World) -> None:
    incident = with_department(world)
    paper = register(world, incident, due_at=world.now + dt.timedelta(days=10), title="一份保密的来函")
    [sent] = world.after(days=9)
    assert f"http://incident.test/incoming-papers/{paper.id}" in sent.message.text
    row_ = only(Message, type="notice.created", notice_id=only(Notice, purpose="paperwork").id)
    facts = message_facts(row_, message_contexts([row_.id])[row_.id], world.post, "zh_Hans_CN", world.now)
    chinese = world.post.writer.write(facts, "zh_Hans_CN")
    assert chinese.subject == f"还剩1天：来文答复（{incident.number}）"
    for one in (sent.message.text, sent.message.subject, chinese.text, chinese.html):
        assert paper.title not in one
        assert paper.number not in one
    red = world.post.writer.write(replace(facts, tlp="red"), "zh_Hans_CN")
    assert "来文答复" not in red.text
    declined = world.post.writer.write(replace(facts, type="notice.declined", reason="人手不足"))
    assert declined.subject.startswith("Declined by Department d01.")
    assert "人手不足" in declined.text


def test_the_keeper_is_mailed_what_is_due_in_their_language(world: World) -> None:
    reader(world, "ann", "responder", "zh_Hans_CN")
    paper = register(world, with_department(world), due_at=world.now + dt.timedelta(days=10))
    world.after(days=9)
    world.forward(minutes=3)
    mail = claim_news_mail("http://incident.test", load_catalogues(), world.now)
    assert mail is not None
    assert f"来文答复即将到期：{paper.number}" in mail.message.text
    assert paper.title not in mail.message.text
