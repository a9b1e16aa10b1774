"""Drafting, signing and numbering documents, on each database."""

from typing import Any

import pytest
from sqlalchemy import update

from incident.actions.documents import sign_offs
from incident.actions.documents.drafting import NewDocument, change_draft, draft_document
from incident.actions.documents.series_settings import put_series, series_version
from incident.actions.unit_of_work import UnitOfWork
from incident.core.documents.numbering import NumberSeries
from incident.core.values.access import Viewer
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.documents.documents import DocumentSignOff, OfficialDocument
from incident.store.documents.series import DocumentCount, all_series
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.queries import search_rebuild
from incident.store.queries.document_list import DocumentFilter, list_documents
from tests.world import BY, World, rows

REVIEWER, SIGNER, FOURTH = "person:2:Wang Fang", "person:3:Zhang San", "person:4:Zhao Si"
PROGRAM = "token:1:robot"
BOSS = Viewer("coordinator", frozenset(), 1)
WORDS = {"issuer": "X", "addressee": "Y", "reasons": "甲", "matters": "乙", "contact": "丙"}


def number_by(world: World, word: str = "X网信", form: str | None = None) -> None:
    """Give reports and requests an issuer word."""
    put_series([NumberSeries("report", word, *([form] if form else []))], BY, world.now)


def draft(world: World, incident: Incident | None = None, by: str = BY, **more: Any) -> int:
    """Draft a complete request and return its id."""
    new = NewDocument(**{"kind": "request-for-instructions", "words": WORDS} | more)
    return draft_document((incident or world.open()).id, new, world.zone, by, world.now).id


def reviewed(world: World, incident: Incident | None = None, **more: Any) -> int:
    """A document that waits for its signature."""
    document_id = draft(world, incident, **more)
    sign_offs.submit_draft(document_id, BY, world.now)
    take(world, document_id, "review", REVIEWER)
    return document_id


def take(world: World, document_id: int, step: Any, by: str, department: str | None = None) -> OfficialDocument:
    return sign_offs.sign_off_document(document_id, step, department, world.zone, by, world.now)


def row(document_id: int) -> OfficialDocument:
    return db.session.get_one(OfficialDocument, document_id, populate_existing=True)


def test_fifty_signings_at_once_leave_no_gap(world: World) -> None:
    number_by(world)
    incidents = [world.open() for _ in range(5)]
    waiting = [reviewed(world, incidents[index % 5]) for index in range(50)]
    db.session.rollback()
    done = world.at_once(*[lambda one=one: take(world, one, "sign", SIGNER) for one in waiting])
    assert [one for one in done if isinstance(one, Exception)] == []
    assert sorted(one.count or 0 for one in rows(OfficialDocument)) == list(range(1, 51))
    assert len({one.number for one in rows(OfficialDocument)}) == 50


def test_a_signature_that_fails_at_the_last_moment_takes_no_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number_by(world)
    first, second = reviewed(world), reviewed(world)

    def die(_uow: UnitOfWork, *_more: object, **_others: object) -> None:
        db.session.flush()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sign_offs, "record_step", die)
        with pytest.raises(KeyboardInterrupt):
            take(world, first, "sign", SIGNER)
    assert rows(DocumentCount) == []
    assert (row(first).state, row(first).number) == ("to_sign", None)
    assert [one.step for one in rows(DocumentSignOff, document_id=first)] == ["draft", "review"]
    assert take(world, second, "sign", SIGNER).number == "X网信〔2026〕1号"
    assert take(world, first, "sign", SIGNER).number == "X网信〔2026〕2号"


def test_the_same_signature_twice_at_once_takes_one_number(world: World) -> None:
    number_by(world)
    document_id = reviewed(world)
    done = world.at_once(*[lambda: take(world, document_id, "sign", SIGNER)] * 2)
    assert sorted(one.code for one in done if isinstance(one, RuleError)) == ["official_document.is_signed"]
    assert [one.last for one in rows(DocumentCount)] == [1]


def test_a_word_that_changes_in_the_middle_of_a_year_begins_at_one_and_goes_on_when_it_comes_back(world: World) -> None:
    numbers = []
    for word in ("甲网信", "甲网信", "乙网信", "甲网信"):
        number_by(world, word)
        numbers.append(take(world, reviewed(world), "sign", SIGNER).number)
    assert numbers == ["甲网信〔2026〕1号", "甲网信〔2026〕2号", "乙网信〔2026〕1号", "甲网信〔2026〕3号"]
    number_by(world, "丙", "第{number}期〔{year}〕")
    take(world, reviewed(world), "sign", SIGNER)
    number_by(world, "丁", "第{number}期〔{year}〕")
    assert take(world, reviewed(world), "sign", SIGNER).number == "第2期〔2026〕"


def test_a_number_that_a_changed_form_would_give_twice_is_refused(world: World) -> None:
    number_by(world, "甲", "甲〔{year}〕{number}号")
    take(world, reviewed(world), "sign", SIGNER)
    number_by(world, "甲", "{word}〔{year}〕{number}号")
    document_id = reviewed(world)
    with pytest.raises(RuleError, match=r"official_document\.number_taken"):
        take(world, document_id, "sign", SIGNER)
    assert row(document_id).state == "to_sign"


def test_the_year_of_a_number_is_that_of_the_zone_and_each_year_begins_at_one(world: World) -> None:
    number_by(world)
    assert take(world, reviewed(world), "sign", SIGNER).number == "X网信〔2026〕1号"
    document_id = reviewed(world)
    world.now = world.now.replace(month=12, day=31, hour=16, minute=30)  # 0:30 of the new year in Shanghai
    assert take(world, document_id, "sign", SIGNER).number == "X网信〔2027〕1号"


def test_exercises_have_a_series_of_their_own_and_say_so(world: World) -> None:
    number_by(world)
    drill = world.open(title="A drill", speed=60)
    assert take(world, reviewed(world, drill), "sign", SIGNER).number == "（演练）X网信〔2026〕1号"
    assert take(world, reviewed(world), "sign", SIGNER).number == "X网信〔2026〕1号"


def test_a_voided_number_stays_and_is_not_given_again(world: World) -> None:
    number_by(world)
    first = reviewed(world)
    take(world, first, "sign", SIGNER)
    sign_offs.void_official_document(first, "wrong addressee", SIGNER, world.now)
    assert (row(first).number, row(first).void_reason) == ("X网信〔2026〕1号", "wrong addressee")
    assert take(world, reviewed(world), "sign", SIGNER).number == "X网信〔2026〕2号"


def test_without_an_issuer_word_nothing_is_signed(world: World) -> None:
    document_id = reviewed(world)
    with pytest.raises(RuleError, match=r"official_document\.no_series"):
        take(world, document_id, "sign", SIGNER)
    assert rows(DocumentSignOff, step="sign") == []


def test_one_byte_that_changed_behind_the_program_stops_the_signature(world: World) -> None:
    number_by(world)
    document_id = reviewed(world)
    db.session.execute(update(OfficialDocument).values(words=WORDS | {"matters": "己"}))
    db.session.commit()
    with pytest.raises(RuleError, match=r"official_document\.content_changed"):
        take(world, document_id, "sign", SIGNER)
    assert row(document_id).number is None


def test_a_change_voids_the_sign_offs_before_it_and_a_resubmitted_one_needs_them_again(world: World) -> None:
    number_by(world)
    document_id = reviewed(world)
    sign_offs.return_to_drafter(document_id, "too vague", SIGNER, world.now)
    assert (row(document_id).state, row(document_id).return_reason) == ("draft", "too vague")
    change_draft(document_id, {"words": {"matters": "丁"}}, world.zone, BY, world.now)
    sign_offs.submit_draft(document_id, BY, world.now)
    assert row(document_id).return_reason is None
    with pytest.raises(RuleError, match="waits_for_review"):
        take(world, document_id, "sign", SIGNER)
    take(world, document_id, "review", REVIEWER)
    signed = take(world, document_id, "sign", SIGNER)
    stored = rows(DocumentSignOff, document_id=document_id)
    assert [(one.step, one.voided_at is None) for one in stored] == [
        ("draft", True),
        ("review", False),
        ("review", True),
        ("sign", True),
    ]
    assert {one.content_hash for one in stored if one.voided_at is None and one.step != "draft"} == {
        signed.content_hash
    }


def test_who_changes_a_document_in_review_is_an_author_and_cannot_sign_it(world: World) -> None:
    number_by(world)
    document_id = reviewed(world)
    changed = change_draft(document_id, {"title": "Another"}, world.zone, FOURTH, world.now)
    assert changed.state == "draft"
    sign_offs.submit_draft(document_id, BY, world.now)
    for by, code in ((BY, "by_author"), (FOURTH, "by_author")):
        with pytest.raises(RuleError, match=code):
            take(world, document_id, "review", by)
    take(world, document_id, "review", REVIEWER)
    with pytest.raises(RuleError, match="same_person"):
        take(world, document_id, "sign", REVIEWER)


def test_a_program_drafts_and_signs_nothing_off(world: World) -> None:
    document_id = draft(world, by=PROGRAM)
    sign_offs.submit_draft(document_id, PROGRAM, world.now)
    with pytest.raises(RuleError, match=r"approval\.not_by_person"):
        take(world, document_id, "review", "token:2:other")


def test_a_fact_that_changes_after_the_cut_off_changes_nothing_until_the_facts_are_taken(world: World) -> None:
    incident = world.open(title="A scan")
    document_id = draft(world, incident)
    world.forward(hours=1)
    world.change(incident, title="A break-in", grade=2)
    change_draft(document_id, {"words": {"matters": "丁"}}, world.zone, BY, world.now)
    before = row(document_id)
    assert (before.facts["incident_title"], before.facts["cut_off"]) == ("A scan", "2026年3月2日9时00分")
    old = before.content_hash
    change_draft(document_id, {"take_facts": True}, world.zone, BY, world.now)
    after = row(document_id)
    assert (after.facts["incident_title"], after.facts["grade"]) == ("A break-in", "重大")
    assert after.facts["cut_off"] == "2026年3月2日10时00分"
    assert after.content_hash != old


def test_a_draft_with_a_missing_fact_is_not_submitted_and_all_that_is_missing_is_named(world: World) -> None:
    document_id = draft(world, kind="final-report", words={"issuer": "X"})
    with pytest.raises(RuleError) as fault:
        sign_offs.submit_draft(document_id, BY, world.now)
    missing = [one.pointer.removeprefix("/fields/") for one in fault.value.all]
    assert missing[:5] == ["addressee", "category", "grade", "detected_at", "handled_at"]
    assert {one.kind for one in fault.value.all} == {"conflict"}


def test_departments_countersign_at_once_each_for_itself(world: World) -> None:
    number_by(world)
    world.department("LEGAL")
    world.department("NOC")
    document_id = reviewed(world, countersigners=["LEGAL", "NOC"])
    with pytest.raises(RuleError, match="not_your_countersign"):
        take(world, document_id, "countersign", FOURTH, "PRESS")
    done = world.at_once(
        lambda: take(world, document_id, "countersign", FOURTH, "LEGAL"),
        lambda: take(world, document_id, "countersign", "person:5:Qian", "NOC"),
    )
    assert not [one for one in done if isinstance(one, Exception)], done
    assert row(document_id).state == "to_sign"
    with pytest.raises(RuleError, match=r"department\.unknown"):
        draft(world, countersigners=["LEGAL", "NOBODY"])


def test_an_order_to_rectify_needs_a_legal_review(world: World) -> None:
    incident = world.open(detected_at=world.now)
    words = dict.fromkeys(("issuer", "addressee", "facts", "law", "basis", "requirements", "due", "remedies"), "甲")
    document_id = reviewed(world, incident, kind="rectification-order", words=words)
    assert row(document_id).state == "in_legal_review"
    assert take(world, document_id, "legal_review", FOURTH).state == "to_sign"


def test_each_step_is_in_the_journal_with_the_hash_that_it_is_bound_to(world: World) -> None:
    number_by(world)
    document_id = reviewed(world)
    signed = take(world, document_id, "sign", SIGNER)
    take(world, document_id, "seal", FOURTH)
    sign_offs.archive_official_document(document_id, FOURTH, world.now)
    its = [one for one in rows(Entry) if one.subject == f"document:{document_id}"]
    assert [one.event_type.partition(".")[2] for one in its] == [
        "drafted",
        "submitted",
        "reviewed",
        "signed",
        "sealed",
        "archived",
    ]
    assert all(signed.content_hash in one.detail for one in its)
    assert all(one.incident for one in its)


def test_of_two_who_change_the_series_at_once_one_is_told(world: World) -> None:
    number_by(world)
    version = series_version(all_series())
    db.session.rollback()

    def change(word: str) -> None:
        put_series([NumberSeries("report", word)], BY, world.now, version)

    done = world.at_once(lambda: change("甲"), lambda: change("乙"))
    assert [one.code for one in done if isinstance(one, RuleError)] == ["version.stale"]


def test_the_register_finds_a_document_by_words_of_its_title_and_by_its_number_from_the_signature_on(
    world: World,
) -> None:
    number_by(world)
    document_id = reviewed(world, title="关于流量清洗的请示")

    def found(words: str) -> list[int]:
        return [one.id for one, _its in list_documents(BOSS, DocumentFilter(words=words), None, 9)]

    assert (found("流量清洗"), found("清洗 请示"), found("X网信〔2026〕1号")) == ([document_id], [document_id], [])
    take(world, document_id, "sign", SIGNER)
    assert (found("〔2026〕1号"), found("〔2026〕2号")) == ([document_id], [])
    other = draft(world, title="演习方案")
    change_draft(other, {"title": "流量方案"}, world.zone, BY, world.now)
    assert (found("流量"), found("演习")) == ([other, document_id], [])
    search_rebuild.rebuild()
    db.session.commit()
    assert found("流量") == [other, document_id]
